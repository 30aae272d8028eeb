import CKernels
import CMPI
import Foundation
import LockstepCommunication

/// How long one way to sum a buffer over all ranks takes.
public struct AllReduceMeasurement: Sendable {
    /// `lockstep` (the reducer that training uses here), `exchange` (by messages, as between hosts), `allReduce` (the reducer
    /// made of MPI's all-reduce) or `MPI_Allreduce` (the bare call).
    public let algorithm: String
    /// Of one reduction on the slowest rank, the median over all repetitions.
    public let seconds: Double
}

extension MPICommunicator {
    /// Measures the reducer that training uses against others, in turn in one run. Collective; at least two ranks.
    ///
    /// Before each reduction every rank writes its buffer, and after it reads all sums, as training does; only the reduction
    /// is timed, from the moment at which all ranks have written. Short buffers are reduced a few times in a row, as the caches
    /// hold what was just written when a step reduces. A wrong sum ends the job.
    ///
    /// - Parameters:
    ///   - bytes: of one rank's buffer, a multiple of 4, at least 4. - seconds: about how long to measure.
    public func measureAllReduce(bytes: Int, seconds: Double) -> [AllReduceMeasurement] {
        let contenders = makeContenders(count: bytes / 4)
        for contender in contenders {
            contender.checkPlaces(self)
            _ = contender.time(0, self)
        }

        // As many as fit in 16 MiB in a row; the first of them finds the caches full of another's buffers.
        let turn = max(1, min(5, (16 << 20) / bytes))
        var times = [[Double]](repeating: [], count: contenders.count)
        var round = 0
        let start = monotonicNanoseconds()
        var goesOn: UInt8 = 1
        while goesOn == 1 {
            for (index, contender) in contenders.enumerated() {
                let own = (0 ..< turn).map { contender.time(round + $0, self) }
                times[index] += turn > 1 ? own.dropFirst() : own[...]
            }
            round += turn
            // One clock decides for all; seven rounds, so that a median means something.
            goesOn = times[0].count < 7 || Double(monotonicNanoseconds() - start) / 1e9 < seconds ? 1 : 0
            withUnsafeMutableBytes(of: &goesOn) { broadcast($0, from: 0) }
        }
        return zip(contenders, times).map { contender, own in
            let all = allGather(own)
            // A reduction ends when its last rank has the sums.
            let slowest = own.indices.map { round in all.map { $0[round] }.max()! }.sorted()
            return AllReduceMeasurement(algorithm: contender.algorithm, seconds: slowest[slowest.count / 2])
        }
    }

    private func makeContenders(count: Int) -> [Contender] {
        let layout = ReductionLayout(count: count, buckets: [0 ..< count], shards: size)
        let own = makeReducer(layout)
        var contenders = [Contender("lockstep", own)]
        if !(own is ExchangeReducer) { contenders.append(Contender("exchange", ExchangeReducer(layout, self))) }
        contenders.append(Contender("allReduce", AllReduceReducer(layout, self)))
        contenders.append(Contender("MPI_Allreduce", BareAllReduce(layout, self)))
        return contenders
    }

    /// Seconds in which one core copies `bytes` bytes, the median: what the memory of this machine allows. Not collective.
    public static func measureCopy(bytes: Int, seconds: Double) -> Double {
        let (from, to) = (allocateFloats(bytes / 4), allocateFloats(bytes / 4))
        defer {
            from.deallocate()
            to.deallocate()
        }
        lk_fill(Int64(bytes / 4), 1, from)
        lk_fill(Int64(bytes / 4), 0, to)
        // Short copies are timed by the hundred: reading the clock takes as long as one of them.
        let copies = max(1, (1 << 20) / bytes)
        var times: [Double] = []
        let start = monotonicNanoseconds()
        while times.count < 7 || Double(monotonicNanoseconds() - start) / 1e9 < seconds {
            let before = monotonicNanoseconds()
            for _ in 0 ..< copies { memcpy(to, from, bytes) }
            times.append(Double(monotonicNanoseconds() - before) / 1e9 / Double(copies))
        }
        return times.sorted()[times.count / 2]
    }
}

/// One of the ways that are measured.
private struct Contender {
    let algorithm: String
    private let reducer: any GradientReducer
    private var arena: UnsafeMutablePointer<Float> { reducer.arena(ofShard: reducer.ownShards.lowerBound) }
    private var count: Int { reducer.layout.count }

    init(_ algorithm: String, _ reducer: any GradientReducer) { (self.algorithm, self.reducer) = (algorithm, reducer) }

    /// Seconds of one reduction of buffers full of `round + rank`, whose sums are then compared.
    func time(_ round: Int, _ communicator: MPICommunicator) -> Double {
        let (size, value) = (communicator.size, round % 1000)
        reducer.begin()
        lk_fill(Int64(count), Float(value + communicator.rank), arena)
        communicator.barrier()
        let start = monotonicNanoseconds()
        reducer.ready(bucket: 0)
        reducer.finish()
        let end = monotonicNanoseconds()
        // Whole numbers, so that the sum is exact in any order.
        let expected = Float(value * size + size * (size - 1) / 2)
        // Reads all sums, as an optimizer does.
        for part in reducer.parts {
            var (least, most): (Float, Float) = (0, 0)
            let sums = reducer.sums(part)
            lk_reduce_min(1, Int64(part.count), 1, sums, &least)
            lk_reduce_max(1, Int64(part.count), 1, sums, &most)
            if least != expected || most != expected {
                communicator.fail("\(algorithm) of \(count) floats is wrong: sums of \(least) to \(most), expected \(expected)")
            }
        }
        reducer.end()
        return Double(end - start) / 1e9
    }

    /// Reduces buffers whose every element tells its place, and compares each sum.
    func checkPlaces(_ communicator: MPICommunicator) {
        let size = communicator.size
        reducer.begin()
        for index in 0 ..< count { arena[index] = Float(index % 4093 + communicator.rank) }
        reducer.ready(bucket: 0)
        reducer.finish()
        let sums = reducer.sums(0 ..< count)
        for index in 0 ..< count {
            let expected = Float(index % 4093 * size + size * (size - 1) / 2)
            if sums[index] == expected { continue }
            communicator.fail("\(algorithm) of \(count) floats is wrong: sum \(index) is \(sums[index]), expected \(expected)")
        }
        reducer.end()
    }
}

/// One blocking `MPI_Allreduce` from one buffer into another: the plainest way to sum over ranks.
private final class BareAllReduce: GradientReducer {
    let layout: ReductionLayout
    let parts: [Range<Int>]
    var ownShards: Range<Int> { communicator.rank ..< communicator.rank + 1 }
    private let communicator: MPICommunicator
    private let own: UnsafeMutablePointer<Float>
    private let result: UnsafeMutablePointer<Float>

    init(_ layout: ReductionLayout, _ communicator: MPICommunicator) {
        (self.layout, self.communicator) = (layout, communicator)
        parts = [0 ..< layout.count]
        (own, result) = (allocateFloats(layout.count), allocateFloats(layout.count))
    }

    deinit {
        own.deallocate()
        result.deallocate()
    }

    func arena(ofShard shard: Int) -> UnsafeMutablePointer<Float> { own }
    func sums(_ part: Range<Int>) -> UnsafePointer<Float> { UnsafePointer(result + part.lowerBound) }
    func ready(bucket index: Int) {}

    func finish() {
        let code = MPI_Allreduce(own, result, Int32(layout.count), cmpi_float(), cmpi_sum(), communicator.world)
        communicator.check(code, "MPI_Allreduce")
    }
}
