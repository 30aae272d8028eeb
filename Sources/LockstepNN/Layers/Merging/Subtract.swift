import LockstepTensor

/// The first input minus the second. `keras.layers.Subtract`.
///
/// - Inputs, output: as `Merge` has them.
public final class Subtract: Merge {
    public override init(name: String? = nil) { super.init(name: name) }

    convenience init(config: Config) throws { self.init(name: try config.optionalString("name")) }

    override var inputCount: Int? { 2 }
    override func merge(_ inputs: [Tensor]) -> Tensor { inputs[0] - inputs[1] }
}

/// The first input minus the second.
public func subtract(_ inputs: [KerasTensor], name: String? = nil) -> KerasTensor { Subtract(name: name)(inputs) }
public func subtract(_ inputs: [Tensor]) -> Tensor { Subtract()(inputs) }
