import LockstepNN

/// Data or settings that do not fit the model: one line that names what was expected, what came and the way out.
public struct TrainingError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }

    static func notCompiled(_ model: Model) -> TrainingError { TrainingError("model \(model.name) is not compiled; call compile first") }
}
