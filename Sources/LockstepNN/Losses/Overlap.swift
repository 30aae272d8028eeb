import LockstepTensor

// Losses of segmentations: how little two areas overlap. Their sums go over a whole batch by default, so shards exchange them.

private let epsilon: Float = 1e-7

/// One minus the Dice coefficient (Sørensen 1948), from sums over `axis`, by default over everything:
/// 1 - 2 Σ yTrue yPred / (Σ yTrue + Σ yPred + 10⁻⁷)
///
/// - Parameter axis: the axes that are summed over; with that of the samples, or by default, over all shards of the global batch.
/// - Returns: a number, or one for each place of the axes that are left.
public func dice(_ yTrue: Tensor, _ yPred: Tensor, axis: [Int]? = nil) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    let sums = sums([yTrue * yPred, yTrue, yPred], axis)
    return 1 - sums[0] * 2 / (sums[1] + sums[2] + epsilon)
}

/// One minus the Tversky index, from sums over `axis`, by default over everything (Salehi et al. 2017):
/// 1 - TP / (TP + alpha Σ yTrue (1 - yPred) + beta Σ yPred (1 - yTrue) + 10⁻⁷), TP = Σ yTrue yPred
///
/// - Parameters:
///   - alpha: weight of what is missed.
///   - beta: weight of what is predicted in excess. (Keras calls the first "false positives".)
///   - axis: as of `dice`.
public func tversky(_ yTrue: Tensor, _ yPred: Tensor, alpha: Float = 0.5, beta: Float = 0.5, axis: [Int]? = nil) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    let sums = sums([yTrue * yPred, (1 - yPred) * yTrue, yPred * (1 - yTrue)], axis)
    return 1 - sums[0] / (sums[0] + sums[1] * alpha + sums[2] * beta + epsilon)
}

/// Sums over axes, and over shards where samples are summed over: all in one exchange.
private func sums(_ terms: [Tensor], _ axis: [Int]?) -> [Tensor] {
    let own = terms.map { $0.sum(axes: axis) }
    guard sumsOverSamples(axis, rank: terms[0].shape.rank) else { return own }
    let all = sumOverShards(stack(own))
    return own.indices.map { all[$0] }
}

private func sumsOverSamples(_ axis: [Int]?, rank: Int) -> Bool { axis?.contains { $0 == 0 || $0 == -rank } ?? true }

/// A loss of overlaps: what `Dice` and `Tversky` have in common.
public class OverlapLoss: Loss, @unchecked Sendable {
    /// The axes that are summed over; `nil` for all.
    public let axis: [Int]?
    /// As it was given: Keras takes a number for a list of one.
    private let written: ConfigValue

    init(axis: [Int]?, written: ConfigValue, reduction: Reduction, name: String) {
        (self.axis, self.written) = (axis, written)
        super.init(reduction: reduction, name: name)
    }

    /// The losses, by place of the axes that are left.
    func losses(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { Failure.report("loss \(name) does not override losses(_:_:)") }

    /// Whether samples are summed over shows with their rank; a loss that might says that it does.
    public override var sumsOverShards: Bool { axis?.contains { $0 <= 0 } ?? true }

    public override func problem(target: Shape, output: Shape) -> String? {
        TargetFit.elementwise.wayOut(target, output)
            ?? axis?.first { !(-output.rank ..< output.rank ~= $0) }.map {
                "there is no axis \($0) to sum over in an output of shape \(output)"
            }
    }

    public final override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
        let losses = losses(yTrue, yPred)
        guard sumsOverSamples(axis, rank: yPred.shape.rank) else { return losses }
        return reduction == .sum ? losses.sum() : losses.mean()
    }

    /// Keras' `axis`: nothing, a number or a list.
    static func axis(_ config: Config) throws -> (axes: [Int]?, written: ConfigValue) {
        let written = config.value("axis") ?? .null
        switch written {
        case .null: return (nil, written)
        case .int(let axis): return ([axis], written)
        case .array(let items):
            let axes = items.compactMap { if case .int(let axis) = $0 { axis } else { nil } }
            if axes.count == items.count, !axes.isEmpty { return (axes, written) }
        default: break
        }
        throw ConfigError("expected an axis or a list of axes, found \(written.kind)", at: ["axis"])
    }
    var axisEntry: ConfigValue.Entry { .init("axis", written) }
}

/// `dice` as a loss. `keras.losses.Dice`.
public final class Dice: OverlapLoss, @unchecked Sendable {
    /// - Parameter axis: the axes that are summed over; all by default, samples too.
    public convenience init(reduction: Reduction = .sumOverBatchSize, name: String = "dice", axis: [Int]? = nil) {
        self.init(axis: axis, written: ConfigValue(axis), reduction: reduction, name: name)
    }
    convenience init(config: Config) throws {
        let (axes, written) = try Self.axis(config)
        self.init(
            axis: axes, written: written, reduction: try .init(config: config), name: try config.string("name", default: "dice"))
    }
    override func losses(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { dice(yTrue, yPred, axis: axis) }
    public override var config: [ConfigValue.Entry] { super.config + [axisEntry] }
}

/// `tversky` as a loss. `keras.losses.Tversky`.
public final class Tversky: OverlapLoss, @unchecked Sendable {
    public let alpha: Float, beta: Float

    /// - Parameters:
    ///   - alpha: weight of what is missed.
    ///   - beta: weight of what is predicted in excess.
    ///   - axis: the axes that are summed over; all by default, samples too.
    public convenience init(
        alpha: Float = 0.5, beta: Float = 0.5, reduction: Reduction = .sumOverBatchSize, name: String = "tversky", axis: [Int]? = nil
    ) {
        self.init(alpha, beta, axis: axis, written: ConfigValue(axis), reduction: reduction, name: name)
    }
    private init(_ alpha: Float, _ beta: Float, axis: [Int]?, written: ConfigValue, reduction: Reduction, name: String) {
        (self.alpha, self.beta) = (alpha, beta)
        super.init(axis: axis, written: written, reduction: reduction, name: name)
        checkFinite("Tversky", ["alpha": alpha, "beta": beta])
    }
    convenience init(config: Config) throws {
        let (axes, written) = try Self.axis(config)
        self.init(
            try config.float("alpha", default: 0.5), try config.float("beta", default: 0.5), axis: axes, written: written,
            reduction: try .init(config: config), name: try config.string("name", default: "tversky"))
    }
    override func losses(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { tversky(yTrue, yPred, alpha: alpha, beta: beta, axis: axis) }
    public override var config: [ConfigValue.Entry] {
        super.config + [.init("alpha", ConfigValue(alpha)), .init("beta", ConfigValue(beta)), axisEntry]
    }
}

extension ConfigValue {
    /// A list of whole numbers, or nothing.
    init(_ numbers: [Int]?) { self = numbers.map { .array($0.map { .int($0) }) } ?? .null }
}
