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

    /// The answer, which `poll` says is there: opened or not; `nil` where the worker has ended.
    func answer() -> (isOpened: Bool, kilobytes: Int, problem: String?)? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(answers, &byte, 1) == 1 {
            if byte == 0x0a {
                let parts = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2).map(String.init)
                number = nil
                let seconds = Date().timeIntervalSince(start)
                var problem = parts[0] == "failed" ? parts[2] : nil
                if problem == nil, seconds > Reader.patience { problem = "took \(seconds) s" }
                if problem == nil, Int(parts[1])! > Reader.mostMemory { problem = "took \(Int(parts[1])! >> 10) MB" }
                return (parts[0] == "opened", Int(parts[1])!, problem)
            }
            line.append(byte)
        }
        return nil
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
        while let line = readLine(), let number = Int(line) {
            let file = try FuzzCase(number, seed: seed, corpus, scratch: scratch)
            let outcome =
                switch try reader.open(file) {
                case .opened: ("opened", "")
                case .refused: ("refused", "")
                case .failed(let problem): ("failed", problem)
                }
            var usage = rusage()
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            let answer = Array("\(outcome.0) \(usage.ru_maxrss) \(outcome.1.asLine(limit: 3000))\n".utf8)
            write(STDOUT_FILENO, answer, answer.count)
        }
    }
}
