import CKernels

// Normalization of rows, and of groups of channels: statistics of each sample by itself.

/// (x, gamma, beta?) to y and what the gradient needs: of each row its mean, where it is centered, and 1/√(variance + ε). Rows are
/// along the last axes, as many as gamma has.
struct RowNormalization: Operation {
    let epsilon: Float
    /// Without, the mean counts as 0 and the variance is the mean square.
    let isCentered: Bool
    var overwrites: Int? { 0 }

    func outputs(_ inputs: [Spec]) -> [Spec] {
        let (x, gamma) = (inputs[0].shape, inputs[1].shape)
        check(
            gamma.rank <= x.rank && gamma.dimensions == Array(x.dimensions.suffix(gamma.rank))
                && inputs.dropFirst().allSatisfy { $0.shape == gamma },
            "\(name): gamma and beta of shapes \(inputs.dropFirst().map(\.shape)) for the last axes of an input of shape \(x)")
        let row = Spec(shape: [x.product(of: 0 ..< x.rank - gamma.rank)])
        return isCentered ? [inputs[0], row, row] : [inputs[0], row]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (rows, cols, epsilon) = (Int64(outputs[1].count), Int64(inputs[1].count), epsilon)
        let (x, gamma, beta, y) = (inputs[0].floats, inputs[1].floats, inputs.count > 2 ? inputs[2].floats : nil, outputs[0].floats)
        let (mean, inverse) = isCentered ? (outputs[1].floats, outputs[2].floats) : (nil, outputs[1].floats)
        return { lk_normalize_rows(rows, cols, x, gamma, beta, epsilon, y, mean, inverse) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (dy, x, gamma) = (upstream[0]!, record.input, record.inputs[1])
        guard GradientTape.active.isEmpty else {
            let axes = Array(x.shape.rank - gamma.shape.rank ..< x.shape.rank)
            let (dx, normal) = normalizationGradient(dy, x, gamma: gamma, over: axes, epsilon: epsilon, isCentered: isCentered)
            return [dx, (dy * normal).summed(to: gamma.shape)] + (record.inputs.count > 2 ? [dy.summed(to: gamma.shape)] : [])
        }
        let all = applyAll(RowNormalizationGradient(isCentered: isCentered), [dy, x, gamma] + record.outputs.dropFirst())
        return all.prefix(record.inputs.count).map { $0 }
    }
}

/// (dy, x, gamma, mean?, inverse) to (dx, dgamma, dbeta).
struct RowNormalizationGradient: Operation {
    let isCentered: Bool
    var overwrites: Int? { 0 }

    func outputs(_ inputs: [Spec]) -> [Spec] { [inputs[0], inputs[2], inputs[2]] }
    func scratch(_ inputs: [Spec]) -> [Spec] { [Spec(shape: [2 * inputs[2].shape.count])] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (rows, cols, dy, x, gamma) = (
            Int64(inputs[3].count), Int64(inputs[2].count), inputs[0].floats, inputs[1].floats, inputs[2].floats
        )
        let (mean, inverse) = isCentered ? (inputs[3].floats, inputs[4].floats) : (nil, inputs[3].floats)
        let (dx, dgamma, dbeta, scratch) = (outputs[0].floats, outputs[1].floats, outputs[2].floats, outputs[3].floats)
        return { lk_normalize_rows_gradient(rows, cols, dy, x, gamma, mean, inverse, scratch, dx, dgamma, dbeta) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] { unrecorded(name) }
}

/// (x, gamma, beta) to y, and mean and 1/√(variance + ε) of each sample's groups of channels.
struct GroupNormalization: Operation {
    let channels: ChannelAxis
    let groups: Int
    let epsilon: Float
    var overwrites: Int? { 0 }

    func layouts(_ inputs: [Spec]) -> [Layout] { channels.layouts(inputs) }
    func outputs(_ inputs: [Spec]) -> [Spec] {
        channels.require(inputs, mask: nil, in: name)
        let shape = inputs[0].shape
        check(
            channels.axis > 0 && groups > 0 && channels.count(shape) % groups == 0,
            "\(name): \(groups) groups do not divide the \(channels.count(shape)) channels on axis \(channels.axis) of \(shape)")
        return [inputs[0]] + [Spec](repeating: Spec(shape: [shape[0], groups]), count: 2)
    }
    func scratch(_ inputs: [Spec]) -> [Spec] { channels.scratch(inputs[0]) }

