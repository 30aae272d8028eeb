import LockstepTensor

/// The largest of the inputs' elements at each place. `keras.layers.Maximum`.
///
/// - Inputs, output: as `Merge` has them. Elements that an input's mask leaves out do not count.
public final class Maximum: Merge {
    public override init(name: String? = nil) { super.init(name: name) }

    convenience init(config: Config) throws { self.init(name: try config.optionalString("name")) }

    override func merge(_ inputs: [Tensor]) -> Tensor { Merge.extreme(inputs) { LockstepTensor.maximum($0, $1) } }
}

/// The largest of the inputs' elements at each place.
public func maximum(_ inputs: [KerasTensor], name: String? = nil) -> KerasTensor { Maximum(name: name)(inputs) }
public func maximum(_ inputs: [Tensor]) -> Tensor { Maximum()(inputs) }
