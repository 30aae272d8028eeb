import LockstepTensor

/// A penalty that training makes small beside the loss: of a weight, or of what a layer gives out.
///
/// One of one's own overrides `callAsFunction`, and `config` if it has arguments:
///
///     final class Spread: Regularizer {
///         override func callAsFunction(_ x: Tensor) -> Tensor { x.max() - x.min() }
///     }
///
/// `keras.regularizers.Regularizer`.
open class Regularizer: RegularizerSpec {
    public init() {}

    /// The penalty of `x`, which has any shape: a scalar.
    open func callAsFunction(_ x: Tensor) -> Tensor {
        Failure.report("regularizer \(className) does not override callAsFunction(_:)")
    }

    /// Keras' class name and arguments.
    open var className: String { String(describing: type(of: self)) }
    open var config: [ConfigValue.Entry] { [] }

    public func makeRegularizer() -> Regularizer { self }
}

/// A regularizer, or the name of one: `"l2"`.
public protocol RegularizerSpec {
    /// - Throws: `ConfigError` for a name that is not known.
    func makeRegularizer() throws -> Regularizer
}
extension String: RegularizerSpec {
    public func makeRegularizer() throws -> Regularizer { try Regularizers.registry.make(self) }
}

extension RegularizerSpec {
    /// The regularizer that a program gave; an unknown name stops.
    func resolved(for owner: String) -> Regularizer {
        do { return try makeRegularizer() } catch { Failure.report("\(owner): \(error)") }
    }
}

public enum Regularizers {
    /// The regularizers that configurations name.
    nonisolated(unsafe) public static var registry = Registry<Regularizer>(
        "regularizer",
        [
            "L1": { L1(try $0.optionalNonNegative("l1") ?? 0.01) },
            "L2": { L2(try $0.optionalNonNegative("l2") ?? 0.01) },
            "L1L2": { try L1L2(config: $0) },
            "OrthogonalRegularizer": { try OrthogonalRegularizer(config: $0) },
        ], aliases: ["l1_l2": "L1L2"])
}

extension Config {
    func regularizer(_ key: String) throws -> Regularizer? { try read(key) { try Regularizers.registry.make($0) } }
}

extension Regularizer? {
    /// The form in which Keras writes a regularizer into a layer's configuration: null for none.
    var serialized: ConfigValue { map { Regularizers.registry.serialized($0.className, $0.config, module: "keras.regularizers") } ?? nil }
}

/// Stops at a factor of a penalty that is negative or no number, as Keras does.
func checkFactors(_ owner: String, _ factors: KeyValuePairs<String, Float>) {
    for (name, value) in factors {
        check(value >= 0 && value.isFinite, "\(owner): expected \(name) to be a finite number that is not negative, got \(value)")
    }
}
