import CKernels

// Normalization of channels over a batch: each direction reads its tensors twice, once for the statistics and once for the result.

/// Where the channels of a tensor are: its axis and how the kernels see it.
struct ChannelAxis {
    let axis: Int

    func count(_ shape: Shape) -> Int { shape[axis] }

    /// The layouts of an operation's inputs: the first `count` are arrays of the same shape, which lie as the last of them does, in
    /// blocks of channels or plain.
    func layouts(_ inputs: [Spec], arrays count: Int = 1, isMasked: Bool = false) -> [Layout] {
        let isBlocked = inputs[count - 1].layout == .channelBlocks && axis == inputs[0].shape.rank - 1 && !isMasked
        return inputs.indices.map { $0 < count && isBlocked ? .channelBlocks : .plain }
    }

    func form(_ shape: Shape, _ layout: Layout) -> lk_channels {
        let (outer, n, inner) = shape.split(around: axis ..< axis + 1), block = Int64(Layout.blockLength)
        if layout == .channelBlocks {
            return lk_channels(outer: Int64(shape[0]), blocks: n / block, inner: Int64(shape.product(of: 1 ..< axis)), lanes: block)
        }
        let isLast = axis == shape.rank - 1
        return lk_channels(outer: outer, blocks: isLast ? 1 : n, inner: inner, lanes: isLast ? n : 1)
    }

    /// Doubles of scratch, as floats.
    func scratch(_ x: Spec) -> [Spec] { [Spec(shape: [2 * Int(lk_channel_scratch(form(x.shape, x.layout)))])] }

    /// Elements of a channel that one element of a mask stands for; a mask has all axes but the last.
    func stretch(_ shape: Shape) -> Int64 { axis == shape.rank - 1 ? 1 : Int64(shape.last) }

    /// All other axes.
    func others(_ shape: Shape) -> [Int] { (0 ..< shape.rank).filter { $0 != axis } }

    /// Numbers of the channels along their axis, to be broadcast.
    func along(_ shape: Shape, _ x: Tensor) -> Tensor {
        var row = Shape([Int](repeating: 1, count: shape.rank))
        row[axis] = shape[axis]
        return x.reshaped(row)
    }

    func require(_ inputs: [Spec], mask: Spec?, in name: String) {
        let shape = inputs[0].shape
        for other in inputs.dropFirst() {
            check(
                other.shape == [shape[axis]],
                "\(name): expected one number for each of the \(shape[axis]) channels on axis \(axis) of \(shape); got shape \(other.shape)"
            )
        }
        if let mask {
            check(
                mask.dtype == .bool && mask.shape.dimensions == shape.dimensions.dropLast(),
                "\(name): expected a bool mask of shape \(Shape(shape.dimensions.dropLast())) for an input of shape \(shape); got \(mask.dtype) of shape \(mask.shape)"
            )
        }
    }
}

extension Buffer {
    /// For kernels that work in doubles.
    var doubles: UnsafeMutablePointer<Double> { pointer.assumingMemoryBound(to: Double.self) }
}

/// (x, mask?) to [7, channels]: how many elements each channel has, and the sums of them and of their squares in pieces that may be
/// added over parts of a batch (see lk_channel_sums).
///
/// For `ChannelNormalization`, whose gradient is that of the statistics too: to a tape these are constants.
struct ChannelSums: Operation {
    let channels: ChannelAxis

    func layouts(_ inputs: [Spec]) -> [Layout] { channels.layouts(inputs, isMasked: inputs.count > 1) }
    func outputs(_ inputs: [Spec]) -> [Spec] {
        channels.require([inputs[0]], mask: inputs.count > 1 ? inputs[1] : nil, in: name)
        return [Spec(shape: [7, channels.count(inputs[0].shape)])]
    }
    func scratch(_ inputs: [Spec]) -> [Spec] { channels.scratch(inputs[0]) }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (form, stretch) = (channels.form(inputs[0].shape, inputs[0].layout), channels.stretch(inputs[0].shape))
        let (x, mask, sums, scratch) = (inputs[0].floats, inputs.count > 1 ? inputs[1].bytes : nil, outputs[0].floats, outputs[1].doubles)
        return { lk_channel_sums(form, x, mask, stretch, scratch, sums) }
    }
}

