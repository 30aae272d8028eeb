import CKernels

/// A traced graph made ready to run: dead operations dropped, every result placed in one block of memory, every kernel
/// bound to its addresses. Running it allocates nothing.
///
/// Results share memory when their lives do not overlap: each is placed first-fit among those alive at the same time, and
/// an operation that may overwrite its input does so when it is the last to use it. Programs share a block too, if they are given
/// one `Workspace`: nothing that one leaves there is read once another runs.
package final class Program {
    package struct Instruction {
        package let name: String
        let kernel: () -> Void
    }

    package private(set) var instructions: [Instruction] = []
    /// Bytes of the block of intermediate results.
    package private(set) var byteCount = 0
    /// The variables it assigns; the others it only reads.
    package let assigned: [Variable]
    private let records: [Record]
    private let memory: Memory
    private var marks: [String: Int] = [:]
    /// For each pinned result, the instruction after which it is complete.
    package private(set) var completion: [Int] = []
    /// The sums over shards: the instruction that has each shard's own numbers ready, and where the sums are to go.
    package private(set) var shardSums: [(instruction: Int, output: UnsafeMutableBufferPointer<Float>)] = []

    /// - Parameters:
    ///   - graph: what to run.
    ///   - outputs: results that are read after a run.
    ///   - pinned: results that must end at a given address, such as gradients in their arena.
    ///   - workspace: the block of intermediate results, shared with programs that never run while this one does.
    package init(
        _ graph: Graph, outputs: [Tensor], pinned: [(tensor: Tensor, address: UnsafeMutableRawPointer)] = [],
        in workspace: Workspace = Workspace()
    ) {
        assigned = graph.assigned
        let results = outputs + pinned.map(\.tensor)
        check(results.allSatisfy { $0.layout == .plain }, "Program: a result is not plain; take its `plain` while the graph is traced")
        let kept = KeptReads(graph, results: results)
        var plan = Plan(records: kept.records, outputs: outputs.map { kept[$0] }, pinned: pinned.map { (kept[$0.tensor], $0.address) })
        plan.place()
        records = plan.records
        byteCount = plan.byteCount
        let largest = records.flatMap { record in record.outputs.map { (record.operation.name, $0) } }
            .max { $0.1.value.byteCount < $1.1.value.byteCount }
        memory = workspace.block(
            byteCount: byteCount,
            for: largest.map { "the results of a traced step, the largest that of \($0): \($1.dtype) of shape \($1.shape)" }
                ?? "a traced step")
        for (value, offset) in plan.offsets {
            value.pointer = memory.pointer + offset
            value.owner = memory
        }
        for record in records where record.operation.isView {
            record.output.value.pointer = record.input.value.pointer
        }
        for (index, record) in records.enumerated() where !record.operation.isView {
            let scratch = plan.scratch[index, default: []].map { spec, offset in
                Buffer(pointer: memory.pointer + offset, shape: spec.shape, dtype: spec.dtype, layout: spec.layout)
            }
            let kernel = record.operation.kernel(record.inputs.map(\.buffer), record.outputs.map(\.buffer) + scratch)
            switch record.operation.effect {
            case .sumsOverShards:
                let output = UnsafeMutableBufferPointer(start: record.output.buffer.floats, count: record.output.shape.count)
                shardSums.append((instructions.count, output))
            case .marks(let name): marks[name] = instructions.count
            case .assigns, .none: break
            }
            instructions.append(Instruction(name: record.operation.name, kernel: kernel))
        }
        for (source, address) in plan.copies {
            let (pointer, byteCount) = (source.value.pointer!, source.value.byteCount)
            // A result that was there already, as an input may be, needs no copy. Nothing else may keep a constant.
            instructions.append(
                Instruction(name: "Copy") {
                    withExtendedLifetime(source) { if pointer != address { address.copyMemory(from: pointer, byteCount: byteCount) } }
                })
        }
        completion = plan.completion(instructionCount: instructions.count)
        // Last, as until here a kept result is where its copy reads from.
        for result in results where kept[result].value !== result.value {
            result.value.pointer = kept[result].value.pointer
            result.value.owner = memory
        }
    }

    /// The instruction at which the graph was marked.
    package func index(ofMark name: String) -> Int? { marks[name] }

    /// Runs a part of the program.
    package func run(_ range: Range<Int>) {
        for index in range { instructions[index].kernel() }
    }

    package func run() { run(0 ..< instructions.count) }
}

/// Memory that programs use in turn for their intermediate results: as much as the largest of them needs.
///
/// A program is bound to its addresses, so a block does not grow: one that is too small is replaced for the programs that follow, and
/// stays as long as those before it. Make the largest first.
package final class Workspace {
    private var memory: Memory?
    /// Bytes of the block.
    package private(set) var byteCount = 0

    package init() {}

    /// A block of at least so many bytes; `purpose` is for the message where memory does not suffice.
    fileprivate func block(byteCount: Int, for purpose: String) -> Memory {
        if let memory, byteCount <= self.byteCount { return memory }
        let larger = Memory(byteCount: byteCount, for: purpose)
        (memory, self.byteCount) = (larger, byteCount)
        return larger
    }
}

