import Foundation
import LockstepCommunication
import LockstepMPI

/// Buffers of more than 2^31 bytes, two ranks: `large sum|broadcast|allGather|gather|REDUCTION`.
///
/// A block of floats repeats, with its number in front, so that filling and comparing are copies: `factor` times the
/// block, whole numbers, so that sums are exact.
func checkLarge() {
    let what = option(0)
    let communicator = MPICommunicator(reduction: .init(rawValue: what) ?? .automatic)
    expect(communicator.size == 2, communicator, "large: two ranks")
    let (rank, count) = (communicator.rank, 1 << 29 + 5)

    switch what {
    case "sum", "broadcast", "gather":
        let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        fill(values, factor: Float(rank + 1))
        switch what {
        case "sum":
            communicator.sum(values)
            compare(values, factor: 3, communicator, what)
        case "broadcast":
            communicator.broadcast(UnsafeMutableRawBufferPointer(values), from: 1)
            compare(values, factor: 2, communicator, what)
        default:
            // Rank one's part alone is beyond 2^31 bytes.
            let cut = 3
            communicator.gather(values, parts: [0 ..< cut, cut ..< count])
            for index in 0 ..< cut { expect(values[index] == number(index, factor: 1), communicator, "gather: \(index)") }
            for index in 0 ..< cut { values[index] = number(index, factor: 2) }
            compare(values, factor: 2, communicator, what)
        }
        values.deallocate()
    case "allGather":
        let given = [UInt8](unsafeUninitializedCapacity: count * 4) { buffer, initialised in
            initialised = rank == 1 ? count * 4 : 3
            guard rank == 1 else { return buffer[..<3].initialize(repeating: 7) }
            UnsafeMutableRawBufferPointer(buffer).withMemoryRebound(to: Float.self) { fill($0, factor: 2) }
        }
        let gathered = communicator.allGather(given)
        expect(gathered.map(\.count) == [3, count * 4] && gathered[0] == [7, 7, 7], communicator, "allGather: lengths")
        gathered[1].withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: Float.self) { compare(.init(mutating: $0), factor: 2, communicator, what) }
        }
    default:
        let layout = ReductionLayout(count: count, buckets: [0 ..< 1000, 1000 ..< count], shards: 2)
        let reducer = communicator.makeReducer(layout)
        reducer.begin()
        fill(.init(start: reducer.arena(ofShard: rank), count: count), factor: Float(rank + 1))
        reducer.ready(bucket: 0)
        reducer.ready(bucket: 1)
        reducer.finish()
        compare(.init(start: UnsafeMutablePointer(mutating: reducer.sums(0 ..< count)), count: count), factor: 3, communicator, what)
        reducer.end()
    }
    communicator.finalize()
}

private let blockSize = 1 << 20

private func number(_ index: Int, factor: Float) -> Float {
    factor * Float(index % blockSize == 0 ? index / blockSize : index % 9973)
}

private func makeBlock(_ factor: Float) -> [Float] { (0 ..< blockSize).map { number($0, factor: factor) } }

private func fill(_ values: UnsafeMutableBufferPointer<Float>, factor: Float) {
    var block = makeBlock(factor)
    for start in stride(from: 0, to: values.count, by: blockSize) {
        block[0] = number(start, factor: factor)
        memcpy(values.baseAddress! + start, block, min(blockSize, values.count - start) * 4)
    }
}

private func compare(
    _ values: UnsafeMutableBufferPointer<Float>, factor: Float, _ communicator: MPICommunicator, _ what: String
) {
    var block = makeBlock(factor)
    for start in stride(from: 0, to: values.count, by: blockSize) {
        block[0] = number(start, factor: factor)
        let same = memcmp(values.baseAddress! + start, block, min(blockSize, values.count - start) * 4) == 0
        expect(same, communicator, "\(what) of \(values.count) floats: wrong from element \(start) on")
    }
}
