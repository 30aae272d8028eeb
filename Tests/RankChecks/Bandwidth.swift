import CKernels
import CMPI
import Foundation
import LockstepCommunication
import LockstepMPI

/// Time and bus bandwidth of each reducer against `MPI_Allreduce`, in turn in one run.
///
/// Bus bandwidth = 2 (n - 1) / n · bytes / time: what a ring all-reduce moves per rank, whatever the algorithm. Each
/// rank writes its arena before and reads all sums after the reduction; only the reduction is timed. Best of 5 rounds.
func measureBandwidth() {
    let communicator = MPICommunicator()
    let oneHost = communicator.localSize == communicator.size
    let communicators = MPICommunicator.Reduction.allCases.filter { $0 != .automatic && (oneHost || $0 != .sharedMemory) }
        .map { ($0, MPICommunicator(reduction: $0)) }
    for bytes in [4 << 10, 64 << 10, 1 << 20, 16 << 20] {
        let count = bytes / 4
        let layout = ReductionLayout(count: count, buckets: [0 ..< count], shards: communicator.size)
        let steps = max(5, min(500, (64 << 20) / bytes))
        var contenders: [(name: String, arena: UnsafeMutablePointer<Float>, sums: UnsafePointer<Float>, reduce: () -> Void)] = []
        for (reduction, communicator) in communicators {
            let reducer = communicator.makeReducer(layout)
            contenders.append(
                (
                    reduction.rawValue, reducer.arena(ofShard: reducer.ownShards.lowerBound), reducer.sums,
                    {
                        reducer.ready(bucket: 0)
                        reducer.finish()
                    }
                ))
        }
        let own = UnsafeMutablePointer<Float>.allocate(capacity: count)
        let sums = UnsafeMutablePointer<Float>.allocate(capacity: count)
        contenders.append(
            (
                "MPI_Allreduce", own, UnsafePointer(sums),
                { MPI_Allreduce(own, sums, Int32(count), cmpi_float(), cmpi_sum(), cmpi_comm_world()) }
            ))

        var best = [Double](repeating: .infinity, count: contenders.count)
        for _ in 0 ..< 5 {
            for (index, contender) in contenders.enumerated() {
                var seconds = 0.0
                for step in 0 ..< steps {
                    contender.arena.update(repeating: Float(step + communicator.rank), count: count)
                    communicator.barrier()
                    let start = DispatchTime.now().uptimeNanoseconds
                    contender.reduce()
                    seconds += Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
                    let expected = Float(step * communicator.size + communicator.size * (communicator.size - 1) / 2)
                    let sum = lk_checksum(Int64(count), contender.sums)
                    expect(contender.sums[count / 2] == expected && sum != 0, communicator, "\(contender.name) is wrong")
                }
                best[index] = min(best[index], seconds / Double(steps))
            }
        }
        // The slowest rank's time counts.
        let all = communicator.allGather(best.withUnsafeBytes { Array($0) }).map { bytes in
            bytes.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
        }
        guard communicator.rank == 0 else { continue }
        for (index, contender) in contenders.enumerated() {
            let seconds = all.map { $0[index] }.max()!
            let n = Double(communicator.size)
            let bandwidth = 2 * (n - 1) / n * Double(bytes) / seconds / 1e9
            print("\(bytes >> 10) KiB  \(contender.name)  \(String(format: "%.1f µs  %.2f GB/s", seconds * 1e6, bandwidth))")
        }
    }
    communicator.finalize()
}
