import LockstepTensor

/// The smallest of the inputs' elements at each place. `keras.layers.Minimum`.
///
/// - Inputs, output: as `Merge` has them. Elements that an input's mask leaves out do not count.
public final class Minimum: Merge {
    public override init(name: String? = nil) { super.init(name: name) }

    convenience init(config: Config) throws { self.init(name: try config.optionalString("name")) }

    override func merge(_ inputs: [Tensor]) -> Tensor { Merge.extreme(inputs) { LockstepTensor.minimum($0, $1) } }
}

/// The smallest of the inputs' elements at each place.
public func minimum(_ inputs: [KerasTensor], name: String? = nil) -> KerasTensor { Minimum(name: name)(inputs) }
public func minimum(_ inputs: [Tensor]) -> Tensor { Minimum()(inputs) }
