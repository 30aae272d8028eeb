import CKernels
import COneDNN

// Convolutions by oneDNN: channels last, over one to three spatial axes; each of the three operations is a gradient of the other two.

/// Which algorithms convolutions use.
public enum Convolutions {
    /// Winograd's minimal filtering (Lavin & Gray 2016) for windows of 3x3 with strides of 1, where this CPU has it: less than half of the
    /// time, and a relative error of 1e-6 instead of 1e-7. Always the same for the same shapes. Set it before a model is trained.
    nonisolated(unsafe) public static var winograd = true

    /// The release of oneDNN that computes them.
    public static var libraryVersion: String { Primitive.version }
}

/// What the three operations of a convolution have in common.
struct Convolving: Equatable {
    let window: Window
    let groups: Int
    /// Winograd's algorithm rather than the direct one, wherever oneDNN has it.
    let winograd: Bool

    init(_ window: Window, groups: Int) { (self.window, self.groups, winograd) = (window, groups, Convolutions.winograd) }

    /// Of the output, for an input and a kernel [spatial axes …, channels / groups, channels of the output].
    func output(_ x: Shape, _ kernel: Shape) -> Shape {
        Shape([x[0]] + window.size.indices.map { window.count(x[$0 + 1], axis: $0) } + [kernel.last])
    }

    /// Whether it is Winograd's algorithm for these shapes: it pays for channels and images that are not tiny.
    func isWinograd(_ x: Shape, _ y: Shape) -> Bool {
        winograd && groups == 1 && Convolving.hasWinograd && window.size == [3, 3] && window.strides == [1, 1] && window.dilation == [1, 1]
            && Layout.fitsBlocks(x) && Layout.fitsBlocks(y) && min(x.last, y.last) >= 32 && min(y[1], y[2]) >= 7
    }

    /// Whether oneDNN has it: version 2 does, for AVX-512.
    private static let hasWinograd: Bool = {
        var (x, window) = (
            dnn_array([1, 14, 14, 32], .channelBlocks), Window(size: [3, 3], strides: [1, 1], padding: .same).over([1, 14, 14, 32])
        )
        return [DNN_FORWARD, DNN_INPUT_GRADIENT, DNN_KERNEL_GRADIENT].allSatisfy { direction in
            guard let operation = dnn_convolution(direction, &x, &x, &window, 1, false, true, false) else { return false }
            dnn_free(operation)
            return true
        }
    }()

    /// The layouts of input and output, given those in which they come: blocks where they are needed or there already, and where images
    /// of a few channels become many, as what follows will want them so.
    func layouts(_ x: Shape, _ y: Shape, given: [Layout]) -> (x: Layout, y: Layout) {
        if isWinograd(x, y) { return (.channelBlocks, .channelBlocks) }
        guard groups == 1, Layout.fitsBlocks(y) else { return (.plain, .plain) }
        if x.last <= 3, x.rank == 4, winograd, Convolving.hasWinograd { return (.channelsFirst, .channelBlocks) }
        return given.contains(.channelBlocks) && Layout.fitsBlocks(x) ? (.channelBlocks, .channelBlocks) : (.plain, .plain)
    }

    func primitive(_ direction: dnn_direction, _ x: Spec, _ y: Spec, bias: Bool = false, relu: Bool = false) -> Primitive {
        var (from, to, window) = (dnn_array(x.shape, x.layout), dnn_array(y.shape, y.layout), window.over(x.shape))
        return Primitive(
            "convolution of \(x.shape) to \(y.shape) by \(self.window.size)",
            dnn_convolution(direction, &from, &to, &window, Int64(groups), bias, isWinograd(x.shape, y.shape), relu))
    }
}

extension Primitive {
    /// What it works in, for `Operation.scratch`.
    var scratch: [Spec] { [Spec(shape: [(scratchByteCount + 3) / 4])] }
}

/// y = activation(x ∗ kernel + bias), the activation linear or relu, the bias where there is a third input.
struct Convolution: Operation {
    let convolving: Convolving
    let activation: FusedActivation
    var name: String { "convolution" }

    private func output(_ inputs: [Spec]) -> Shape { convolving.output(inputs[0].shape, inputs[1].shape) }

