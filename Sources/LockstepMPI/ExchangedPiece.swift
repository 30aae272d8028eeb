import CMPI
import Foundation
import LockstepCommunication

/// One piece of a bucket on its way between peers, each of which holds some subtrees of the fixed tree, summed:
/// 1. *scatter*: every peer sends slice p of its subtrees' sums to peer p (`MPI_Ialltoallv`), which finishes the tree;
/// 2. *gather*: peer p sends its slice of the sums to all (`MPI_Iallgatherv`).
///
/// Buffers, counts and places of both messages are made once. Compressed, all parts are, a peer's own as well: so all
/// peers expand the same bytes.
final class ExchangedPiece {
    let request: UnsafeMutablePointer<MPI_Request?>
    private let slices: [Range<Int>]
    private let own: Range<Int>
    private let piece: Range<Int>
    /// What this peer holds: arrays as long as an arena.
    private let sources: [UnsafePointer<Float>]
    /// For peer 0, for peer 1 …: its slice of each of the sources. A single source has that order already, and is sent
    /// from where it lies.
    private let packed: UnsafeMutablePointer<Float>?
    /// This peer's slice of what peer 0 holds, of what peer 1 holds, …
    private let received: UnsafeMutablePointer<Float>
    private let treeSum: TreeSum
    /// Of a compressed piece: what was sent in the first round and in the second.
    private let wire: (scattered: CompressedMessage, received: CompressedMessage, gathered: CompressedMessage)?
    private let sendCounts, sendPlaces, receiveCounts, receivePlaces, gatherCounts, gatherPlaces: Int32List

    /// - Parameters:
    ///   - sources: the sums of the subtrees that this peer holds.
    ///   - heldBy: how many subtrees each peer holds.
    ///   - tree: over them all, peer by peer.
    init(
        _ piece: Range<Int>, peer: Int, sources: [UnsafePointer<Float>], heldBy: [Int], tree: ShardTree,
        compression: MPICommunicator.Compression = .none
    ) {
        let peers = heldBy.count
        let slices = (0 ..< peers).map { slice($0, of: peers, bucket: piece) }
        let own = slices[peer]
        (self.slices, self.own, self.piece, self.sources) = (slices, own, piece, sources)
        request = .allocate(capacity: 1)
        request.initialize(to: nil)
        let isCompressed = compression != .none
        packed = isCompressed || sources.count == 1 ? nil : allocateFloats(sources.count * piece.count)
        let total = heldBy.reduce(0, +)
        if isCompressed {
            func message(_ count: Int) -> CompressedMessage { CompressedMessage(compression, count: count) }
            wire = (message(sources.count * piece.count), message(total * own.count), message(piece.count))
        } else {
            wire = nil
        }
        let received = allocateFloats(total * own.count)
        self.received = received
        treeSum = TreeSum((0 ..< total).map { received + $0 * own.count }, tree)
        let before = heldBy.indices.map { heldBy[..<$0].reduce(0, +) }
        sendCounts = Int32List(slices.map { $0.count * sources.count })
        sendPlaces = Int32List(slices.map { ($0.lowerBound - piece.lowerBound) * sources.count })
        receiveCounts = Int32List(heldBy.map { $0 * own.count })
        receivePlaces = Int32List(before.map { $0 * own.count })
        gatherCounts = Int32List(slices.map(\.count))
        gatherPlaces = Int32List(slices.map { $0.lowerBound - piece.lowerBound })
    }

    deinit {
        request.deallocate()
        packed?.deallocate()
        received.deallocate()
    }

    /// Starts the first round.
    func scatter(_ comm: MPI_Comm) -> Int32 {
        if wire != nil || packed != nil { pack() }
        let type = wire == nil ? cmpi_float() : cmpi_uint16()
        let sent =
            wire.map { UnsafeRawPointer($0.scattered.bits) } ?? UnsafeRawPointer(packed)
            ?? UnsafeRawPointer(sources[0] + piece.lowerBound)
        let arriving = wire.map { UnsafeMutableRawPointer($0.received.bits) } ?? UnsafeMutableRawPointer(received)
        return MPI_Ialltoallv(
            sent, sendCounts.start, sendPlaces.start, type, arriving, receiveCounts.start, receivePlaces.start, type, comm, request)
    }

    private func pack() {
        var place = 0
        for slice in slices {
            for source in sources {
                let start = source + slice.lowerBound
                if let wire { wire.scattered.compress(start, at: place, count: slice.count) }
                if let packed { memcpy(packed + place, start, slice.count * 4) }
                place += slice.count
            }
        }
    }

    /// Sums what the first round brought, and starts the second.
    func sumAndGather(_ result: UnsafeMutablePointer<Float>, _ comm: MPI_Comm) -> Int32 {
        wire?.received.expand(to: received)
        treeSum.sum(own.count, into: result + own.lowerBound)
        wire?.gathered.compress(result + own.lowerBound, at: own.lowerBound - piece.lowerBound, count: own.count)
        return MPI_Iallgatherv(
            cmpi_in_place(), 0, cmpi_float(),
            wire.map { UnsafeMutableRawPointer($0.gathered.bits) } ?? UnsafeMutableRawPointer(result + piece.lowerBound),
            gatherCounts.start, gatherPlaces.start, wire == nil ? cmpi_float() : cmpi_uint16(), comm, request)
    }

    /// The second round is over.
    func end(_ result: UnsafeMutablePointer<Float>) { wire?.gathered.expand(to: result + piece.lowerBound) }
}

/// Pieces on their way, in order. The two rounds have a communicator each: in each, all peers start the same operations
/// in the same order, however fast their messages come.
struct ExchangeProgress {
    private let pieces: [ExchangedPiece]
    private let scatters, gathers: MPI_Comm
    /// Pieces, in order: sent out; received and summed; sums received.
    private(set) var scattered = 0
    private var summed = 0
    private(set) var gathered = 0

    init(_ pieces: [ExchangedPiece], scatters: MPI_Comm, gathers: MPI_Comm) {
        (self.pieces, self.scatters, self.gathers) = (pieces, scatters, gathers)
    }

    /// Starts the next `count` pieces.
    mutating func scatter(_ count: Int, _ communicator: MPICommunicator) {
        for _ in 0 ..< count {
            communicator.check(pieces[scattered].scatter(scatters), "MPI_Ialltoallv")
            scattered += 1
        }
    }

    /// Takes every piece that is on its way as far as it goes now.
    mutating func advance(_ result: UnsafeMutablePointer<Float>, _ communicator: MPICommunicator) {
        while summed < scattered, communicator.isComplete(pieces[summed].request, "MPI_Ialltoallv") {
            communicator.check(pieces[summed].sumAndGather(result, gathers), "MPI_Iallgatherv")
            summed += 1
        }
        while gathered < summed, communicator.isComplete(pieces[gathered].request, "MPI_Iallgatherv") {
            pieces[gathered].end(result)
            gathered += 1
        }
    }

    /// All pieces are done; the next step begins.
    mutating func restart() { (scattered, summed, gathered) = (0, 0, 0) }
}

/// Counts for MPI at an address that stays: operations under way still read them.
final class Int32List {
    let start: UnsafeMutablePointer<Int32>
    init(_ values: [Int]) {
        start = .allocate(capacity: values.count)
        for (index, value) in values.enumerated() { (start + index).initialize(to: Int32(value)) }
    }
    deinit { start.deallocate() }
}
