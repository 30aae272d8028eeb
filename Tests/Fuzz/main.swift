import Foundation
import Lockstep

// Reads damaged files of all kinds, and ends with status 1 at the first that is neither opened nor refused in one line: that crashes,
// takes more than five seconds or more than a gigabyte, or makes another error.
//
//     fuzz [--seed S] [--start N] [--count C] [--seconds T] [--workers W]
//
// A case is known by its seed and number, and leaves its file in the current folder where it fails. To go on behind it: --start.

var options = ["seed": 1, "start": 0, "count": 20_000, "seconds": 600, "workers": 2]
var scratch: String?
var arguments = CommandLine.arguments.dropFirst()
while let option = arguments.popFirst() {
    let name = String(option.dropFirst(2)), value = arguments.popFirst() ?? ""
    if option == "--serve" {
        scratch = value
    } else if option.hasPrefix("--"), options[name] != nil, let number = Int32(value) {
        options[name] = Int(number)
    } else {
        Console.report("fuzz: expected --seed, --start, --count, --seconds or --workers with a whole number, found \(option) \(value)")
        exit(2)
    }
}
let seed = options["seed"]!
if let scratch {
    try Worker.serve(seed: seed, scratch: scratch)
    exit(0)
}

let folder = NSTemporaryDirectory() + "lockstep-fuzz-\(UUID().uuidString)"
let (first, start) = (options["start"]!, Date())
func seconds() -> Double { Date().timeIntervalSince(start) }

/// Leaves the file of a case, says what is wrong with it, and ends.
@MainActor func fail(_ number: Int, _ problem: String) throws -> Never {
    for worker in workers { _ = worker.stop() }
    let file = try FuzzCase(number, seed: seed, Corpus(scratch: "\(folder)/0"), scratch: "\(folder)/0")
    try Data(file.bytes).write(to: URL(fileURLWithPath: file.name))
    print("case \(number) of seed \(seed) (\(file.kind.rawValue)): \(problem)\n\(file.name) is left; go on with --start \(number + 1)")
    try? FileManager.default.removeItem(atPath: folder)
    exit(1)
}

signal(SIGPIPE, SIG_IGN)
func makeWorker(_ index: Int) throws -> Worker { try Worker(seed: seed, scratch: "\(folder)/\(index)") }
var workers = try (0 ..< max(1, options["workers"]!)).map(makeWorker)
var (next, memory) = (first, 0)
var counts: [Worker.Answer.Word: Int] = [:]
while true {
    for worker in workers where worker.number == nil {
        guard next < first + options["count"]!, seconds() < Double(options["seconds"]!) else { break }
        worker.begin(next)
        next += 1
    }
    if workers.allSatisfy({ $0.number == nil }) { break }
    var descriptors = workers.map { pollfd(fd: $0.number == nil ? -1 : $0.answers, events: Int16(POLLIN), revents: 0) }
    poll(&descriptors, nfds_t(descriptors.count), 500)
    for (index, worker) in workers.enumerated() {
        guard let number = worker.number else { continue }
        if descriptors[index].revents != 0 {
            guard let answer = worker.answer() else { try fail(number, "the process ended: \(worker.stop().map { "\($0)" } ?? "hangs")") }
            if let problem = answer.problem { try fail(number, problem) }
            counts[answer.word, default: 0] += 1
            memory = max(memory, answer.kilobytes)
            if answer.word == .ended {
                _ = worker.stop()
                workers[index] = try makeWorker(index)
            }
        } else if worker.hangs {
            _ = worker.stop()
            try fail(number, "is still being read after \(2 * Reader.patience) s")
        }
    }
}
for worker in workers { _ = worker.stop() }
try? FileManager.default.removeItem(atPath: folder)
print(
    """
    cases \(first) to \(next - 1) of seed \(seed) in \(String(format: "%.1f", seconds())) s: \(counts[.opened] ?? 0) opened, \
    \((counts[.refused] ?? 0) + (counts[.ended] ?? 0)) refused in one line (\(counts[.ended] ?? 0) of them by a failed check); 0 crashes, \
    0 hangs, at most \(memory >> 10) MB
    """)
