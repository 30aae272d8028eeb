import LockstepTensor

/// Shifts and scales what comes in by a mean and a variance that are known beforehand: `(x - mean) / max(√variance, 10⁻⁷)`, in training
/// and otherwise. With `invert`, the way back: `x · max(√variance, 10⁻⁷) + mean`.
///
/// Mean and variance are given, or are found in data by `adapt`:
///
///     let normalization = Normalization()
///     try normalization.adapt(trainX)
///
/// - Input, output: `[batch, …]`; integers become float32.
/// - Weights, where they are not given, none of them trained: `mean` and `variance`, of the lengths of `axis`, and `count`, an int32
///   that Keras keeps for older files.
///
/// `keras.layers.Normalization`.
public final class Normalization: Layer {
    /// The axes along which each place has a mean and a variance of its own; negative ones count from the last.
    public let axis: [Int]
    public let invert: Bool
    /// As given: a scalar, or of no more axes than `axis` names.
    public let givenMean: Tensor?, givenVariance: Tensor?
    public private(set) var mean: Variable?
    public private(set) var variance: Variable?
    public private(set) var count: Variable?

    /// - Parameters:
    ///   - axis: `[-1]` for one mean a feature; empty for a single one (Keras: `None`).
    ///   - mean, variance: both or none; float32, their axes the last ones of `axis`.
    public init(axis: [Int] = [-1], mean: Tensor? = nil, variance: Tensor? = nil, invert: Bool = false, name: String? = nil) {
        (self.axis, self.invert, givenMean, givenVariance) = (axis, invert, mean, variance)
        super.init(name: name)
        if let problem = Normalization.problem(axis, mean?.shape, variance?.shape) { Failure.report("Normalization: \(problem)") }
    }

    convenience init(config: Config) throws {
        let (mean, variance) = (try Normalization.numbers("mean", config), try Normalization.numbers("variance", config))
        var axis = [-1]
        if config.contains("axis") {
            switch try NormAxes(config: config) {
            case .one(let one): axis = [one]
            case .several(let axes): axis = axes
            case .all: axis = []
            }
        }
        if let problem = Normalization.problem(axis, mean?.shape, variance?.shape) { throw ConfigError(problem) }
        self.init(
            axis: axis, mean: mean, variance: variance, invert: try config.bool("invert", default: false),
            name: try config.optionalString("name"))
    }

    /// What is wrong with arguments.
    private static func problem(_ axis: [Int], _ mean: Shape?, _ variance: Shape?) -> String? {
        if Set(axis).count != axis.count { return "an axis is named twice among \(axis)" }
        if (mean == nil) != (variance == nil) { return "mean and variance must both be given, or none of them" }
        guard let mean, let variance else { return nil }
        if mean != variance { return "mean and variance must have the same shape, got \(mean) and \(variance)" }
        return mean.rank > axis.count ? "mean has \(mean.rank) axes, of shape \(mean), for \(axis.count) of the input, \(axis)" : nil
    }

    /// A number, or lists of lists of numbers as long as one another.
    private static func numbers(_ key: String, _ config: Config) throws -> Tensor? {
        try config.read(key) { value in
            func read(_ value: ConfigValue) throws -> (shape: [Int], numbers: [Float]) {
                if case .array(let items) = value {
                    let parts = try items.map(read)
                    if parts.allSatisfy({ $0.shape == parts[0].shape }) {
                        return ([parts.count] + (parts.first?.shape ?? []), parts.flatMap(\.numbers))
                    }
                } else if let number = value.number, Float(number).isFinite {
                    return ([], [Float(number)])
                }
                throw ConfigError("expected a finite number, or lists of equal lengths of them, found \(value.kind)")
            }
            let (shape, numbers) = try read(value)
            return Tensor(numbers, shape: Shape(shape))
        }
    }

    /// The axes with a mean for each place, ascending; stops where the shape does not have one, or does not say its length.
    package func keptAxes(_ shape: Shape) -> [Int] {
        let axes = axis.map { shape.resolve(axis: $0, in: "Normalization") }.sorted()
        check(
            Set(axes).count == axes.count && axes.allSatisfy { $0 > 0 && shape[$0] >= 0 },
            "Normalization: axes \(axis) of the input must be behind the batch, and of known length; got \(shape)")
        return axes
    }

    public override func build(_ inputShape: Shape) {
        let kept = keptAxes(inputShape)
        guard givenMean == nil else { return }
        let shape = Shape(kept.map { inputShape[$0] })
        mean = addWeight("mean", shape: shape, initializer: Zeros(), trainable: false)
        variance = addWeight("variance", shape: shape, initializer: Ones(), trainable: false)
        NameScope.with("count") {
            count = Variable(Tensor([0] as [Int32], shape: []), name: "count", trainable: false)
            count!.path = NameScope.path
        }
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let x = input.cast(to: .float32), kept = keptAxes(x.shape)
        check(
            x.shape.rank == buildShapes[0].rank && kept.allSatisfy { x.shape[$0] == buildShapes[0][$0] },
            "Normalization: built for \(buildShapes[0]), with a mean for each place of axes \(kept); got an input of shape \(x.shape)")
        let mean = along(kept, x.shape, mean?.value ?? givenMean!)
        let deviation = maximum(sqrt(along(kept, x.shape, variance?.value ?? givenVariance!)), 1e-7)
        return invert ? x * deviation + mean : (x - mean) / deviation
    }

    /// Numbers of the last of `axes`, with length 1 on all other axes of the input.
    private func along(_ axes: [Int], _ shape: Shape, _ numbers: Tensor) -> Tensor {
        var spread = Shape([Int](repeating: 1, count: shape.rank))
        for (axis, length) in zip(axes.suffix(numbers.shape.rank), numbers.shape.dimensions) {
            check(
                length == 1 || length == shape[axis],
                "Normalization: mean and variance of shape \(numbers.shape) for axes \(axes) of an input of shape \(shape)")
            spread[axis] = length
        }
        return numbers.reshaped(spread)
    }

    public override var supportsMasking: Bool { true }
    public override var config: [ConfigValue.Entry] {
        [
            .init("axis", .array(axis.map { .int($0) })), .init("invert", .bool(invert)),
            .init("mean", Normalization.nested(givenMean)), .init("variance", Normalization.nested(givenVariance)),
        ]
    }

    /// Lists of lists of numbers; null for none.
    private static func nested(_ numbers: Tensor?) -> ConfigValue {
        guard let numbers else { return nil }
        guard numbers.shape.rank > 0 else { return ConfigValue(numbers.scalar) }
        return .array((0 ..< numbers.shape[0]).map { nested(numbers[$0]) })
    }
}
