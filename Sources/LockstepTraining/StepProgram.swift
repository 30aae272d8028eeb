import LockstepNN
import LockstepTensor

/// Forward, loss, metrics and backward for one part of a batch, or forward alone, with every buffer in its place.
///
/// Made once for each size of a part: the model's `call` runs while a graph is traced, a gradient tape adds the backward
/// operations, and the gradients are placed straight into their arena. With `runEagerly` the same code runs again at each
/// step instead, one operation at a time.
final class StepProgram {
    /// A part of the program between two places where something happens outside of it.
    struct Segment {
        let instructions: Range<Int>
        let isBackward: Bool
        /// The buckets that are ready at its end or before.
        var buckets = 0 ..< 0
    }

    /// The segments, in groups that run without the other shards. Behind each group but the last, the outputs of one sum over
    /// shards are to be replaced: see `shardSums`.
    private(set) var stages: [[Segment]]
    /// Where this shard's terms of the sums over shards are, and the sums are to go; one for each stage but the last.
    let shardSums: [UnsafeMutableBufferPointer<Float>]
    /// For each variable the rows of the factors of its gradient, where they are asked for instead of the gradient; else 0.
    let factorRows: [Int]
    /// What a prediction comes to, by name; where it lies is the same at each run.
    let outputs: [(name: String, tensor: Tensor)]
    /// What is run at each step, where nothing is traced.
    private let eager: (() -> Void)?
    private let program: Program?
    /// For each bucket, the instruction before which it is ready.
    private let bucketEnds: [Int]

    /// - Parameters:
    ///   - arena: where the gradients go, in the order of their layout; `nil` to evaluate.
    ///   - factors: where the factors of some gradients go, in place of the gradients.
    ///   - rows: where the gradients of some tables go, row by row, of shard `shard`.
    ///   - buckets: parts of the arena that are reduced as soon as they are written.
    ///   - isAlone: whether there are no other shards, with whom to sum in mid-step.
    ///   - workspace: memory for intermediate results, which other programs use before and after.
    init(
        _ computation: StepComputation, arena: UnsafeMutablePointer<Float>?, factors: GradientFactors?, rows: RowGradients?, shard: Int,
        buckets: [Range<Int>], isAlone: Bool, in workspace: Workspace
    ) {
        let (graph, layout) = (Graph(), computation.layout)
        outputs = []
        guard !computation.runsEagerly else {
            eager = {
                for (gradient, offset) in zip(computation(), layout.offsets) {
                    gradient.withElements(of: Float.self) { (arena! + offset).update(from: $0.baseAddress!, count: $0.count) }
                }
            }
            (program, bucketEnds, shardSums, factorRows) = (nil, buckets.map { _ in 0 }, [], [])
            let both = [false, true].map { Segment(instructions: 0 ..< 0, isBackward: $0, buckets: $0 ? buckets.indices : 0 ..< 0) }
            stages = [both]
            return
        }
        eager = nil
        let gradients = graph.trace { computation() }
        var pinned: [(tensor: Tensor, address: UnsafeMutableRawPointer)] = []
        var pins: [Range<Int>] = []
        var factorRows = gradients.map { _ in 0 }
        for (index, gradient) in gradients.enumerated() {
            let first = pinned.count
            if let rows, rows.has(variable: index) {
                guard let pins = rows.pins(ofVariable: index, shard: shard, rows: computation.rows, uses: graph.rowUses(of: gradient))
                else {
                    Failure.report(
                        "model \(computation.model.name): a step on \(computation.rows) samples reads other rows of \(layout.variables[index].path) a sample than one on more, or all of them; what the model calls must not depend on the number of samples"
                    )
                }
                pinned += pins
            } else if let places = factors?.places(ofVariable: index) {
                // Without samples there are no rows to leave.
                if computation.rows > 0 {
                    guard let (x, d) = graph.factors(of: gradient), x.shape[0] <= places.capacity else {
                        Failure.report(
                            "model \(computation.model.name): the gradient of \(layout.variables[index].path) is not computed by the same "
                                + "operation for \(computation.rows) samples as for more, so ranks cannot compute it together; what the "
                                + "model calls must not depend on the number of samples")
                    }
                    pinned += [(x, .init(places.x)), (d, .init(places.d))]
                    factorRows[index] = x.shape[0]
                }
            } else {
                pinned.append((gradient, .init(arena! + layout.offsets[index])))
            }
            pins.append(first ..< pinned.count)
        }
        self.factorRows = factorRows
        let program = Program(graph, outputs: [], pinned: pinned, in: workspace)
        self.program = program
        let backwardStart = program.index(ofMark: "backward") ?? program.instructions.count
        let stops = isAlone ? [] : program.shardSums
        shardSums = stops.map(\.output)
        // A bucket is ready once the last of its gradients is; the buckets before it must be ready, too.
        var end = 0
        bucketEnds = buckets.map { bucket in
            for (index, offset) in layout.offsets.enumerated() where bucket.contains(offset) && !(rows?.has(variable: index) ?? false) {
                end = max(end, (program.completion[pins[index]].max() ?? -1) + 1)
            }
            return end
        }
        stages = StepProgram.stages(
            stops.map { $0.instruction + 1 } + [program.instructions.count], backwardStart: backwardStart, bucketEnds)
    }

    /// Prediction: the outputs of `model`.
    init(_ model: Model, _ buffers: BatchBuffers, rows: Int, in workspace: Workspace) {
        let graph = Graph()
        outputs = graph.trace {
            let run = model.run(buffers.inputTensors(rows: rows), names: buffers.specs.inputs.map(\.name), training: false)
            return zip(run.outputNames, run.outputs).map { ($0, $1.cast(to: .float32).plain) }
        }
        let program = Program(graph, outputs: outputs.map(\.tensor), in: workspace)
        (self.program, eager, shardSums, factorRows, bucketEnds) = (program, nil, [], [], [])
        stages = [[Segment(instructions: 0 ..< program.instructions.count, isBackward: false)]]
    }

    /// Cuts the program at each stop, and where the backward pass begins.
    private static func stages(_ stops: [Int], backwardStart: Int, _ bucketEnds: [Int]) -> [[Segment]] {
        var (start, bucket) = (0, 0)
        return stops.map { stop in
            defer { start = stop }
            let middle = min(max(backwardStart, start), stop)
            let (forward, backward) = (start ..< middle, middle ..< stop)
            let first = bucket
            while bucket < bucketEnds.count, bucketEnds[bucket] <= stop, stop > backwardStart { bucket += 1 }
            let parts = [
                Segment(instructions: forward, isBackward: false),
                Segment(instructions: backward, isBackward: true, buckets: first ..< bucket),
            ]
            // The last stage ends both passes, even if nothing of them is left.
            return stop == stops.last ? parts : parts.filter { !$0.instructions.isEmpty }
        }
    }

    /// Runs a segment of the forward pass.
    func runForward(_ segment: Segment) {
        guard let program else { return eager!() }
        for variable in program.assigned { variable.willChange() }
        program.run(segment.instructions)
    }

    /// Runs a segment of the backward pass; calls `ready` with the number of each bucket as soon as it is written.
    func runBackward(_ segment: Segment, ready: (Int) -> Void) {
        var next = segment.instructions.lowerBound
        for bucket in segment.buckets {
            let end = bucketEnds[bucket]
            if end > next {
                program?.run(next ..< end)
                next = end
            }
            ready(bucket)
        }
        program?.run(next ..< segment.instructions.upperBound)
    }
}
