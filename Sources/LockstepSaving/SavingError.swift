import Foundation
import LockstepData
import LockstepNN
import LockstepSystem

/// A model file that cannot be read or written: missing, of another kind, cut short, made for another model.
///
/// Its description is one line that names the file (and the part of it), what was expected, what was found and the way
/// out.
public struct SavingError: Error, Equatable, Sendable {
    /// The file, the member of an archive, or the group of an HDF5 file that is to blame.
    public let source: String
    /// What was expected, what was found, and what to do.
    public let message: String
    /// What a caller may know a way around.
    package let subject: Subject

    package enum Subject: Sendable {
        /// The file as a whole, its layers or its weights.
        case model
        /// The optimizer, loss or metrics that the file names: the model can be had without them, or with others.
        case compilation
    }

    public init(_ source: String, _ message: String) { self.init(source, message, about: .model) }

    package init(_ source: String, _ message: String, about subject: Subject) {
        (self.source, self.message, self.subject) = (source, message, subject)
    }

    /// The same error, with a way out that the caller knows.
    package func advising(_ advice: String) -> SavingError { SavingError(source, "\(message); \(advice)", about: subject) }
}

extension SavingError: CustomStringConvertible, LocalizedError {
    /// One line of limited length, whatever names are in a file.
    public var description: String { "\(source): \(message)".asLine() }
    public var errorDescription: String? { description }
}

/// Runs `body`; what is wrong with a file (`DataError`, `Files.Failure`) or a configuration (`ConfigError`) becomes a `SavingError`.
///
/// - Parameter source: the file or the part of it that holds the configuration.
func savingErrors<Result>(_ source: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as DataError {
        throw SavingError(error.source, error.message)
    } catch let error as ConfigError {
        throw SavingError(source, error.description)
    } catch let failure as Files.Failure {
        throw SavingError(source, failure.description)
    }
}