    /// As the channels lie, each sample by itself.
    fileprivate static func form(_ x: Buffer, _ channels: ChannelAxis) -> lk_channels {
        guard x.layout == .plain, channels.axis == x.shape.rank - 1 else { return channels.form(x.shape, x.layout) }
        let places = Int64(x.shape.product(of: 1 ..< channels.axis))
        return lk_channels(outer: Int64(x.shape[0]), blocks: 1, inner: places, lanes: Int64(x.shape.last))
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (form, groups, epsilon) = (GroupNormalization.form(inputs[0], channels), Int64(groups), epsilon)
        let (x, gamma, beta, y) = (inputs[0].floats, inputs[1].floats, inputs[2].floats, outputs[0].floats)
        let (mean, inverse, scratch) = (outputs[1].floats, outputs[2].floats, outputs[3].doubles)
        return { lk_normalize_groups(form, groups, x, gamma, beta, epsilon, scratch, y, mean, inverse) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (dy, x, gamma) = (upstream[0]!, record.input, record.inputs[1])
        guard GradientTape.active.isEmpty else {
            // Channels apart into groups and places in them.
            let (shape, axis) = (x.shape, channels.axis)
            func apart(_ x: Tensor) -> Tensor {
                x.reshaped(Shape(shape.dimensions[..<axis] + [groups, shape[axis] / groups] + shape.dimensions[(axis + 1)...]))
            }
            var row = Shape([Int](repeating: 1, count: shape.rank + 1))
            (row[axis], row[axis + 1]) = (groups, shape[axis] / groups)
            let (dx, normal) = normalizationGradient(
                apart(dy), apart(x), gamma: gamma.reshaped(row), over: (1 ... shape.rank).filter { $0 != axis }, epsilon: epsilon)
            let others = channels.others(shape)
            return [dx.reshaped(shape), (dy * normal.reshaped(shape)).sum(axes: others), dy.sum(axes: others)]
        }
        let operation = GroupNormalizationGradient(channels: channels, groups: groups)
        return applyAll(operation, [dy, x, gamma] + record.outputs.dropFirst()).map { $0 }
    }
}

/// (dy, x, gamma, mean, inverse) to (dx, dgamma, dbeta).
struct GroupNormalizationGradient: Operation {
    let channels: ChannelAxis
    let groups: Int
    var overwrites: Int? { 0 }

    func layouts(_ inputs: [Spec]) -> [Layout] { channels.layouts(inputs, arrays: 2) }
    func outputs(_ inputs: [Spec]) -> [Spec] { [inputs[0], inputs[2], inputs[2]] }
    func scratch(_ inputs: [Spec]) -> [Spec] { channels.scratch(inputs[0]) }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (form, groups) = (GroupNormalization.form(inputs[0], channels), Int64(groups))
        let (dy, x, gamma, mean, inverse) = (inputs[0].floats, inputs[1].floats, inputs[2].floats, inputs[3].floats, inputs[4].floats)
        let (dx, dgamma, dbeta, scratch) = (outputs[0].floats, outputs[1].floats, outputs[2].floats, outputs[3].doubles)
        return { lk_normalize_groups_gradient(form, groups, dy, x, gamma, mean, inverse, scratch, dx, dgamma, dbeta) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] { unrecorded(name) }
}

/// Normalizes each row to mean 0 and variance 1, then scales and shifts it: `(x - mean) / √(variance + epsilon) · gamma + beta` (Ba,
/// Kiros & Hinton 2016). A row is what the last axes hold, as many as `gamma` and `beta` have.
public func layerNormalization(_ x: Tensor, gamma: Tensor, beta: Tensor, epsilon: Float = 1e-3) -> Tensor {
    applyAll(RowNormalization(epsilon: epsilon, isCentered: true), [x, gamma, beta])[0]
}

/// Divides each row by the root of its mean square: `x / √(mean(x²) + epsilon) · scale` (Zhang & Sennrich 2019). A row is what the last
/// axes hold, as many as `scale` has.
public func rmsNormalization(_ x: Tensor, scale: Tensor, epsilon: Float = 1e-6) -> Tensor {
    applyAll(RowNormalization(epsilon: epsilon, isCentered: false), [x, scale])[0]
}

/// Normalizes groups of neighbouring channels of each sample to mean 0 and variance 1, then scales and shifts each channel (Wu & He 2018).
///
/// - Parameters:
///   - x: `[batch, …]`. - axis: the channels, of which `groups` is a divisor. - gamma, beta: `[channels]`.
public func groupNormalization(
    _ x: Tensor, groups: Int, gamma: Tensor, beta: Tensor, axis: Int = -1, epsilon: Float = 1e-3
) -> Tensor {
    let axis = x.shape.resolve(axis: axis, in: "groupNormalization")
    guard axis == 1 || axis == x.shape.rank - 1 else {
        // Channels last, and back.
        let order = (0 ..< x.shape.rank).filter { $0 != axis } + [axis], back = (0 ..< x.shape.rank).map { order.firstIndex(of: $0)! }
        return groupNormalization(x.transposed(order), groups: groups, gamma: gamma, beta: beta, epsilon: epsilon).transposed(back)
    }
    return applyAll(GroupNormalization(channels: ChannelAxis(axis: axis), groups: groups, epsilon: epsilon), [x, gamma, beta])[0]
}
