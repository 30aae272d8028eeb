import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepTensor

/// Runs what this rank computes of a batch, shard by shard: the one loop of training, evaluation and prediction.
///
/// Each shard has its part of the batch and a program for it. All of a rank's shards run a stage of their programs; then what is
/// summed over shards in mid-step is exchanged with the other ranks, and the next stage begins.
final class ShardLoop {
    /// This rank's shards.
    let shards: Range<Int>
    /// Shards of all ranks.
    private let total: Int
    /// One for each of this rank's shards, or one that they use in turn.
    let buffers: [BatchBuffers]
    private let makeProgram: (_ shard: Int, _ rows: Int, _ buffers: BatchBuffers) -> StepProgram
    private let makeReducer: (_ count: Int) -> any GradientReducer
    private let clock: PhaseClock?
    /// What the programs' random numbers depend on.
    private let random: Random.State
    private var programs: [ProgramKey: StepProgram] = [:]
    /// Samples of the batch at hand, and a program for each of this rank's shards.
    private var (count, current): (Int, [StepProgram]) = (0, [])
    /// One for each sum over shards in mid-step.
    private var midStepReducers: [any GradientReducer]?

    private struct ProgramKey: Hashable { let buffers: Int, rows: Int }

    /// - Parameters:
    ///   - shards: this rank's, of `total`.
    ///   - random: what the programs' random numbers depend on, besides the sample.
    ///   - clock: told when ranks exchange sums, and when programs are made; `nil` where all of it is one phase.
    ///   - makeReducer: of so many floats a shard, for sums in mid-step. Collective.
    ///   - makeProgram: for a part of so many samples. Shards that use the same buffers use the same programs.
    init(
        shards: Range<Int>, of total: Int, _ buffers: [BatchBuffers], random: Random.State, clock: PhaseClock? = nil,
        makeReducer: @escaping (_ count: Int) -> any GradientReducer,
        makeProgram: @escaping (_ shard: Int, _ rows: Int, _ buffers: BatchBuffers) -> StepProgram
    ) {
        (self.shards, self.total, self.buffers, self.random, self.clock) = (shards, total, buffers, random, clock)
        (self.makeReducer, self.makeProgram) = (makeReducer, makeProgram)
    }

    /// The places in the batch at hand that are a shard's part; there may be none.
    func part(_ shard: Int) -> Range<Int> { balancedPart(shard, of: total, count: count) }

    /// The program of a shard for the batch at hand.
    func program(_ shard: Int) -> StepProgram { current[shard - shards.lowerBound] }

    /// Turns to a batch of `count` samples: finds the programs for parts of its sizes, and makes those that are new.
    func cut(_ count: Int) {
        self.count = count
        current.removeAll(keepingCapacity: true)
        for shard in shards {
            let key = ProgramKey(buffers: place(shard), rows: part(shard).count)
            if programs[key] == nil {
                clock?.begin(.other)
                programs[key] = Random.with(random) { makeProgram(shard, key.rows, buffers[key.buffers]) }
                check(
                    buffers.count == shards.count || programs[key]!.shardSums.isEmpty,
                    "sumOverShards: a loss or a metric sums over shards and does not say so; override its sumsOverShards")
                makeMidStepReducers(programs[key]!)
            }
            current.append(programs[key]!)
        }
    }

    /// Runs the programs.
    ///
    /// - Parameters:
    ///   - begin: fills a shard's buffers.
    ///   - run: runs a segment of its program.
    func run(
        begin: (_ shard: Int, _ buffers: BatchBuffers) -> Void,
        segment run: (_ shard: Int, _ segment: StepProgram.Segment, _ stage: Int) -> Void
    ) {
        for stage in 0 ..< current[0].stages.count {
            for shard in shards {
                if stage == 0 { begin(shard, buffers[place(shard)]) }
                random.firstSample = part(shard).lowerBound
                // A model that runs eagerly makes its kernels now.
                Random.with(random) { for segment in program(shard).stages[stage] { run(shard, segment, stage) } }
            }
            if stage < current[0].shardSums.count { sumOverShards(stage) }
        }
    }

    private func place(_ shard: Int) -> Int { buffers.count == 1 ? 0 : shard - shards.lowerBound }

    /// Replaces the output of a stage's sum over shards, on every shard, by the sum.
    private func sumOverShards(_ stage: Int) {
        clock?.begin(.reduce)
        let reducer = midStepReducers![stage]
        let all = 0 ..< reducer.layout.count
        reducer.begin()
        for (shard, program) in zip(shards, current) {
            reducer.arena(ofShard: shard).update(from: program.shardSums[stage].baseAddress!, count: all.count)
        }
        reducer.ready(bucket: 0)
        reducer.finish()
        let sums = reducer.sums(all)
        for program in current { program.shardSums[stage].baseAddress!.update(from: sums, count: all.count) }
        reducer.end()
    }

    /// Makes what sums in mid-step. Collective: every rank comes here in its first step.
    private func makeMidStepReducers(_ program: StepProgram) {
        let counts = program.shardSums.map(\.count)
        if midStepReducers == nil { midStepReducers = counts.map(makeReducer) }
        check(
            counts == midStepReducers!.map(\.layout.count),
            "sumOverShards: every shard must sum tensors of the same shapes, in the same order, whatever its number of samples")
    }
}
