import LockstepTensor

/// Makes the initial value of a weight.
public protocol Initializer: InitializerSpec {
    /// - Parameter key: what the numbers depend on, unless the initializer has a seed of its own.
    func make(_ shape: Shape, key: UInt64) -> Tensor
    /// Keras' class name and arguments.
    var className: String { get }
    var config: [ConfigValue.Entry] { get }
}

extension Initializer {
    public var className: String { String(describing: type(of: self)) }
    public func makeInitializer() -> any Initializer { self }
}

/// An initializer, or the name of one: `Dense(10, kernelInitializer: "he_normal")`.
public protocol InitializerSpec {
    /// - Throws: `ConfigError` for a name that is not known.
    func makeInitializer() throws -> any Initializer
}
extension String: InitializerSpec {
    public func makeInitializer() throws -> any Initializer { try Initializers.registry.make(self) }
}

extension InitializerSpec {
    /// The initializer that a program gave; an unknown name stops.
    func resolved(for owner: String) -> any Initializer {
        do { return try makeInitializer() } catch { Failure.report("\(owner): \(error)") }
    }
}

extension ConfigValue {
    init(_ value: Int?) { self = value.map { .int($0) } ?? .null }
}

/// The key of an initializer with a seed of its own is that seed.
func seeded(_ key: UInt64, _ seed: Int?) -> UInt64 {
    seed.map { Random.key("initializer", seed: UInt64(bitPattern: Int64($0))) } ?? key
}

extension Initializer {
    /// The form in which Keras writes an initializer into a layer's configuration.
    var serialized: ConfigValue { Initializers.registry.serialized(className, config, module: "keras.initializers") }
}
