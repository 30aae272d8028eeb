import ArgumentParser
import Foundation
import Lockstep

/// The `lockstep` program: its subcommands, and what happens to wrong arguments.
@main
struct LockstepProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lockstep",
        abstract: "Trains neural networks on many processes at once: Keras in Swift, on CPU clusters.",
        discussion: """
            Every command runs alone and, as it is, under a launcher:

              lockstep train configs/quickstart.yaml
              mpirun -n 2 lockstep train configs/quickstart.yaml
            """,
        version: LockstepProgram.version,
        subcommands: [
            Train.self, Evaluate.self, Predict.self, Summary.self, Plot.self, Runs.self, Convert.self, Verify.self, Diff.self, Audit.self,
            Doctor.self,
            Bench.self,
        ])

    static let version = "0.1.0"

    static func main() {
        Console.prepare()
        do {
            try refuseUnknownCommand(CommandLine.arguments.dropFirst().first)
            var command = try parseAsRoot()
            try command.run()
        } catch {
            end(error)
        }
    }

    /// The parser would call it an unexpected argument, and count those that follow.
    private static func refuseUnknownCommand(_ name: String?) throws {
        let known = configuration.subcommands.map { $0._commandName } + ["help"]
        guard let name, !name.hasPrefix("-"), !known.contains(name) else { return }
        throw ValidationError(unknownName("command", name, known))
    }

    /// Ends the process: help goes to standard output with status 0, wrong usage as one line to standard error with 2.
    ///
    /// MPI is not up yet, so ranks know each other only by what the launcher told them: the first one speaks. A launcher
    /// kills the other ranks as soon as one fails, so they let the first one finish its line.
    private static func end(_ error: any Error) -> Never {
        let isHelp = exitCode(for: error) == .success
        guard Launcher.rank ?? 0 == 0 else {
            if !isHelp { sleep(2) }
            Foundation.exit(isHelp ? 0 : 2)
        }
        if isHelp {
            Console.write(fullMessage(for: error) + "\n")
            if let failure = Console.outputFailure { Console.report(Job.lostOutput(failure)) }
            Foundation.exit(Console.outputFailure == nil ? 0 : 1)
        }
        // The full message ends in a usage text, whose last line names the subcommand's own help.
        let help = fullMessage(for: error).split(separator: "\n").last { $0.contains("--help") }
        let hint = help.flatMap { $0.split(separator: "'").dropFirst().first } ?? "lockstep --help"
        Console.report("\(message(for: error)); see '\(hint)'")
        Foundation.exit(2)
    }
}
