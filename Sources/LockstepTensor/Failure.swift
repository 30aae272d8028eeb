import Foundation
import LockstepSystem

/// Where programmer errors end: one line that names the operation or layer, what was expected and what came.
///
/// `precondition` loses its message under `-O`, so every check of the core goes through here. The `lockstep` program
/// replaces `stop` to name the rank and to end the job on all of them.
public enum Failure {
    /// Called with the message; must not return. One line on standard error, behind all that was printed, and status 2.
    nonisolated(unsafe) public static var stop: (String) -> Never = { message in
        Console.report(message)
        exit(2)
    }

    /// The layers and models that are being called, outermost first, as errors name them.
    nonisolated(unsafe) package static var scope: [String] = []
    /// The file that is being read, as errors name it.
    nonisolated(unsafe) private static var source: String?

    package static func report(_ message: String) -> Never {
        stop((source.map { "\($0): " } ?? "") + (scope.isEmpty ? "" : "in \(scope.joined(separator: "/")): ") + message)
    }

    /// Runs `body`, which reads `source`: what is refused meanwhile begins with its name.
    package static func reading<Result>(_ source: String, _ body: () throws -> Result) rethrows -> Result {
        let outer = self.source
        self.source = source
        defer { self.source = outer }
        return try body()
    }
}

/// Stops with `message` unless `condition` holds.
@inline(__always)
package func check(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { Failure.report(message()) }
}
