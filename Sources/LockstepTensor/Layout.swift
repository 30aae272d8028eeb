import COneDNN

/// How the elements of a tensor lie in memory.
///
/// What users see is always `plain`. While a step is traced, results of a convolution stay in the order in which it computes, through
/// activations, sums, pooling and normalization to the next one; where an operation does not know that order, a `Reorder` goes before it.
/// Nothing is reordered twice: a graph remembers what it has in both.
public enum Layout: Sendable {
    /// Row by row.
    case plain
    /// Channels, the last axis, in blocks of 16: [batch, channels / 16, spatial axes …, 16]. Whole blocks only.
    case channelBlocks
    /// Channel by channel: [batch, channels, spatial axes …]; for the few channels of images, where results are in blocks.
    case channelsFirst

    static let blockLength = 16

    /// Whether tensors of this shape, channels last, can lie in blocks.
    static func fitsBlocks(_ shape: Shape) -> Bool { 3 ... 5 ~= shape.rank && shape.last > 0 && shape.last % blockLength == 0 }
}

/// The same elements in another layout.
struct Reorder: Operation {
    let layout: Layout

    func layouts(_ inputs: [Spec]) -> [Layout] { [inputs[0].layout] }
    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec(shape: inputs[0].shape, dtype: inputs[0].dtype, layout: layout)] }

    private func primitive(_ x: Spec) -> Primitive {
        var (from, to) = (dnn_array(x.shape, x.layout), dnn_array(x.shape, layout))
        return Primitive("reorder", dnn_reorder(&from, &to))
    }
    func scratch(_ inputs: [Spec]) -> [Spec] { inputs[0].shape.count == 0 ? [] : primitive(inputs[0]).scratch }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        guard inputs[0].count > 0 else { return {} }
        let primitive = primitive(inputs[0].spec)
        primitive.bind([inputs[0].pointer, outputs[0].pointer], scratch: outputs[1].pointer)
        return primitive.run
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] { upstream }
}

extension Operation {
    /// All inputs in blocks if one of them is, for operations on each element by itself.
    func sharedLayout(_ inputs: [Spec]) -> [Layout] {
        let isBlocked = inputs.contains { $0.layout == .channelBlocks } && inputs.allSatisfy { $0.shape == inputs[0].shape }
        return inputs.map { _ in isBlocked ? .channelBlocks : .plain }
    }
}

extension Tensor {
    /// How the elements lie; always plain outside of traced steps.
    var layout: Layout { value.layout }

    /// The elements in the given layout.
    func arranged(_ layout: Layout) -> Tensor {
        guard layout != self.layout else { return self }
        if let other = Graph.current?.counterpart(of: self, in: layout),
            GradientTape.active.allSatisfy({ $0.reaches(other) || !$0.reaches(self) })
        {
            return other
        }
        let other = apply(Reorder(layout: layout), self)
        Graph.current?.note(other, asCounterpartOf: self)
        return other
    }

    /// The elements row by row: for what leaves a traced step.
    package var plain: Tensor { arranged(.plain) }
}

/// An operation of oneDNN, bound to addresses.
final class Primitive {
    private let operation: OpaquePointer
    private let what: String

    /// Stops if there is no such operation.
    init(_ what: String, _ operation: @autoclosure () -> OpaquePointer?) {
        dnn_set_threads(Int32(clamping: Threads.count))
        guard let operation = operation() else { Failure.report("\(what): oneDNN \(Primitive.version) has no algorithm for it") }
        (self.operation, self.what) = (operation, what)
    }

    static var version: String {
        let version = dnn_version()
        return "\(version / 10000).\(version / 100 % 100).\(version % 100)"
    }

    var scratchByteCount: Int { Int(dnn_scratch_bytes(operation)) }
    var workspaceByteCount: Int { Int(dnn_workspace_bytes(operation)) }

    func bind(_ arrays: [UnsafeMutableRawPointer?], scratch: UnsafeMutableRawPointer?) {
        check(
            dnn_bind(operation, arrays, scratch),
            "\(what): oneDNN \(Primitive.version) cannot run \(String(cString: dnn_algorithm(operation)))")
    }

    func run() { dnn_run(operation) }

    deinit { dnn_free(operation) }
}

extension dnn_array {
    /// Channels last, as a tensor's shape has them, to channels second.
    init(_ shape: Shape, _ layout: Layout) {
        self.init()
        axes = Int32(shape.rank)
        let channelsSecond = [shape[0], shape.last] + shape.dimensions.dropFirst().dropLast()
        withUnsafeMutableBytes(of: &lengths) { bytes in
            for (index, length) in channelsSecond.enumerated() { bytes.bindMemory(to: Int64.self)[index] = Int64(length) }
        }
        order =
            switch layout {
            case .plain: DNN_CHANNELS_LAST
            case .channelBlocks: DNN_CHANNEL_BLOCKS
            case .channelsFirst: DNN_CHANNELS_FIRST
            }
    }
}
