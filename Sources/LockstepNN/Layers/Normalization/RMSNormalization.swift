import LockstepTensor

/// Divides each sample by the root of its mean square over `axis`: `x / √(mean(x²) + epsilon) · scale`.
///
/// - Input, output: `[batch, …]`; integers become float32.
/// - Weights: `scale`, of the lengths of `axis`, from ones.
///
/// `keras.layers.RMSNormalization`; Zhang & Sennrich 2019. Keras multiplies by `scale` along the last axes whatever `axis` is; here it
/// lies along `axis`, which is the same wherever these are the last.
public final class RMSNormalization: Layer {
    /// As given; of a layer that is built, a list in ascending order, as Keras has it.
    public private(set) var axis: NormAxes
    public let epsilon: Float
    public private(set) var scale: Variable!

    /// - Parameter axis: one axis or several; negative axes count from the last.
    public init(axis: NormAxes = -1, epsilon: Float = 1e-6, name: String? = nil) {
        (self.axis, self.epsilon) = (axis, epsilon)
        super.init(name: name)
        checkFinite("RMSNormalization", ["epsilon": epsilon])
        warn("RMSNormalization", "epsilon", epsilon, atLeast: 0)
    }

    convenience init(config: Config) throws {
        self.init(
            axis: try NormAxes.ofLayer(config), epsilon: try config.float("epsilon", default: 1e-6),
            name: try config.optionalString("name"))
    }

    public override func build(_ inputShape: Shape) {
        let axes = axis.ofSamples(inputShape, for: "RMSNormalization")
        axis = axis.sorted()
        scale = addWeight("scale", shape: Shape(axes.map { inputShape[$0] }), initializer: Ones())
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let x = input.cast(to: .float32), axes = axis.ofSamples(x.shape, for: "RMSNormalization")
        check(
            x.shape.rank == buildShapes[0].rank && Shape(axes.map { x.shape[$0] }) == scale.shape,
            "RMSNormalization: built for \(buildShapes[0]), with lengths \(scale.shape) on axes \(axes); got an input of shape \(x.shape)")
        return x.withLast(axes) { rmsNormalization($0, scale: scale.value, epsilon: epsilon) }
    }

    public override var config: [ConfigValue.Entry] { [.init("axis", axis.configValue), .init("epsilon", ConfigValue(epsilon))] }
}