    func layouts(_ inputs: [Spec]) -> [Layout] {
        [convolving.layouts(inputs[0].shape, output(inputs), given: [inputs[0].layout]).x] + inputs.dropFirst().map { _ in .plain }
    }
    func outputs(_ inputs: [Spec]) -> [Spec] {
        let shape = output(inputs)
        return [Spec(shape: shape, layout: convolving.layouts(inputs[0].shape, shape, given: [inputs[0].layout]).y)]
    }

    private func primitive(_ inputs: [Spec]) -> Primitive {
        convolving.primitive(DNN_FORWARD, inputs[0], outputs(inputs)[0], bias: inputs.count > 2, relu: activation == .relu)
    }
    func scratch(_ inputs: [Spec]) -> [Spec] { outputs(inputs)[0].shape.count == 0 ? [] : primitive(inputs).scratch }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        guard outputs[0].count > 0 else { return {} }
        let primitive = primitive(inputs.map(\.spec))
        primitive.bind(
            [inputs[0].pointer, inputs[1].pointer, inputs.count > 2 ? inputs[2].pointer : nil, outputs[0].pointer],
            scratch: outputs[1].pointer)
        return primitive.run
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (x, kernel) = (record.inputs[0], record.inputs[1])
        let g = activation == .linear ? upstream[0]! : gradient(of: activation, upstream[0]!, record.output)
        let dx = needed[0] ? apply(ConvolutionInputGradient(convolving: convolving, input: x.shape), g, kernel) : nil
        guard needed[1] || needed.last! else { return [dx] + needed.dropFirst().map { _ in nil } }
        return [dx] + applyAll(ConvolutionKernelGradient(convolving: convolving, kernel: kernel.shape, hasBias: needed.count > 2), [x, g])
    }
}

/// (dy, kernel) to dx.
struct ConvolutionInputGradient: Operation {
    let convolving: Convolving
    let input: Shape
    var name: String { "convolution_input_gradient" }

    private func layouts(_ dy: Spec) -> (x: Layout, y: Layout) { convolving.layouts(input, dy.shape, given: [dy.layout]) }
    func layouts(_ inputs: [Spec]) -> [Layout] { [layouts(inputs[0]).y, .plain] }
    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec(shape: input, layout: layouts(inputs[0]).x)] }

    private func primitive(_ inputs: [Spec]) -> Primitive { convolving.primitive(DNN_INPUT_GRADIENT, outputs(inputs)[0], inputs[0]) }
    func scratch(_ inputs: [Spec]) -> [Spec] { input.count == 0 ? [] : primitive(inputs).scratch }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        guard input.count > 0 else { return {} }
        let primitive = primitive(inputs.map(\.spec))
        primitive.bind([inputs[0].pointer, inputs[1].pointer, outputs[0].pointer], scratch: outputs[1].pointer)
        return primitive.run
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (dy, kernel, u) = (record.inputs[0], record.inputs[1], upstream[0]!)
        return [
            needed[0] ? apply(Convolution(convolving: convolving, activation: .linear), u, kernel) : nil,
            needed[1]
                ? applyAll(ConvolutionKernelGradient(convolving: convolving, kernel: kernel.shape, hasBias: false), [u, dy])[0] : nil,
        ]
    }
}

/// (x, dy) to the gradients of the kernel and of the bias: sums over the samples.
struct ConvolutionKernelGradient: Operation {
    let convolving: Convolving
    let kernel: Shape
    let hasBias: Bool
    var name: String { "convolution_kernel_gradient" }

