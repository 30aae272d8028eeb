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
        let lengths = gatherLengths(bytes.count)
        let total = lengths.reduce(0) { $0 + Int($1) }
        guard total <= largestMessage else {
            // More than MPI can place in one buffer: rank by rank, straight to where it stays.
            return lengths.enumerated().map { root, length in
                if root == rank {
                    bytes.withUnsafeBytes { broadcast(UnsafeMutableRawBufferPointer(mutating: $0), from: root) }
                    return bytes
                }
                return [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, initialised in
                    let received = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: Int(length))
                    broadcast(received, from: root)
                    initialised = Int(length)
                }
            }
        }
        let counts = lengths.map { Int32($0) }
        let places = counts.indices.map { counts[..<$0].reduce(0, +) }
        let received = [UInt8](unsafeUninitializedCapacity: total) { buffer, initialised in
            // MPI reads counts and places until the end of the operation.
            bytes.withUnsafeBytes { own in
                counts.withUnsafeBufferPointer { counts in
                    places.withUnsafeBufferPointer { places in
                        run("MPI_Iallgatherv") {
                            MPI_Iallgatherv(
                                own.baseAddress, counts[rank], cmpi_byte(), buffer.baseAddress, counts.baseAddress, places.baseAddress,
                                cmpi_byte(), world, &$0)
                        }
                    }
                }
            }
            initialised = total
        }
        return zip(places, counts).map { Array(received[Int($0) ..< Int($0 + $1)]) }
    }

    /// How many bytes each rank gives.
    private func gatherLengths(_ own: Int) -> [Int64] {
        var own = Int64(own)
        return [Int64](unsafeUninitializedCapacity: size) { lengths, count in
            lengths.initialize(repeating: 0)
            withUnsafeMutablePointer(to: &own) { own in
                run("MPI_Iallgather") { MPI_Iallgather(own, 8, cmpi_byte(), lengths.baseAddress, 8, cmpi_byte(), world, &$0) }
            }
            count = size
        }
    }

    /// Fills `values` with each rank's part of them. Collective.
    ///
    /// One `MPI_Iallgatherv` in place: between two ranks of one host that is as fast as copies through a shared window
    /// (64 KiB to 64 MiB). A buffer with more floats than MPI can count is sent part by part.
    public func gather(_ values: UnsafeMutableBufferPointer<Float>, parts: [Range<Int>]) {
        var end = 0
        for part in parts {
            guard part.lowerBound == end else { break }
            end = part.upperBound
        }
        guard parts.count == size, end == values.count else {
            fail(
                "gather: the parts \(parts) must be \(size), one a rank, each behind the one before, and together all of "
                    + "0 ..< \(values.count)")
        }
        guard values.count <= largestMessage else {
            for (root, part) in parts.enumerated() {
                broadcast(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: values[part])), from: root)
            }
            return
        }
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * size) { numbers in
            let (counts, places) = (numbers.baseAddress!, numbers.baseAddress! + size)
            for (index, part) in parts.enumerated() {
                counts[index] = Int32(part.count)
                places[index] = Int32(part.lowerBound)
            }
            run("MPI_Iallgatherv") {
                MPI_Iallgatherv(cmpi_in_place(), 0, cmpi_float(), values.baseAddress, counts, places, cmpi_float(), world, &$0)
            }
        }
    }

    /// Returns once every rank has called it. Collective.
    public func barrier() { run("MPI_Ibarrier") { MPI_Ibarrier(world, &$0) } }

    /// What ranks wait in at the end of their program; see `WatchReport`.
    static let end: StaticString = "finalize"

    /// Returns once every rank has come to the end of its program. Collective.
    func awaitEnd() { run(Self.end) { MPI_Ibarrier(farewells, &$0) } }

    /// Starts an operation and waits for its end. What it reads and writes must stay where it is until then.
    private func run(_ operation: StaticString, _ start: (inout MPI_Request?) -> Int32) {
        if let soloActivity {
            fail("\(operation) during \(soloActivity): the other ranks do not take part; do it outside, on all ranks")
        }
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
