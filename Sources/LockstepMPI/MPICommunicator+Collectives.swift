import CMPI
import LockstepCommunication

// Each operation is the non-blocking one of MPI and a wait, so that all waiting is in `Waiting`, where it can be
// watched, and yields the core when ranks outnumber cores. MPI counts in Int32: longer buffers go in chunks.

extension MPICommunicator {
    /// Replaces each element by its sum over all ranks, in an order that MPI chooses. Collective.
    ///
    /// Summed on rank zero and sent from there: MPI does not promise that an all-reduce gives all ranks the same bytes.
    public func sum(_ values: UnsafeMutableBufferPointer<Float>) {
        forEachChunk(values.count) { chunk in
            let start = values.baseAddress! + chunk.lowerBound
            let count = Int32(chunk.count)
            run("MPI_Ireduce") {
                MPI_Ireduce(
                    rank == 0 ? UnsafeRawPointer(cmpi_in_place()) : UnsafeRawPointer(start), start, count, cmpi_float(),
                    cmpi_sum(), 0, world, &$0)
            }
            run("MPI_Ibcast") { MPI_Ibcast(start, count, cmpi_float(), 0, world, &$0) }
        }
    }

    /// Replaces the bytes on every rank by those of `root`. Collective; as many bytes on every rank.
    public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {
        guard 0 ..< size ~= root else { fail("broadcast: no rank \(root) among \(size)") }
        forEachChunk(bytes.count) { chunk in
            run("MPI_Ibcast") {
                MPI_Ibcast(
                    bytes.baseAddress! + chunk.lowerBound, Int32(chunk.count), cmpi_byte(), Int32(root), world, &$0)
            }
        }
    }

    /// The bytes that each rank gave, in rank order. Collective; lengths may differ, and may be zero.
    public func allGather(_ bytes: [UInt8]) -> [[UInt8]] {
        var length = Int64(bytes.count)
        var lengths = [Int64](repeating: 0, count: size)
        run("MPI_Iallgather") { MPI_Iallgather(&length, 8, cmpi_byte(), &lengths, 8, cmpi_byte(), world, &$0) }

        // In rounds, in each of which a rank gives at most `share` bytes, so that places in the buffer fit an Int32.
        let share = max(1, largestMessage / size)
        var gathered = lengths.map { length in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Int(length))
            return bytes
        }
        for start in stride(from: 0, to: Int(lengths.max()!), by: share) {
            let counts = lengths.map { Int32(min(max(Int($0) - start, 0), share)) }
            var places: [Int32] = []
            var total: Int32 = 0
            for count in counts {
                places.append(total)
                total += count
            }
            let received = [UInt8](unsafeUninitializedCapacity: Int(total)) { buffer, initialised in
                bytes.withUnsafeBytes { own in
                    let first = own.baseAddress.map { $0 + min(start, own.count) }
                    run("MPI_Iallgatherv") {
                        MPI_Iallgatherv(
                            first, counts[rank], cmpi_byte(), buffer.baseAddress, counts, places, cmpi_byte(), world, &$0)
                    }
                }
                initialised = Int(total)
            }
            for other in 0 ..< size {
                gathered[other] += received[Int(places[other]) ..< Int(places[other] + counts[other])]
            }
        }
        return gathered
    }

    /// Fills `values` with each rank's part of them. Collective.
    public func gather(_ values: UnsafeMutableBufferPointer<Float>, parts: [Range<Int>]) {
        // A part is sent from the rank that has it, in chunks that MPI can count.
        for (root, part) in parts.enumerated() where !part.isEmpty {
            broadcast(
                UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(values)[part.lowerBound * 4 ..< part.upperBound * 4]),
                from: root)
        }
    }

    /// Returns once every rank has called it. Collective.
    public func barrier() { run("MPI_Ibarrier") { MPI_Ibarrier(world, &$0) } }

    /// Starts an operation and waits for its end.
    private func run(_ operation: StaticString, _ start: (inout MPI_Request?) -> Int32) {
        if let soloActivity { fail("\(operation) during \(soloActivity): the other ranks do not take part; do it outside, on all ranks") }
        var request: MPI_Request?
        check(start(&request), operation)
        waiting.wait(for: operation, on: self) { isComplete(&request, operation) }
    }

    /// Whether the operation has ended; lets MPI make progress.
    func isComplete(_ request: UnsafeMutablePointer<MPI_Request?>, _ operation: StaticString) -> Bool {
        var flag: Int32 = 0
        check(MPI_Test(request, &flag, nil), operation)
        return flag != 0
    }

    private func forEachChunk(_ count: Int, _ body: (Range<Int>) -> Void) {
        for start in stride(from: 0, to: count, by: largestMessage) {
            body(start ..< min(start + largestMessage, count))
        }
    }
}
