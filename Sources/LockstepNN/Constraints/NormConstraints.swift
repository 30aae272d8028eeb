import LockstepTensor

// ‖w‖ is √(Σ w²) over `axis`. A `Dense` kernel is `[inputs, units]`, so axis 0 gives the length of what comes into each unit.
// Kernels of convolutions are `[height, width, channels, filters]`: there it is [0, 1, 2].

/// The axes over which a norm is taken, of a weight or of what a layer normalizes: `0`, `[0, 1, 2]` or `.all`. Negative ones count from the
/// last.
public enum NormAxes: Equatable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    case one(Int), several([Int]), all

    public init(integerLiteral axis: Int) { self = .one(axis) }
    public init(arrayLiteral axes: Int...) { self = .several(axes) }

    /// One axis where the key is missing; Keras writes null for all axes.
    init(config: Config, default axis: Int = 0) throws {
        guard config.contains("axis") else { self = .one(axis); return }
        self =
            try config.read("axis") { value in
                switch value {
                case .int(let axis): return .one(axis)
                case .array(let list):
                    return .several(
                        try list.map { axis in
                            guard case .int(let axis) = axis else { throw ConfigError("expected numbers of axes, found \(axis.kind)") }
                            return axis
                        })
                default: throw ConfigError("expected an axis, a list of axes, or null for all of them, found \(value.kind)")
                }
            } ?? .all
    }

    var configValue: ConfigValue {
        switch self {
        case .one(let axis): .int(axis)
        case .several(let axes): .array(axes.map { .int($0) })
        case .all: nil
        }
    }

    /// The axes of a shape, counted from the front; stops where it does not have one, or one is named twice.
    func resolved(in shape: Shape, for owner: String) -> [Int] {
        let given: [Int] =
            switch self {
            case .one(let axis): [axis]
            case .several(let axes): axes
            case .all: Array(0 ..< shape.rank)
            }
        let axes = given.map { shape.resolve(axis: $0, in: owner) }
        check(Set(axes).count == axes.count, "\(owner): an axis is named twice among \(given) for shape \(shape)")
        return axes
    }

    /// The norms of `weight`, with length 1 on the axes that they are taken over.
    fileprivate func norms(of weight: Tensor, for owner: String) -> Tensor {
        sqrt(square(weight).sum(axes: resolved(in: weight.shape, for: owner), keepDims: true))
    }
}

/// Keras' `epsilon`, which keeps weights of norm zero as they are.
private let epsilon: Float = 1e-7

/// w · min(‖w‖, maxValue) / (‖w‖ + 10⁻⁷). `keras.constraints.MaxNorm`; Srivastava et al. 2014.
public final class MaxNorm: Constraint {
    public let maxValue: Float, axis: NormAxes

    public init(_ maxValue: Float = 2, axis: NormAxes = 0) {
        (self.maxValue, self.axis) = (maxValue, axis)
        checkFinite("MaxNorm", ["maxValue": maxValue])
        warn("MaxNorm", "max_value", maxValue, atLeast: 0)
    }

    public override func callAsFunction(_ weight: Tensor) -> Tensor {
        let norms = axis.norms(of: weight, for: "MaxNorm")
        return weight * (clip(norms, 0, maxValue) / (norms + epsilon))
    }

    public override var config: [ConfigValue.Entry] { [.init("max_value", ConfigValue(maxValue)), .init("axis", axis.configValue)] }
}

/// w / (‖w‖ + 10⁻⁷). `keras.constraints.UnitNorm`.
public final class UnitNorm: Constraint {
    public let axis: NormAxes

    public init(axis: NormAxes = 0) { self.axis = axis }

    public override func callAsFunction(_ weight: Tensor) -> Tensor { weight / (axis.norms(of: weight, for: "UnitNorm") + epsilon) }

    public override var config: [ConfigValue.Entry] { [.init("axis", axis.configValue)] }
}

/// w · n / (‖w‖ + 10⁻⁷) with n = rate · min(max(‖w‖, minValue), maxValue) + (1 - rate) · ‖w‖: with a rate below 1 the norm nears
/// the interval a part of the way each step. `keras.constraints.MinMaxNorm`.
public final class MinMaxNorm: Constraint {
    public let minValue: Float, maxValue: Float, rate: Float, axis: NormAxes

    public init(minValue: Float = 0, maxValue: Float = 1, rate: Float = 1, axis: NormAxes = 0) {
        (self.minValue, self.maxValue, self.rate, self.axis) = (minValue, maxValue, rate, axis)
        checkFinite("MinMaxNorm", ["minValue": minValue, "maxValue": maxValue, "rate": rate])
        warn("MinMaxNorm", "min_value", minValue, atLeast: 0)
        warn("MinMaxNorm", "max_value", maxValue, atLeast: minValue)
        warn("MinMaxNorm", "rate", rate, atLeast: 0, atMost: 1)
    }

    public override func callAsFunction(_ weight: Tensor) -> Tensor {
        let norms = axis.norms(of: weight, for: "MinMaxNorm")
        let desired = clip(norms, minValue, maxValue) * rate + norms * (1 - rate)
        return weight * (desired / (norms + epsilon))
    }

    public override var config: [ConfigValue.Entry] {
        [
            .init("min_value", ConfigValue(minValue)), .init("max_value", ConfigValue(maxValue)), .init("rate", ConfigValue(rate)),
            .init("axis", axis.configValue),
        ]
    }
}
