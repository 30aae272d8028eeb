import LockstepTensor

/// The mean of all inputs. `keras.layers.Average`.
///
/// - Inputs, output: as `Merge` has them.
public final class Average: Merge {
    public override init(name: String? = nil) { super.init(name: name) }

    convenience init(config: Config) throws { self.init(name: try config.optionalString("name")) }

    override func merge(_ inputs: [Tensor]) -> Tensor { inputs.dropFirst().reduce(inputs[0], +) / Float(inputs.count) }
}

/// The mean of all inputs.
public func average(_ inputs: [KerasTensor], name: String? = nil) -> KerasTensor { Average(name: name)(inputs) }
public func average(_ inputs: [Tensor]) -> Tensor { Average()(inputs) }
