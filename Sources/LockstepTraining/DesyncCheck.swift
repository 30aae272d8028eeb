import CKernels
import LockstepCommunication
import LockstepNN
import LockstepTensor

/// Sees that all ranks hold the same parameters, without a message of its own.
///
/// Each step every rank takes a checksum of one part of its parameters and lets it travel behind its gradients; all ranks
/// then compare all checksums. The parts change from step to step, so a bit that has flipped on one rank is found within
/// `interval` steps, at the cost of reading 1/`interval` of the parameters a step. Numbers are compared, not bytes: where
/// training has diverged, ranks may come to NaNs of different bits.
///
/// Of a table whose gradients are those of rows (`RowGradients`) no more rows are looked at in a step than an eighth of those that a batch
/// names: it takes more steps to find what differs in a table of which a batch names little.
final class DesyncCheck {
    /// A checksum of 64 bits as four floats of 16 bits each, which every float holds exactly.
    static let floatsPerRank = 4

    /// Steps in which all parameters are looked at once.
    let interval: Int
    private let layout: ParameterLayout
    /// The length of the part of the layout that is looked at here.
    private let count: Int
    private let runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)]
    private let communicator: any Communicator
    /// The hosts of all ranks, for reports.
    private let hosts: [String]

    /// Collective.
    ///
    /// - Parameters:
    ///   - count: of the layout's floats; behind them are tables of rows.
    ///   - interval: 0 turns the check off.
    init(_ layout: ParameterLayout, count: Int, interval: Int, _ communicator: any Communicator) {
        (self.layout, self.count) = (layout, count)
        self.interval = communicator.size == 1 ? 0 : interval
        self.communicator = communicator
        runs = layout.runs
        hosts = communicator.allGather(communicator.host)
    }

    /// Writes this rank's checksum for step `step` behind its own gradients.
    ///
    /// - Parameters:
    ///   - rows: where the gradients of some tables are.
    ///   - slots: four floats for each rank, zero.
    func note(step: Int, _ rows: RowGradients?, into slots: UnsafeMutablePointer<Float>) {
        guard interval > 0 else { return }
        let checksum = checksum(ofPart: part(at: step)) &* 31 &+ (rows?.checksum(step: step) ?? 0)
        for index in 0 ..< Self.floatsPerRank {
            slots[communicator.rank * Self.floatsPerRank + index] = Float((checksum >> (16 * UInt64(index))) & 0xffff)
        }
    }

    /// Compares the checksums of all ranks; ends the job if one differs.
    func compare(step: Int, _ slots: UnsafePointer<Float>) {
        guard interval > 0 else { return }
        for rank in 1 ..< communicator.size {
            for index in 0 ..< Self.floatsPerRank where slots[index] != slots[rank * Self.floatsPerRank + index] {
                report(step: step, slots)
            }
        }
    }

    private func part(at step: Int) -> Int { Int(UInt(bitPattern: step) % UInt(interval)) }

    /// The floats of part `part` of the arena.
    private func range(ofPart part: Int) -> Range<Int> { balancedPart(part, of: interval, count: count) }

    private func checksum(ofPart part: Int) -> UInt64 {
        let range = range(ofPart: part)
        var sum: UInt64 = 0
        for run in runs {
            let common = range.clamped(to: run.offset ..< run.offset + run.count)
            if common.isEmpty { continue }
            sum = sum &* 31 &+ lk_checksum_numbers(Int64(common.count), run.parameters + (common.lowerBound - run.offset))
        }
        return sum
    }

    /// Names the ranks that differ from most others; where there is no majority, from rank zero.
    private func report(step: Int, _ slots: UnsafePointer<Float>) -> Never {
        // One line for all: rank zero's. Its abort ends this rank while it waits.
        if communicator.rank != 0 { while true { communicator.barrier() } }
        let checksums = (0 ..< communicator.size).map { rank in
            (0 ..< Self.floatsPerRank).map { slots[rank * Self.floatsPerRank + $0] }
        }
        let votes = checksums.map { own in checksums.count { $0 == own } }
        let reference = votes[0] == votes.max()! ? checksums[0] : checksums[votes.firstIndex(of: votes.max()!)!]
        let others = checksums.indices.filter { checksums[$0] != reference }
        let range = range(ofPart: part(at: step))
        let variables = layout.variables.indices.filter {
            !layout.elements(ofVariable: $0, in: range).isEmpty || layout.offsets[$0] >= count
        }
        communicator.fail(
            "step \(step): the parameters of \(others.map { "rank \($0) on \(hosts[$0])" }.joined(separator: ", ")) differ from those of "
                + "the other ranks, in \(variables.map { layout.variables[$0].path }.joined(separator: " or ")). Ranks must compute the same: check that "
                + "host's memory, and that nothing but fit changes weights on one rank alone")
    }
}
