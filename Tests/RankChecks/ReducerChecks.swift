import AllocationCounter
import Foundation
import LockstepCommunication
import LockstepMPI

/// Sums in every layout over several steps: `reducer REDUCTION,SHARDS|ranks[,LARGEST|-[,HOSTS]] …`, one after the other. Prints one
/// checksum over all of each. HOSTS has a digit a rank: ranks with the same one pass for a host.
///
/// Against the explicit tree, bit by bit, except for `allReduce`, whose order is MPI's. Ranks are late in turn: in
/// writing, in announcing, and in reading the sums while others already write the next step.
func checkReducer() {
    let communicators = arguments.dropFirst().map { checkReducer($0.split(separator: ",").map(String.init)) }
    communicators[0].finalize()
}

private func checkReducer(_ words: [String]) -> MPICommunicator {
    guard let reduction = MPICommunicator.Reduction(rawValue: words[0]) else { fatalError("no reduction \(words[0])") }
    let largest = words.count > 2 ? Int(words[2]) ?? Int(Int32.max) : Int(Int32.max)
    var pretendedHost: ((Int) -> Int)?
    if words.count > 3 {
        let hosts = words[3].map { Int(String($0))! }
        pretendedHost = { hosts[$0] }
    }
    let communicator = MPICommunicator(reduction: reduction, largestMessage: largest, pretendedHost: pretendedHost)
    let shards = words[1] == "ranks" ? communicator.size : Int(words[1])!
    var total: UInt64 = 0
    // The same sizes for any number of ranks, as checksums are compared between runs.
    for count in Array(0 ... 9) + [15, 16, 17, 1000, 4321] {
        for cuts in [[], [count / 3, count / 3, count * 4 / 5], Array(stride(from: 3, to: count, by: max(37, count / 9)))] {
            let bounds = [0] + cuts + [count]
            let buckets = zip(bounds, bounds.dropFirst()).map { $0 ..< $1 }
            let layout = ReductionLayout(count: count, buckets: buckets, shards: shards)
            let reducer = communicator.makeReducer(layout)
            expectArenas(reducer, communicator)
            // No rank waits for another here but in the reducer.
            let sums = (0 ..< 5).map { step in
                let values = Values.allCases[step % 2]
                runStep(reducer, step, values, communicator)
                defer { reducer.end() }
                return expectSums(reducer, step, values, exact: reduction != .allReduce, communicator)
            }
            for sums in sums {
                let checksum = expectSameBytes(sums, count: count, communicator, "\(reduction) \(layout)")
                total = (total ^ checksum) &* 0x100_0000_01B3
            }
        }
    }
    if communicator.rank == 0 { print("checksum \(String(total, radix: 16))") }
    return communicator
}

/// Every shard has one owner; arenas are zero, aligned and apart.
private func expectArenas(_ reducer: any GradientReducer, _ communicator: MPICommunicator) {
    let own = communicator.allGather(reducer.ownShards.map { UInt8($0) })
    expect(own.joined().map { Int($0) } == Array(0 ..< reducer.layout.shards), communicator, "shards have owners \(own)")
    for shard in reducer.ownShards {
        let arena = reducer.arena(ofShard: shard)
        expect(UInt(bitPattern: arena) % 64 == 0, communicator, "arena \(shard) is not on a cache line")
        expect((0 ..< reducer.layout.count).allSatisfy { arena[$0] == 0 }, communicator, "arena \(shard) is not zero")
    }
    // Others may still look at theirs.
    communicator.barrier()
}

/// Spoils the arenas, as nobody may still read them; writes and announces the buckets as a backward pass does.
private func runStep(_ reducer: any GradientReducer, _ step: Int, _ values: Values, _ communicator: MPICommunicator) {
    reducer.begin()
    for arena in reducer.ownShards.map(reducer.arena(ofShard:)) { arena.update(repeating: -7e30, count: reducer.layout.count) }
    for (index, bucket) in reducer.layout.buckets.enumerated() {
        for shard in reducer.ownShards {
            let arena = reducer.arena(ofShard: shard)
            for element in bucket { arena[element] = value(values, source: shard, step: step, index: element) }
        }
        if (step + index) % communicator.size == communicator.rank { usleep(500) }
        reducer.ready(bucket: index)
    }
    reducer.finish()
    // One rank reads late.
    if step % communicator.size == communicator.rank { usleep(1000) }
}

