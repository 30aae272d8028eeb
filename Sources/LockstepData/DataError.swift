import Foundation
import LockstepSystem

/// Input that cannot be used: a file that is missing, cut short, of another kind; arrays that do not belong together.
///
/// Its description is one line that names the file (or array), what was expected, what was found and the way out.
public struct DataError: Error, Equatable, Sendable {
    /// The file, the member of an archive, or the array that is to blame.
    public let source: String
    /// What was expected, what was found, and what to do.
    public let message: String

    public init(_ source: String, _ message: String) {
        self.source = source
        self.message = message
    }
}

extension DataError: CustomStringConvertible, LocalizedError {
    /// One line of limited length, whatever a file's name or content has.
    public var description: String { "\(source): \(message)".asLine() }
    public var errorDescription: String? { description }
}

/// Runs `body`; what is wrong with the file at `path` (`Files.Failure`) becomes a `DataError` that names it.
func dataErrors<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let failure as Files.Failure { throw DataError(path, failure.description) }
}
