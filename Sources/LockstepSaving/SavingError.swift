import Foundation
import LockstepData
import LockstepNN

/// A model file that cannot be read or written: missing, of another kind, cut short, made for another model.
///
/// Its description is one line that names the file (and the part of it), what was expected, what was found and the way
/// out.
public struct SavingError: Error, Equatable, Sendable {
    /// The file, the member of an archive, or the group of an HDF5 file that is to blame.
    public let source: String
    /// What was expected, what was found, and what to do.
    public let message: String

    public init(_ source: String, _ message: String) {
        self.source = source
        self.message = message
    }
}

extension SavingError: CustomStringConvertible, LocalizedError {
    public var description: String { "\(source): \(message)" }
    public var errorDescription: String? { description }
}

/// Runs `body`; what is wrong with a file (`DataError`) or a configuration (`ConfigError`) becomes a `SavingError`.
///
/// - Parameter source: the file or the part of it that holds the configuration.
func savingErrors<Result>(_ source: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as DataError {
        throw SavingError(error.source, error.message)
    } catch let error as ConfigError {
        throw SavingError(source, error.description)
    }
}
