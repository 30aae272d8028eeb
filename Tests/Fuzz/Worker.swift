import Foundation
import Lockstep

/// A process that opens one file after the other, so that one which crashes or hangs is known by its number.
///
/// It reads the numbers of cases from standard input, and answers each with a line: what became of it, the most memory so far in
/// kilobytes, and what was wrong.
final class Worker {
    private(set) var number: Int?
    private var process: ChildProcess
    private let requests: Int32
    let answers: Int32
    private var start = Date()

    init(seed: Int, scratch: String) throws {
        var (toWorker, fromWorker) = ([Int32](repeating: 0, count: 2), [Int32](repeating: 0, count: 2))
        guard pipe(&toWorker) == 0, pipe(&fromWorker) == 0 else { throw ChildProcess.Failure(description: "no pipe can be made") }
        // A worker that inherited another's pipe would keep it open.
        for descriptor in toWorker + fromWorker { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let program = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().path
        process = try ChildProcess(
            [program, "--serve", scratch, "--seed", String(seed)], input: toWorker[0], output: fromWorker[1], errors: STDERR_FILENO)
        close(toWorker[0])
        close(fromWorker[1])
        (requests, answers) = (toWorker[1], fromWorker[0])
    }

    deinit {
        close(requests)
        close(answers)
    }

    func begin(_ number: Int) {
        self.number = number
        start = Date()
        let line = Array("\(number)\n".utf8)
        write(requests, line, line.count)
    }

    /// Whether the case takes longer than any may. The program that a worker starts has its own, shorter time.
    var hangs: Bool { number != nil && Date().timeIntervalSince(start) > 2 * Reader.patience }

    /// What a worker says of a file.
    struct Answer {
        enum Word: String {
            case opened, refused
            /// Refused by a failed check, which ends the process as it ends the program: in one line that names the file.
            case ended
            case failed
        }
        let word: Word
        let kilobytes: Int
        /// What is wrong, if anything.
        let problem: String?
    }

    /// The answer, which `poll` says is there; `nil` where the worker has ended without one.
    func answer() -> Answer? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(answers, &byte, 1) == 1, byte != 0x0a { line.append(byte) }
        let parts = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2).map(String.init)
        guard byte == 0x0a, parts.count >= 2, let word = Answer.Word(rawValue: parts[0]), let kilobytes = Int(parts[1]) else { return nil }
        number = nil
        let seconds = Date().timeIntervalSince(start)
        var problem: String?
        if word == .failed {
            problem = parts[2]
        } else if seconds > Reader.patience {
            problem = "took \(seconds) s"
        } else if kilobytes > Reader.mostMemory {
            problem = "took \(kilobytes >> 10) MB"
        }
        return Answer(word: word, kilobytes: kilobytes, problem: problem)
    }

    /// Ends it.
    ///
    /// - Returns: how it had ended before, if it had.
    func stop() -> ChildProcess.End? {
        number = nil
        return process.wait(0.2).end
    }

    // MARK: In the worker

    /// Opens what it is told to until there is no more.
    static func serve(seed: Int, scratch: String) throws {
        signal(SIGPIPE, SIG_IGN)
        setenv("SWIFT_BACKTRACE", "enable=no", 1)
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        let (corpus, reader) = (try Corpus(scratch: scratch), try Reader(scratch: scratch))
        // A file that makes the process ask for more ends it rather than the machine.
        var limit = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        func answer(_ word: Answer.Word, _ problem: String = "") {
            var usage = rusage()
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            let line = Array("\(word.rawValue) \(usage.ru_maxrss) \(problem.asLine(limit: 3000))\n".utf8)
            write(STDOUT_FILENO, line, line.count)
        }
        while let line = readLine(), let number = Int(line) {
            let file = try FuzzCase(number, seed: seed, corpus, scratch: scratch)
            Failure.stop = { message in
                answer(message.contains(file.name) ? .ended : .failed, "a failed check that does not name the file: \(message)")
                exit(2)
            }
            switch try reader.open(file) {
            case .opened: answer(.opened)
            case .refused: answer(.refused)
            case .failed(let problem): answer(.failed, problem)
            }
        }
    }
}