/// Sums to mean, variance and count of each channel.
struct ChannelStatistics: Operation {
    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec](repeating: Spec(shape: [inputs[0].shape[1]]), count: 3) }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (n, sums) = (Int64(outputs[0].count), inputs[0].floats)
        let (mean, variance, count) = (outputs[0].floats, outputs[1].floats, outputs[2].floats)
        return { lk_channel_statistics(n, sums, mean, variance, count) }
    }
}

/// (x, mean, variance, count, gamma, beta, mask?) to (x - mean) / √(variance + ε) · gamma + beta, where mean, variance and count are those
/// of x, of this part of the batch or of all.
struct ChannelNormalization: Operation {
    let channels: ChannelAxis
    let epsilon: Float
    /// Whether the statistics are those of all parts.
    let isSynchronized: Bool
    var overwrites: Int? { 0 }

    func layouts(_ inputs: [Spec]) -> [Layout] { channels.layouts(inputs, isMasked: inputs.count > 6) }
    func outputs(_ inputs: [Spec]) -> [Spec] {
        channels.require(Array(inputs.prefix(6)), mask: inputs.count > 6 ? inputs[6] : nil, in: name)
        return [inputs[0]]
    }
    func scratch(_ inputs: [Spec]) -> [Spec] { channels.scratch(inputs[0]) }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (form, epsilon, x, mean, variance) = (
            channels.form(inputs[0].shape, inputs[0].layout), epsilon, inputs[0].floats, inputs[1].floats, inputs[2].floats
        )
        let (gamma, beta, y, scratch) = (inputs[4].floats, inputs[5].floats, outputs[0].floats, outputs[1].doubles)
        return { lk_channel_normalize(form, x, mean, variance, gamma, beta, epsilon, scratch, y) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (dy, x, gamma, mask) = (upstream[0]!, record.input, record.inputs[4], record.inputs.dropFirst(6))
        func overAll(_ sums: Tensor) -> Tensor { isSynchronized ? sumOverShards(sums) : sums }
        let results: (dx: Tensor, dgamma: Tensor, dbeta: Tensor)
        if GradientTape.active.isEmpty {
            let sums = apply(ChannelGradientSums(channels: channels, epsilon: epsilon), dy, x, record.inputs[1], record.inputs[2])
            let dx = applyAll(
                ChannelGradient(channels: channels, epsilon: epsilon), [dy, x] + record.inputs[1 ... 4] + [overAll(sums)] + mask)
            results = (dx[0], sums[0], sums[1])
        } else {
            let shape = x.shape, valid = mask.first.map { $0.cast(to: .float32).expandingDims(axis: -1).broadcast(to: shape) }
            let (dx, normal) = normalizationGradient(
                dy, x, gamma: channels.along(shape, gamma), over: channels.others(shape), epsilon: epsilon, valid: valid, overAll: overAll)
            results = (dx, (dy * normal).sum(axes: channels.others(shape)), dy.sum(axes: channels.others(shape)))
        }
        return [results.dx, nil, nil, nil, results.dgamma, results.dbeta] + mask.map { _ in nil }
    }
}

/// (dy, x, mean, variance?) to [2, channels]: Σ dy (x - mean) / √(variance + ε), without variance over 1, and Σ dy.
struct ChannelGradientSums: Operation {
    let channels: ChannelAxis
    let epsilon: Float

    func layouts(_ inputs: [Spec]) -> [Layout] { channels.layouts(inputs, arrays: 2) }
    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec(shape: [2, channels.count(inputs[0].shape)])] }
    func scratch(_ inputs: [Spec]) -> [Spec] { channels.scratch(inputs[0]) }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (form, epsilon, dy, x, mean) = (
            channels.form(inputs[0].shape, inputs[0].layout), epsilon, inputs[0].floats, inputs[1].floats, inputs[2].floats
        )
        let (variance, dgamma, scratch) = (inputs.count > 3 ? inputs[3].floats : nil, outputs[0].floats, outputs[1].doubles)
        let dbeta = dgamma + channels.count(inputs[0].shape)
        return { lk_channel_gradient_sums(form, dy, x, mean, variance, epsilon, scratch, dgamma, dbeta) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] { unrecorded(name) }
}

