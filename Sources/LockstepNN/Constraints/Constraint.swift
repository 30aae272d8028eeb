import LockstepTensor

/// What a weight must satisfy: after each step of training the weight becomes what this makes of it.
///
/// One of one's own overrides `callAsFunction`, and `config` if it has arguments:
///
///     final class Centered: Constraint {
///         override func callAsFunction(_ weight: Tensor) -> Tensor { weight - weight.mean() }
///     }
///
/// `keras.constraints.Constraint`.
open class Constraint: ConstraintSpec {
    public init() {}

    /// The weight's new value, of its shape and type.
    open func callAsFunction(_ weight: Tensor) -> Tensor {
        Failure.report("constraint \(className) does not override callAsFunction(_:)")
    }

    /// Keras' class name and arguments.
    open var className: String { String(describing: type(of: self)) }
    open var config: [ConfigValue.Entry] { [] }

    public func makeConstraint() -> Constraint { self }
}

/// A constraint, or the name of one: `"non_neg"`.
public protocol ConstraintSpec {
    /// - Throws: `ConfigError` for a name that is not known.
    func makeConstraint() throws -> Constraint
}
extension String: ConstraintSpec {
    public func makeConstraint() throws -> Constraint { try Constraints.registry.make(self) }
}

extension ConstraintSpec {
    /// The constraint that a program gave; an unknown name stops.
    func resolved(for owner: String) -> Constraint {
        do { return try makeConstraint() } catch { Failure.report("\(owner): \(error)") }
    }
}

/// max(w, 0). `keras.constraints.NonNeg`.
public final class NonNeg: Constraint {
    public override func callAsFunction(_ weight: Tensor) -> Tensor { maximum(weight, 0) }
}

public enum Constraints {
    /// The constraints that configurations name.
    nonisolated(unsafe) public static var registry = Registry<Constraint>(
        "constraint",
        [
            "MaxNorm": { MaxNorm(try $0.float("max_value", default: 2), axis: try NormAxes(config: $0)) },
            "NonNeg": { _ in NonNeg() },
            "UnitNorm": { UnitNorm(axis: try NormAxes(config: $0)) },
            "MinMaxNorm": {
                MinMaxNorm(
                    minValue: try $0.float("min_value", default: 0), maxValue: try $0.float("max_value", default: 1),
                    rate: try $0.float("rate", default: 1), axis: try NormAxes(config: $0))
            },
        ])
}

extension Config {
    func constraint(_ key: String) throws -> Constraint? { try read(key) { try Constraints.registry.make($0) } }
}

extension Constraint? {
    /// The form in which Keras writes a constraint into a layer's configuration: null for none.
    var serialized: ConfigValue { map { Constraints.registry.serialized($0.className, $0.config, module: "keras.constraints") } ?? nil }
}
