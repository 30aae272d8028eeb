import CKernels
import COneDNN

// The maximum or the mean of windows, by oneDNN: channels last, over one to three spatial axes.

/// (x) to y, each element the maximum or the mean of a window of its channel, without what lies outside of the input; for maxima also to
/// where each was found, as oneDNN keeps it: the first of equal ones.
struct Pooling: Operation {
    let window: Window
    let maximum: Bool
    var name: String { maximum ? "max_pooling" : "average_pooling" }

    func output(_ x: Shape) -> Shape { Shape([x[0]] + window.size.indices.map { window.count(x[$0 + 1], axis: $0) } + [x.last]) }

    func layouts(_ inputs: [Spec]) -> [Layout] { sharedLayout(inputs) }
    func outputs(_ inputs: [Spec]) -> [Spec] {
        let y = Spec(shape: output(inputs[0].shape), layout: inputs[0].layout)
        guard maximum else { return [y] }
        return [y, Spec(shape: [y.shape.count * bytesPerPlace], dtype: .uint8)]
    }

    /// How oneDNN keeps a place within a window, or more. It is not asked: for a trace without elements, to find out shapes, to make the
    /// operation can take seconds.
    private var bytesPerPlace: Int { window.size.reduce(1, *) < 255 ? 1 : 4 }

    func primitive(_ direction: dnn_direction, _ x: Spec) -> Primitive {
        let shape = output(x.shape)
        var (from, to, window) = (dnn_array(x.shape, x.layout), dnn_array(shape, x.layout), window.over(x.shape))
        return Primitive("pooling of \(x.shape) by \(self.window.size)", dnn_pooling(direction, &from, &to, &window, maximum))
    }
    func scratch(_ inputs: [Spec]) -> [Spec] { output(inputs[0].shape).count == 0 ? [] : primitive(DNN_FORWARD, inputs[0]).scratch }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        guard outputs[0].count > 0 else { return {} }
        let primitive = primitive(DNN_FORWARD, inputs[0].spec)
        check(
            !maximum || primitive.workspaceByteCount <= outputs[1].count,
            "\(name): oneDNN keeps \(primitive.workspaceByteCount) bytes of places, expected \(outputs.dropFirst().first?.count ?? 0) at most"
        )
        primitive.bind([inputs[0].pointer, outputs[0].pointer, maximum ? outputs[1].pointer : nil], scratch: outputs.last!.pointer)
        return primitive.run
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (x, y) = (record.input, record.output)
        // Of what a relu gave, the maximum is zero where all of the window is: the relu's gradient is cheaper taken here, once a window.
        let isRectified = maximum && x.value.isRectified, g = isRectified ? gradient(of: .relu, upstream[0]!, y) : upstream[0]!
        let dx = applyAll(PoolingGradient(pooling: self, input: x.spec), [g] + record.outputs.dropFirst())[0]
        if isRectified { dx.value.zeroWhere = x.value }
        return [dx]
    }
}

/// (dy, places) to dx.
struct PoolingGradient: Operation {
    let pooling: Pooling
    let input: Spec
    var name: String { "\(pooling.name)_gradient" }

    /// The places are those of the layout in which they were found.
    func layouts(_ inputs: [Spec]) -> [Layout] { [input.layout] + inputs.dropFirst().map { _ in .plain } }
    func outputs(_ inputs: [Spec]) -> [Spec] { [input] }
    func scratch(_ inputs: [Spec]) -> [Spec] { inputs[0].shape.count == 0 ? [] : pooling.primitive(DNN_INPUT_GRADIENT, input).scratch }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        guard inputs[0].count > 0 else { return {} }
        let primitive = pooling.primitive(DNN_INPUT_GRADIENT, input)
        primitive.bind([inputs[0].pointer, inputs.count > 1 ? inputs[1].pointer : nil, outputs[0].pointer], scratch: outputs[1].pointer)
        return primitive.run
    }

    /// It is linear: of a mean, the mean itself. What of a maximum is chosen by another tensor is not taken apart.
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        guard !pooling.maximum else {
            Failure.report("max pooling: gradients of its gradient are not there; use average pooling, or take them without it")
        }
        return [applyAll(pooling, [upstream[0]!])[0]]
    }
}

/// The maximum of each window of [batch, spatial axes …, channels]; the gradient goes to the first of equal ones.
public func maxPooling(_ x: Tensor, window: Window) -> Tensor { pooling(x, Pooling(window: window, maximum: true)) }

/// The mean of each window of [batch, spatial axes …, channels], of what of it lies inside of the input.
public func averagePooling(_ x: Tensor, window: Window) -> Tensor { pooling(x, Pooling(window: window, maximum: false)) }

private func pooling(_ x: Tensor, _ operation: Pooling) -> Tensor {
    let size = operation.window.size
    check(
        x.shape.rank == size.count + 2 && x.dtype == .float32,
        "\(operation.name): expected a float32 input of \(size.count + 2) axes, [batch, spatial axes …, channels]; got \(x.spec)")
    check(
        operation.output(x.shape).dimensions.dropFirst().dropLast().allSatisfy { $0 > 0 },
        "\(operation.name): a window of \(size) is larger than the input of shape \(x.shape); use padding same, or a smaller window")
    return applyAll(operation, [x])[0]
}