/// (dy, x, mean, variance, count, gamma, sums, mask?) to dx.
struct ChannelGradient: Operation {
    let channels: ChannelAxis
    let epsilon: Float
    var overwrites: Int? { 0 }

    func layouts(_ inputs: [Spec]) -> [Layout] { channels.layouts(inputs, arrays: 2, isMasked: inputs.count > 7) }
    func outputs(_ inputs: [Spec]) -> [Spec] { [inputs[0]] }
    func scratch(_ inputs: [Spec]) -> [Spec] { channels.scratch(inputs[0]) }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (form, stretch, epsilon) = (channels.form(inputs[0].shape, inputs[0].layout), channels.stretch(inputs[0].shape), epsilon)
        let (dy, x, mean, variance, count) = (inputs[0].floats, inputs[1].floats, inputs[2].floats, inputs[3].floats, inputs[4].floats)
        let (gamma, dgamma, mask) = (inputs[5].floats, inputs[6].floats, inputs.count > 7 ? inputs[7].bytes : nil)
        let (dbeta, scratch, dx) = (dgamma + channels.count(inputs[0].shape), outputs[1].doubles, outputs[0].floats)
        return { lk_channel_gradient(form, dy, x, mean, variance, count, gamma, epsilon, dgamma, dbeta, mask, stretch, scratch, dx) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] { unrecorded(name) }
}

/// (x, mean, scale, shift) to (x - mean) · scale + shift, with one number a channel of each.
struct ChannelAffine: Operation {
    let channels: ChannelAxis
    var overwrites: Int? { 0 }

    func layouts(_ inputs: [Spec]) -> [Layout] { channels.layouts(inputs) }
    func outputs(_ inputs: [Spec]) -> [Spec] {
        channels.require(inputs, mask: nil, in: name)
        return [inputs[0]]
    }
    func scratch(_ inputs: [Spec]) -> [Spec] { channels.scratch(inputs[0]) }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (form, x, mean, scale, shift) = (
            channels.form(inputs[0].shape, inputs[0].layout), inputs[0].floats, inputs[1].floats, inputs[2].floats, inputs[3].floats
        )
        let (y, scratch) = (outputs[0].floats, outputs[1].doubles)
        return { lk_channel_affine(form, x, mean, scale, shift, scratch, y) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (dy, x, mean, scale) = (upstream[0]!, record.input, record.inputs[1], record.inputs[2])
        let zeros = Tensor.zeros(mean.shape)
        let dx = needed[0] ? apply(self, dy, zeros, scale, zeros) : nil
        guard needed[1] || needed[2] || needed[3] else { return [dx, nil, nil, nil] }
        let sums: (product: Tensor, sum: Tensor)
        if GradientTape.active.isEmpty {
            let both = apply(ChannelGradientSums(channels: channels, epsilon: 0), dy, x, mean)
            sums = (both[0], both[1])
        } else {
            let others = channels.others(x.shape)
            sums = ((dy * (x - channels.along(x.shape, mean))).sum(axes: others), dy.sum(axes: others))
        }
        return [dx, -sums.sum * scale, sums.product, sums.sum]
    }
}

