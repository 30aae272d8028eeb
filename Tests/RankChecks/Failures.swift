import Foundation
import LockstepCommunication
import LockstepMPI

// Each ends the job on all ranks; the test looks at the status, the time and the line on standard error.

private func layout(_ communicator: MPICommunicator, count: Int = 4096) -> ReductionLayout {
    ReductionLayout(count: count, buckets: [0 ..< 1000, 1000 ..< count], shards: communicator.size)
}

func failByMismatchedLayout() {
    let communicator = MPICommunicator()
    _ = communicator.makeReducer(layout(communicator, count: communicator.rank == 1 ? 4097 : 4096))
    communicator.finalize()
}

func failByWrongOrder() {
    let communicator = MPICommunicator(reduction: reductionOption(0))
    let reducer = communicator.makeReducer(layout(communicator))
    reducer.begin()
    reducer.ready(bucket: communicator.rank == 1 ? 1 : 0)
    reducer.ready(bucket: 1)
    reducer.finish()
    communicator.finalize()
}

func failByTooFewShards() {
    let communicator = MPICommunicator(reduction: reductionOption(0))
    let shards = communicator.size - 1
    _ = communicator.makeReducer(ReductionLayout(count: 10, buckets: [0 ..< 10], shards: shards))
    communicator.finalize()
}

func failByCompressedShards() {
    let communicator = MPICommunicator(compression: .bfloat16)
    _ = communicator.makeReducer(ReductionLayout(count: 10, buckets: [0 ..< 10], shards: 8))
    communicator.finalize()
}

func failByCompressedExchange() {
    let communicator = MPICommunicator(reduction: .exchange, compression: .float16)
    _ = communicator.makeReducer(layout(communicator))
    communicator.finalize()
}

func failByUnevenParts() {
    let communicator = MPICommunicator()
    var values = [Float](repeating: 0, count: 10)
    values.withUnsafeMutableBufferPointer { communicator.gather($0, parts: [0 ..< 4, 5 ..< 10]) }
    communicator.finalize()
}

/// Rank one gives a shorter buffer than rank zero sends.
func failByMPIError() {
    let communicator = MPICommunicator()
    var bytes = [UInt8](repeating: 1, count: communicator.rank == 1 ? 10 : 20)
    bytes.withUnsafeMutableBytes { communicator.broadcast($0, from: 0) }
    communicator.finalize()
}

/// Rank one runs something else.
func failByPurposes() {
    let communicator = MPICommunicator()
    communicator.requireSame(communicator.rank == 1 ? "'lockstep predict'" : "'lockstep train'")
    communicator.finalize()
}

func failByAbort() {
    let communicator = MPICommunicator()
    if communicator.rank == 1 { communicator.abort(status: 7) }
    communicator.barrier()
    communicator.finalize()
}

/// Rank one is killed between two buckets while the others wait for it: `killed REDUCTION`.
func failByKill() {
    let communicator = MPICommunicator(reduction: reductionOption(0))
    let reducer = communicator.makeReducer(layout(communicator))
    for step in 0 ..< 10 {
        reducer.begin()
        reducer.ready(bucket: 0)
        if communicator.rank == 1, step == 5 {
            usleep(200_000)
            kill(getpid(), SIGKILL)
        }
        reducer.ready(bucket: 1)
        reducer.finish()
        reducer.end()
    }
    communicator.finalize()
}
