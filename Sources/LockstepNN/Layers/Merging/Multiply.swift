import LockstepTensor

/// The product of all inputs. `keras.layers.Multiply`.
///
/// - Inputs, output: as `Merge` has them.
///   Elements that an input's mask leaves out count as 1; where all do, the output is 0.
public final class Multiply: Merge {
    public override init(name: String? = nil) { super.init(name: name) }

    convenience init(config: Config) throws { self.init(name: try config.optionalString("name")) }

    override func merge(_ inputs: [Tensor]) -> Tensor {
        let masks = inputs.compactMap(Merge.spreadMask)
        let factors = inputs.map { input in Merge.spreadMask(input).map { `where`($0, input, Tensor(1)) } ?? input }
        let product = factors.dropFirst().reduce(factors[0], *)
        return masks.count == inputs.count ? `where`(masks.dropFirst().reduce(masks[0], logicalOr), product, Tensor(0)) : product
    }
}

/// The product of all inputs.
public func multiply(_ inputs: [KerasTensor], name: String? = nil) -> KerasTensor { Multiply(name: name)(inputs) }
public func multiply(_ inputs: [Tensor]) -> Tensor { Multiply()(inputs) }
