import Foundation
import LockstepCommunication
import LockstepMPI

/// `filled later|window`: somebody else fills up `/dev/shm`, which must be this job's own, and ranks go on with what they share.
/// `later`: when everything is made and most of it has not been written; `window`: just before the pages of a window are taken.
func checkFilled() {
    let communicator = MPICommunicator()
    func fill() {
        communicator.barrier()
        if communicator.rank == 0 { fillSharedMemory() }
        communicator.barrier()
    }
    let isLater = option(0) == "later"
    if !isLater { communicator.onWindow = fill }
    let count = 2 << 20
    let layout = ReductionLayout(count: count, buckets: [0 ..< count], shards: communicator.size, exactFrom: count)
    guard let reducer = communicator.makeReducer(layout) as? any SharedSums else { communicator.fail("not shared") }
    reducer.share(matrices: [])
    let memory = reducer.makeHostMemory(floats: count, own: reducer.ownParts)
    if isLater { fill() }
    for step in 0 ..< 2 {
        reducer.begin()
        let arena = reducer.arena(ofShard: communicator.rank)
        for index in 0 ..< count { arena[index] = Float(step + communicator.rank) }
        reducer.ready(bucket: 0)
        reducer.finish()
        for part in reducer.ownParts {
            reducer.sum(part)
            for index in part { memory.floats[index] += reducer.place(part)[index - part.lowerBound] }
        }
        reducer.exchange()
        reducer.end()
    }
    communicator.barrier()
    let size = communicator.size
    let expected = Float(size * (size - 1) + size)
    expect((0 ..< count).allSatisfy { memory.floats[$0] == expected }, communicator, "not the sums of two steps")
    communicator.finalize()
}

/// Takes all of the room that is left.
private func fillSharedMemory() {
    let file = open("/dev/shm/filler", O_WRONLY | O_CREAT, 0o600)
    for size in [1 << 20, 4096] {
        let block = [UInt8](repeating: 1, count: size)
        while write(file, block, size) == size {}
    }
    close(file)
}
