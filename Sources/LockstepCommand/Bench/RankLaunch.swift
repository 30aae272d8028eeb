import Foundation
import Lockstep

/// Starts this very program on a number of ranks, and reads what it prints.
struct RankLaunch {
    /// The launcher and its options; the number of ranks and the program follow. `nil` takes `mpirun` on this host, and no
    /// launcher for one rank.
    let launcher: [String]?
    /// Cores of this host that a rank can have.
    private let cores = Peer.availableCores().count

    init(launcher: String?) {
        self.launcher = launcher.map { $0.split(separator: " ").map(String.init) }
        // A launcher that is left behind would go on for as long as it measures.
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                if runningLauncher > 0 { kill(runningLauncher, SIGTERM) }
                _exit(128 + number)
            }
        }
    }

    /// Runs `lockstep` with `arguments` to its end and returns the JSON objects that it printed, one a line.
    ///
    /// Its errors go to standard error as they come. If it ends with status 2, which stands for bad input, so does this
    /// process, as it has said why.
    ///
    /// - Throws: `InputError` if it cannot be started.
    func run(ranks: Int, _ arguments: [String]) throws -> [ConfigValue] {
        let command = self.command(ranks: ranks) + arguments
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        var environment = ProcessInfo.processInfo.environment
        // Open MPI asks root twice whether it means it; who runs this as root in a container does.
        if geteuid() == 0 {
            for name in ["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] { environment[name] = "1" }
        }
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        do { try process.run() } catch { throw InputError("\(command[0]): cannot be started: \(RankProcess.message(of: error))") }
        runningLauncher = process.processIdentifier
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        runningLauncher = 0
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            if process.terminationStatus == 2 { exit(2) }
            let end = process.terminationReason == .exit ? "ended with status" : "was ended by signal"
            Console.report("\(command.joined(separator: " ")): \(end) \(process.terminationStatus)")
            exit(1)
        }
        return text.split(separator: "\n").compactMap { try? ConfigValue(json: Data($0.utf8)) }
    }

    private func command(ranks: Int) -> [String] {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        if let launcher { return launcher + ["-n", String(ranks), program] }
        if ranks == 1 { return [program] }
        // As launch/train does: the program shares out cores itself. Quiet, as failed ranks say themselves what is wrong.
        return ["mpirun", "--quiet", "--bind-to", "none"] + (ranks > cores ? ["--oversubscribe"] : []) + ["-n", String(ranks), program]
    }
}

/// The process to end with this one; 0 for none. A signal handler can read nothing else.
nonisolated(unsafe) private var runningLauncher: pid_t = 0
