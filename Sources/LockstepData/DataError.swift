import Foundation

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
    /// One line, even where a file's name or content has several.
    public var description: String { String("\(source): \(message)".map { $0.isNewline ? " " : $0 }) }
    public var errorDescription: String? { description }
}