    func layouts(_ inputs: [Spec]) -> [Layout] {
        let layouts = convolving.layouts(inputs[0].shape, inputs[1].shape, given: inputs.map(\.layout))
        return [layouts.x, layouts.y]
    }
    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec(shape: kernel)] + (hasBias ? [Spec(shape: [kernel.last])] : []) }

    private func primitive(_ inputs: [Spec]) -> Primitive { convolving.primitive(DNN_KERNEL_GRADIENT, inputs[0], inputs[1], bias: hasBias) }
    func scratch(_ inputs: [Spec]) -> [Spec] { inputs[1].shape.count == 0 ? [] : primitive(inputs).scratch }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let results = outputs.prefix(hasBias ? 2 : 1)
        guard inputs[1].count > 0 else {
            // A sum over no samples.
            return { for result in results { lk_fill(Int64(result.count), 0, result.floats) } }
        }
        let primitive = primitive(inputs.map(\.spec))
        primitive.bind(
            [inputs[0].pointer, inputs[1].pointer, outputs[0].pointer, hasBias ? outputs[1].pointer : nil], scratch: outputs.last!.pointer)
        return primitive.run
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (x, dy) = (record.inputs[0], record.inputs[1])
        let dx = needed[0] ? upstream[0].map { apply(ConvolutionInputGradient(convolving: convolving, input: x.shape), dy, $0) } : nil
        let parts = [
            upstream[0].map { apply(Convolution(convolving: convolving, activation: .linear), x, $0) },
            hasBias ? upstream[1].map { $0.broadcast(to: dy.shape) } : nil,
        ].compactMap { $0 }
        return [dx, needed[1] ? parts.dropFirst().reduce(parts[0], +) : nil]
    }
}

extension Buffer {
    var spec: Spec { Spec(shape: shape, dtype: dtype, layout: layout) }
}

// MARK: Functions

/// activation(x ∗ kernel + bias): the cross-correlation of [batch, spatial axes …, channels] with [spatial axes …, channels / groups, filters].
///
/// With groups, each of as many parts of the channels is seen by its part of the filters alone; with as many groups as channels it is a
/// depthwise convolution.
///
/// - Parameters:
///   - window: its size is the kernel's; one to three spatial axes.
///   - bias: `[filters]`. - activation: computed in the same pass where it is relu.
public func convolution(
    _ x: Tensor, _ kernel: Tensor, bias: Tensor? = nil, window: Window, groups: Int = 1, activation: FusedActivation = .linear
) -> Tensor {
    let spatial = window.size.count
    check(
        x.shape.rank == spatial + 2 && kernel.shape.rank == spatial + 2 && Array(kernel.shape.dimensions.prefix(spatial)) == window.size,
        "convolution: expected an input of \(spatial + 2) axes and a kernel of \(window.size), channels and filters; got \(x.shape) and \(kernel.shape)"
    )
    check(
        groups > 0 && x.shape.last == kernel.shape[-2] * groups && kernel.shape.last % groups == 0,
        "convolution: \(groups) groups of the \(x.shape.last) channels and \(kernel.shape.last) filters do not fit a kernel of shape \(kernel.shape)"
    )
    let convolving = Convolving(window, groups: groups), shape = convolving.output(x.shape, kernel.shape)
    check(
        shape.dimensions.dropFirst().dropLast().allSatisfy { $0 > 0 },
        "convolution: a kernel of \(window.size)\(window.dilation.contains { $0 > 1 } ? " with dilation \(window.dilation)" : "") is larger than the input of shape \(x.shape); use padding same, or a smaller kernel"
    )
    let isFused = activation == .relu || activation == .linear
    let y = applyAll(
        Convolution(convolving: convolving, activation: isFused ? activation : .linear), [x, kernel] + (bias.map { [$0] } ?? []))[0]
    y.value.isRectified = activation == .relu
    switch activation {
    case .linear, .relu: return y
    case .sigmoid: return sigmoid(y)
    case .tanh: return tanh(y)
    }
}

/// The gradient of `convolution` with respect to its input, as a function of its own: what Keras calls a transposed convolution.
///
/// - Parameters:
///   - x: `[batch, spatial axes …, channels]`. - kernel: `[spatial axes …, filters / groups, channels]`.
///   - shape: of the output, `[batch, spatial axes …, filters]`: one of those that the convolution takes to the shape of `x`.
public func transposedConvolution(_ x: Tensor, _ kernel: Tensor, window: Window, groups: Int = 1, output shape: Shape) -> Tensor {
    let convolving = Convolving(window, groups: groups)
    check(
        shape.rank == x.shape.rank && convolving.output(shape, kernel.shape) == x.shape && shape.last == kernel.shape[-2] * groups,
        "transposed convolution: an output of shape \(shape) does not belong to an input of shape \(x.shape) and a kernel of shape \(kernel.shape)"
    )
    return apply(ConvolutionInputGradient(convolving: convolving, input: shape), x, kernel)
}