/// A block of bytes, 64-byte aligned, freed with its last user.
package final class Memory {
    package let pointer: UnsafeMutableRawPointer
    /// Whose memory it is, where it is not this object's own.
    private let owner: AnyObject?

    private let byteCount: Int

    /// - Parameter purpose: for what, with its shape, should there be no memory for it.
    package init(byteCount: Int, for purpose: @autoclosure () -> String = "an arena") {
        self.byteCount = max(64, byteCount)
        (pointer, owner) = (SystemMemory.take(self.byteCount, for: purpose), nil)
    }
    /// Memory of another object, which is kept as long.
    package init(_ pointer: UnsafeMutableRawPointer, of owner: AnyObject) {
        (self.pointer, self.owner, byteCount) = (pointer, owner, 0)
    }
    /// Room for `count` floats, all of one value.
    package convenience init(repeating value: Float, count: Int, for purpose: @autoclosure () -> String = "an arena") {
        self.init(byteCount: count * 4, for: purpose())
        pointer.initializeMemory(as: Float.self, repeating: value, count: count)
    }
    deinit { if owner == nil { SystemMemory.give(pointer, byteCount) } }

    /// What lies here, as float32.
    package var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
}

/// A graph's records, with a copy of what a variable showed before each assignment to it, where that is used afterwards.
private struct KeptReads {
    private(set) var records: [Record] = []
    private var copies: [ObjectIdentifier: Tensor] = [:]

    /// What stands for `tensor`: its copy, if it has one.
    subscript(_ tensor: Tensor) -> Tensor { copies[ObjectIdentifier(tensor.value)] ?? tensor }

    init(_ graph: Graph, results: [Tensor]) {
        var lastUse: [ObjectIdentifier: Int] = [:]
        for (index, record) in graph.records.enumerated() {
            for input in record.inputs { lastUse[ObjectIdentifier(input.value)] = index }
        }
        for tensor in results { lastUse[ObjectIdentifier(tensor.value)] = graph.records.count }
        var reads = graph.reads[...]
        // What shows a variable's memory at this point: the value read from it, and views of that.
        var showing: [ObjectIdentifier: [Tensor]] = [:], shown: [ObjectIdentifier: Variable] = [:]
        func show(_ variable: Variable, as tensor: Tensor) {
            showing[ObjectIdentifier(variable), default: []].append(tensor)
            shown[ObjectIdentifier(tensor.value)] = variable
        }

        for (index, record) in graph.records.enumerated() {
            while let read = reads.first, read.start <= index { show(read.variable, as: reads.removeFirst().tensor) }
            if case .assigns(let variable) = record.operation.effect {
                for tensor in showing.removeValue(forKey: ObjectIdentifier(variable)) ?? [] {
                    let identity = ObjectIdentifier(tensor.value)
                    shown[identity] = nil
                    guard lastUse[identity, default: -1] > index else { continue }
                    let copy = Tensor(shape: tensor.shape, dtype: tensor.dtype, value: Value(tracedByteCount: tensor.value.byteCount))
                    records.append(Record(operation: Copy(), inputs: [tensor], outputs: [copy]))
                    copies[identity] = copy
                }
            }
            let inputs = record.inputs.map { self[$0] }
            records.append(Record(operation: record.operation, inputs: inputs, outputs: record.outputs))
            if record.operation.isView, let variable = shown[ObjectIdentifier(inputs[0].value)] { show(variable, as: record.output) }
        }
    }
}

extension Operation {
    /// Whether it runs even if nothing uses its outputs.
    fileprivate var runsAnyway: Bool {
        switch effect {
        case .assigns, .marks: true
        case .none, .sumsOverShards: false
        }
    }
}

/// Decides which records run and where their results lie.
private struct Plan {
    var records: [Record]
    var offsets: [(value: Value, offset: Int)] = []
    var byteCount = 0
    /// For records whose kernels work in memory of their own, by index: where.
    var scratch: [Int: [(spec: Spec, offset: Int)]] = [:]
    /// Pinned results that another instruction cannot write in place: copied at the end.
    var copies: [(tensor: Tensor, address: UnsafeMutableRawPointer)] = []

    private let outputs: [Tensor]
    private let pinned: [(tensor: Tensor, address: UnsafeMutableRawPointer)]
    private var pinnedInPlace: Set<ObjectIdentifier> = []

    init(records: [Record], outputs: [Tensor], pinned: [(tensor: Tensor, address: UnsafeMutableRawPointer)]) {
        self.outputs = outputs
        self.pinned = pinned
        // Backwards: a record lives if something alive uses its result.
        var alive = Set((outputs + pinned.map(\.tensor)).map { ObjectIdentifier($0.value) })
        var kept: [Record] = []
        for record in records.reversed()
        where record.operation.runsAnyway || record.outputs.contains(where: { alive.contains(ObjectIdentifier($0.value)) }) {
            kept.append(record)
            alive.formUnion(record.inputs.map { ObjectIdentifier($0.value) })
        }
        self.records = kept.reversed()
    }

