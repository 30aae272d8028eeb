import ArgumentParser
import Foundation
import Lockstep

/// `lockstep audit`: whether a run, run again, comes to the same bytes.
struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs a run again: the same bytes, or the first step and weight that differ.",
        discussion: """
            Compares with the checksums of the weights that train has left in audit.jsonl: of each epoch's end, and every fit.audit_steps \
            steps. Nothing is written. Status 1 if anything differs.

            Examples:
              lockstep audit runs/quickstart
              mpirun -n 4 lockstep audit runs/quickstart --from runs/quickstart/checkpoints/checkpoint-00000282.keras
            """)

    @Argument(help: "The run's directory.") var directory: String
    @Option(help: "Begin with a checkpoint of the run, not with its start.") var from: String?
    @Flag(help: "Print one JSON object.") var json = false

    func run() {
        Job.run { job in
            let folder = RunFolder(claimed: directory)
            let (trail, run) = job.agree { () -> (AuditTrail, Run) in
                let trail = try AuditTrail(folder[RunFolder.audit])
                let config = folder[KeptConfig.name(in: folder)]
                return (trail, try Run(RunConfig(ConfigFile(config))))
            }
            run.prepare(job)
            Threads.count = trail.header.threads
            let now = run.auditHeader(job)
            job.agree { try requireComparable(trail.header, now) }
            let changes = zip(trail.header.facts, now.facts).filter { $0 != $1 }.map(\.0.name)
            let auditor = Auditor(trail)
            let callbacks = job.rank == 0 ? try run.makeCallbacks(in: folder, writing: false) + [auditor] : []
            let fit = run.config.fit
            try run.model.fit(
                run.training, batchSize: fit.batchSize, epochs: fit.epochs, verbose: 0, callbacks: callbacks, validation: run.validation,
                shuffle: fit.shuffle, seed: fit.seed, resuming: from)
            // Rank zero's: the others have compared nothing.
            let (message, isSame) = verdict(auditor, trail, changes)
            if json {
                job.write(json: [
                    .init("same", .bool(isSame)), .init("records", .int(auditor.same)),
                    .init("step", auditor.difference.map { .int($0.record.step) } ?? .null),
                    .init("weights", .array((auditor.difference?.weights ?? []).map { .string($0) })),
                    .init("changed", .array(changes.map { .string($0) })),
                ])
            } else {
                job.write("\(message)\n")
            }
            if job.fromRankZero({ isSame ? "same" : "" }).isEmpty { job.leave(status: 1) }
        }
    }

    /// - Throws: `InputError` where other last bits are no wonder.
    private func requireComparable(_ recorded: AuditTrail.Header, _ now: AuditTrail.Header) throws {
        guard recorded.processor == now.processor else {
            throw InputError(
                "\(directory): was run on \(recorded.processor), this is \(now.processor): other kernels round otherwise; audit it there")
        }
        guard recorded.logicalShards != nil || recorded.ranks == now.ranks else {
            throw InputError(
                "\(directory): was run on \(recorded.ranks) ranks, without logical_shards: other numbers come to other last bits; start \(recorded.ranks)"
            )
        }
    }

    private func verdict(_ auditor: Auditor, _ trail: AuditTrail, _ changes: [String]) -> (String, isSame: Bool) {
        let also = changes.isEmpty ? "" : "; what it is a run of has changed: \(changes.joined(separator: ", "))"
        if let (record, weights) = auditor.difference {
            let place = "step \(record.step), epoch \(record.epoch + 1)"
            let what =
                weights.isEmpty
                ? "the run comes to other steps"
                : "\(weights[0]) differs\(weights.count > 1 ? ", and \(weights.count - 1) more weights" : "")"
            return ("\(directory): differs at \(place): \(what)\(also)", false)
        }
        guard auditor.same > 0 else { return ("\(directory): has no records to compare\(also)", false) }
        return (
            "\(directory): the same bytes at \(auditor.same) recorded steps, the last \(trail.records.last!.step)\(also)", changes.isEmpty
        )
    }
}
