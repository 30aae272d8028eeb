import LockstepTensor

/// The sum of all inputs. `keras.layers.Add`.
///
/// - Inputs, output: as `Merge` has them.
public final class Add: Merge {
    public override init(name: String? = nil) { super.init(name: name) }

    convenience init(config: Config) throws { self.init(name: try config.optionalString("name")) }

    override func merge(_ inputs: [Tensor]) -> Tensor { inputs.dropFirst().reduce(inputs[0], +) }
}

/// The sum of all inputs.
public func add(_ inputs: [KerasTensor], name: String? = nil) -> KerasTensor { Add(name: name)(inputs) }
public func add(_ inputs: [Tensor]) -> Tensor { Add()(inputs) }