/// Returns the sums, all of which are as they should be.
@discardableResult
private func expectSums(
    _ reducer: any GradientReducer, _ step: Int, _ values: Values, exact: Bool, _ communicator: MPICommunicator
) -> [Float] {
    let layout = reducer.layout
    expect(
        reducer.parts.flatMap { $0 } == Array(0 ..< layout.count), communicator, "\(layout): the sums lie in the parts \(reducer.parts)")
    // Part by part, as they lie; all at once as well.
    let apart = reducer.parts.flatMap { Array(UnsafeBufferPointer(start: reducer.sums($0), count: $0.count)) }
    let sums = reducer.sums(0 ..< layout.count)
    for index in 0 ..< layout.count {
        let got = sums[index]
        let agree = got.bitPattern == apart[index].bitPattern
        expect(agree, communicator, "\(layout): sum \(index) is \(got), and \(apart[index]) in its part")
        let close = reference(values, sources: layout.shards, step: step, index: index)
        expect(
            isClose(got, close), communicator,
            "step \(step), \(layout): sum \(index) is \(got), expected \(close.sum) ± \(close.tolerance)")
        guard exact else { continue }
        let expected = tree(values, 0 ..< layout.shards, step: step, index: index)
        let same = got.bitPattern == expected.bitPattern || (got.isNaN && expected.isNaN)
        expect(same, communicator, "step \(step), \(layout): sum \(index) is \(got), the tree gives \(expected)")
    }
    return apart
}

/// Two reducers alive, dropped at different times on different ranks; 200 more follow. Nothing hangs, nothing piles up.
func checkWindows() {
    let communicator = MPICommunicator(reduction: .sharedMemory)
    let layout = ReductionLayout(count: 1000, buckets: [0 ..< 400, 400 ..< 1000], shards: communicator.size)
    var held: [any GradientReducer] = [communicator.makeReducer(layout)]
    for step in 0 ..< 200 {
        let reducer = communicator.makeReducer(layout)
        for reducer in [held[0], reducer] {
            runStep(reducer, step, .ordinary, communicator)
            expectSums(reducer, step, .ordinary, exact: true, communicator)
            reducer.end()
        }
        // Rank zero keeps some longer than the others.
        if communicator.rank == 0, step % 10 != 9 { held.append(reducer) } else { held.removeSubrange(1...) }
        expect(communicator.mappedWindows <= 13, communicator, "\(communicator.mappedWindows) windows are mapped")
    }
    communicator.finalize()
}

/// After the first step a reducer allocates nothing, from `begin` to `end`. (MPI itself may, for messages.)
func checkAllocations() {
    let communicator = MPICommunicator(reduction: .sharedMemory)
    // The counter counts.
    let start = heap_allocations()
    let block = UnsafeMutablePointer<Float>.allocate(capacity: 100_000)
    expect(heap_allocations() > start, communicator, "allocations are not counted")
    block.deallocate()

    let layout = ReductionLayout(count: 5000, buckets: [0 ..< 1234, 1234 ..< 5000], shards: communicator.size * 2 + 1)
    let reducer = communicator.makeReducer(layout)
    runStep(reducer, 0, .ordinary, communicator)
    _ = reducer.sums(0 ..< layout.count)
    reducer.end()
    let before = heap_allocations()
    for _ in 0 ..< 100 {
        reducer.begin()
        reducer.ready(bucket: 0)
        reducer.ready(bucket: 1)
        reducer.finish()
        for part in reducer.parts { _ = reducer.sums(part) }
        _ = reducer.sums(0 ..< layout.count)
        reducer.end()
    }
    let allocations = heap_allocations() - before
    expect(allocations == 0, communicator, "\(allocations) heap allocations in 100 steps")
    communicator.finalize()
}
