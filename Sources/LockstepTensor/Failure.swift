import Foundation

/// Where programmer errors end: one line that names the operation or layer, what was expected and what came.
///
/// `precondition` loses its message under `-O`, so every check of the core goes through here. The `lockstep` program
/// replaces `stop` to name the rank and to end the job on all of them.
public enum Failure {
    /// Called with the message; must not return.
    nonisolated(unsafe) public static var stop: (String) -> Never = { message in
        FileHandle.standardError.write(Data("lockstep: \(message)\n".utf8))
        fatalError(message)
    }

    /// The layers and models that are being called, outermost first, as errors name them.
    nonisolated(unsafe) package static var scope: [String] = []

    /// The file that is being read, or the part of it; in front of messages.
    nonisolated(unsafe) private static var source: String?

    /// Runs `body`, which makes layers as a file says: what they refuse is the fault of the file, and the message names it.
    package static func reading<Result>(_ source: String, _ body: () throws -> Result) rethrows -> Result {
        let outer = self.source
        self.source = source
        defer { self.source = outer }
        return try body()
    }

    package static func report(_ message: String) -> Never {
        stop((source.map { "\($0): " } ?? "") + (scope.isEmpty ? "" : "in \(scope.joined(separator: "/")): ") + message)
    }
}

/// Stops with `message` unless `condition` holds.
@inline(__always)
public func check(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { Failure.report(message()) }
}