    /// Bytes that several values share through views and overwriting: they live and die together.
    private final class Block {
        var byteCount = 0
        var first = 0, last = -1
        var offset = 0
        var address: UnsafeMutableRawPointer?
        var values: [Value] = []
    }

    mutating func place() {
        var blocks: [ObjectIdentifier: Block] = [:]
        var order: [Block] = []
        var scratchBlocks: [(record: Int, spec: Spec, block: Block)] = []
        // The last record to use each value, so that overwriting can be decided while walking forwards.
        var lastUse: [ObjectIdentifier: Int] = [:]
        for (index, record) in records.enumerated() {
            for input in record.inputs { lastUse[ObjectIdentifier(input.value)] = index }
        }
        for tensor in outputs + pinned.map(\.tensor) { lastUse[ObjectIdentifier(tensor.value)] = records.count }

        for (index, record) in records.enumerated() {
            for input in record.inputs { blocks[ObjectIdentifier(input.value)]?.last = index }
            for (position, output) in record.outputs.enumerated() {
                let block: Block
                let shared = position == 0 ? blocks[ObjectIdentifier(record.inputs.first?.value ?? output.value)] : nil
                if record.operation.isView {
                    // A view of an input, a variable or a constant needs no place of its own.
                    guard let shared else { continue }
                    block = shared
                } else if position == 0, let overwritten = record.operation.overwrites,
                    let candidate = blocks[ObjectIdentifier(record.inputs[overwritten].value)],
                    candidate.byteCount == output.value.byteCount,
                    candidate.values.allSatisfy({ lastUse[ObjectIdentifier($0), default: -1] <= index })
                {
                    block = candidate
                } else {
                    block = Block()
                    block.first = index
                    block.byteCount = output.value.byteCount
                    order.append(block)
                }
                block.values.append(output.value)
                block.last = max(block.last, index)
                blocks[ObjectIdentifier(output.value)] = block
            }
            for spec in record.operation.scratch(record.inputs.map(\.spec)) {
                let block = Block()
                (block.first, block.last, block.byteCount) = (index, index, spec.byteCount)
                order.append(block)
                scratchBlocks.append((index, spec, block))
            }
        }
        for tensor in outputs + pinned.map(\.tensor) { blocks[ObjectIdentifier(tensor.value)]?.last = records.count }

        pin(blocks)
        placeFirstFit(order)
        for block in order where block.address == nil {
            for value in block.values where value.pointer == nil { offsets.append((value, block.offset)) }
        }
        for (record, spec, block) in scratchBlocks { scratch[record, default: []].append((spec, block.offset)) }
    }

    /// Lets the record that computes a pinned result write it straight to its address where nothing else lies there.
    private mutating func pin(_ blocks: [ObjectIdentifier: Block]) {
        for (tensor, address) in pinned {
            if let block = blocks[ObjectIdentifier(tensor.value)], block.address == nil, block.byteCount == tensor.value.byteCount {
                block.address = address
                for value in block.values { value.pointer = address }
                pinnedInPlace.insert(ObjectIdentifier(tensor.value))
            } else {
                copies.append((tensor, address))
            }
        }
    }

    /// Gives each block the lowest offset that is free during its life.
    private mutating func placeFirstFit(_ order: [Block]) {
        // Those alive, by their place.
        var placed: [(start: Int, end: Int, last: Int)] = []
        for block in order where block.address == nil {
            placed.removeAll { $0.last < block.first }
            let size = (block.byteCount + 63) / 64 * 64
            var (offset, place) = (0, placed.count)
            for (index, other) in placed.enumerated() {
                guard other.start < offset + size else {
                    place = index
                    break
                }
                offset = max(offset, other.end)
            }
            placed.insert((offset, offset + size, block.last), at: place)
            byteCount = max(byteCount, offset + size)
            block.offset = offset
        }
    }

    /// For each pinned result, the index of the instruction that completes it.
    func completion(instructionCount: Int) -> [Int] {
        var producer: [ObjectIdentifier: Int] = [:]
        var instruction = 0
        for record in records where !record.operation.isView {
            for output in record.outputs { producer[ObjectIdentifier(output.value)] = instruction }
            instruction += 1
        }
        for record in records where record.operation.isView {
            producer[ObjectIdentifier(record.output.value)] = producer[ObjectIdentifier(record.input.value)]
        }
        var copy = instructionCount - copies.count
        return pinned.map { tensor, _ in
            if pinnedInPlace.contains(ObjectIdentifier(tensor.value)) { return producer[ObjectIdentifier(tensor.value)] ?? 0 }
            defer { copy += 1 }
            return copy
        }
    }
}
