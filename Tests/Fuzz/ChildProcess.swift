import Foundation

/// A process that this one starts and waits for, with what it took.
struct ChildProcess {
    let id: pid_t

    /// How a process has ended.
    enum End: Equatable {
        case status(Int32)
        case signal(Int32)
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// - Parameters:
    ///   - arguments: the program's path first.
    ///   - input: descriptors that become standard input, output and error.
    init(_ arguments: [String], input: Int32, output: Int32, errors: Int32) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, descriptor) in [input, output, errors].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(index))
        }
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, arguments[0], &actions, nil, &words, environ)
        guard code == 0 else { throw Failure(description: "\(arguments[0]) cannot be started: \(String(cString: strerror(code)))") }
        self.id = id
    }

    /// Waits until it has ended, at most `seconds`; then it is killed.
    ///
    /// - Returns: `nil` for its end where it was killed, and the most memory that it had.
    func wait(_ seconds: Double) -> (end: End?, kilobytes: Int) {
        let start = Date()
        var status: Int32 = 0, usage = rusage(), wasKilled = false
        while wait4(id, &status, WNOHANG, &usage) == 0 {
            if !wasKilled, Date().timeIntervalSince(start) > seconds {
                kill(id, SIGKILL)
                wasKilled = true
            }
            usleep(2000)
        }
        let signal = status & 0x7f
        return (wasKilled ? nil : signal == 0 ? .status(status >> 8 & 0xff) : .signal(signal), usage.ru_maxrss)
    }
}