/// dx and n = (x - mean) / √(variance + ε), of dy the gradient of n · gamma + beta, in operations that have gradients themselves: for tapes
/// that record a gradient. The kernels' gradients are for all others.
///
/// - Parameters:
///   - axes: over which mean and variance are. - gamma: broadcast to x.
///   - isCentered: without, the mean counts as 0. - valid: one for what the statistics are of, zero for the rest.
///   - overAll: the sum over all parts of the batch.
func normalizationGradient(
    _ dy: Tensor, _ x: Tensor, gamma: Tensor, over axes: [Int], epsilon: Float, isCentered: Bool = true, valid: Tensor? = nil,
    overAll: (Tensor) -> Tensor = { $0 }
) -> (dx: Tensor, normal: Tensor) {
    func sum(_ x: Tensor) -> Tensor { overAll(x.sum(axes: axes, keepDims: true)) }
    func sumOfValid(_ x: Tensor) -> Tensor { sum(valid.map { x * $0 } ?? x) }
    let count = maximum(sumOfValid(.ones(x.shape)), 1)
    let centered = isCentered ? x - sumOfValid(x) / count : x
    let inverse = rsqrt(sumOfValid(square(centered)) / count + epsilon), normal = centered * inverse, g = dy * gamma
    let mean = ((isCentered ? sum(g) : sum(g) * 0) + normal * sum(g * normal)) / count
    return (inverse * (g - (valid.map { mean * $0 } ?? mean)), normal)
}

/// Gradients that kernels compute are applied where no tape records, so nobody asks for theirs.
func unrecorded(_ operation: String) -> Never {
    Failure.report(
        "\(operation): its gradient was asked for, but it is only applied where no tape records; record the gradient with a tape")
}

/// Normalizes each channel by its mean and variance over a batch: `(x - mean) / √(variance + epsilon) · gamma + beta` (Ioffe & Szegedy
/// 2015). The gradient goes through mean and variance; these themselves are constants to a tape.
///
/// - Parameters:
///   - x: float32, of two axes or more. - gamma, beta: `[channels]`.
///   - axis: the channels.
///   - mask: bool, x's axes but the last: which places are in the statistics.
///   - synchronized: statistics of the global batch, by one sum over shards, and one more in the gradient; else those of this part.
/// - Returns: the result, and mean and mean squared distance from it of each channel; 0 of no elements.
public func batchNormalization(
    _ x: Tensor, gamma: Tensor, beta: Tensor, axis: Int = -1, epsilon: Float = 1e-3, mask: Tensor? = nil, synchronized: Bool = false
) -> (output: Tensor, mean: Tensor, variance: Tensor) {
    let channels = ChannelAxis(axis: x.shape.resolve(axis: axis, in: "batchNormalization")), masks = mask.map { [$0] } ?? []
    let sums = applyAll(ChannelSums(channels: channels), [x] + masks)[0]
    let statistics = applyAll(ChannelStatistics(), [synchronized ? sumOverShards(sums) : sums])
    let operation = ChannelNormalization(channels: channels, epsilon: epsilon, isSynchronized: synchronized)
    return (applyAll(operation, [x] + statistics + [gamma, beta] + masks)[0], statistics[0], statistics[1])
}

/// As above, by a mean and a variance that are given, each `[channels]`.
public func batchNormalization(
    _ x: Tensor, mean: Tensor, variance: Tensor, gamma: Tensor, beta: Tensor, axis: Int = -1, epsilon: Float = 1e-3
) -> Tensor {
    let channels = ChannelAxis(axis: x.shape.resolve(axis: axis, in: "batchNormalization"))
    return apply(ChannelAffine(channels: channels), x, mean, rsqrt(variance + epsilon) * gamma, beta)
}

/// Of a tensor's elements, for each place of the axes `kept`, which are in ascending order: how many they are, their mean, and the sum of
/// squared distances from it.
package func channelMoments(_ x: Tensor, keeping kept: [Int]) -> (count: Double, mean: [Double], squares: [Double]) {
    let order = (0 ..< x.shape.rank).filter { !kept.contains($0) } + kept, channels = kept.reduce(1) { $0 * x.shape[$1] }
    let numbers = x.cast(to: .float32), rows = channels == 0 ? 0 : x.shape.count / channels
    let moved = order == Array(0 ..< x.shape.rank) ? numbers : numbers.transposed(order)
    let form = lk_channels(outer: Int64(rows), blocks: 1, inner: 1, lanes: Int64(channels))
    var (mean, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    var (counts, scratch) = (mean, [Double](repeating: 0, count: Int(lk_channel_scratch(form))))
    moved.withElements(of: Float.self) { lk_channel_moments(form, $0.baseAddress, &scratch, &counts, &mean, &squares) }
    return (Double(rows), mean, squares)
}
