import ArgumentParser
import Foundation
import Lockstep
import LockstepMPI

/// `lockstep doctor`: what a training run would find here, and what would slow it down.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the kernels, threads, cores and ranks that a run would use here, and warns of what slows it down.",
        discussion: """
            Example:
              mpirun -n 4 lockstep doctor
            """)

    @Flag(help: "Print one JSON object.") var json = false

    func run() {
        Job.run { job in
            let diagnosis = Diagnosis(Findings(job), job)
            job.write(json ? ConfigValue.object(diagnosis.entries).json + "\n" : diagnosis.table)
        }
    }
}

/// What the doctor says of the findings, as seen from rank zero.
private struct Diagnosis {
    let entries: [ConfigValue.Entry]
    let warnings: [String]

    init(_ findings: Findings, _ job: Job) {
        let hosts = findings.hosts
        warnings = findings.warnings
        let acrossHosts = hosts.count < job.size ? "shared memory within hosts, messages between them" : "messages"
        let reduction = job.size == 1 ? "none: one process" : hosts.count == 1 ? "shared memory" : acrossHosts
        let setting = getenv("OMPI_MCA_btl").map { String(cString: $0) }
        let transport = job.size == 1 ? "none" : setting ?? (hosts.count == 1 ? "shared memory" : "as MPI chooses")
        entries = [
            .init("blas_core", .string(Threads.blasCore)), .init("vector_unit", .string(Threads.vectorUnit)),
            .init("threads", .int(findings.ranks[0].threads)),
            .init("cores", .int(ProcessInfo.processInfo.processorCount)),
            .init("binding", .array(job.peers.map { .string(Findings.list($0.cores)) })),
            .init("ranks", .int(job.size)), .init("ranks_on_host", .int(job.peers.neighbours(ofRank: job.rank).count)),
            .init("hosts", .array(hosts.map { .string($0) })),
            .init("launched", .bool(MPICommunicator.launched)),
            .init("reduction", .string(reduction)), .init("transport", .string(transport)),
            .init("oversubscribed", .bool(findings.isOversubscribed)), .init("warnings", .array(warnings.map { .string($0) })),
        ]
    }

    private static let titles: KeyValuePairs = [
        "blas_core": "BLAS kernels", "vector_unit": "Other kernels", "threads": "Threads a rank", "cores": "Cores of the host",
        "binding": "Cores of each rank", "ranks": "Ranks",
        "ranks_on_host": "Ranks on this host", "hosts": "Hosts", "reduction": "Gradients summed by", "transport": "Messages through",
    ]

    /// A line for each finding, and one for each warning.
    var table: String {
        let rows = Diagnosis.titles.map { key, title in
            title.padding(toLength: 22, withPad: " ", startingAt: 0) + Diagnosis.text(ConfigValue.object(entries)[key]!) + "\n"
        }
        return rows.joined() + warnings.map { "warning: \($0)\n" }.joined()
    }

    private static func text(_ value: ConfigValue) -> String {
        switch value {
        case .string(let text): return text
        case .array(let items):
            let texts = items.map(text)
            return Set(texts).count == 1 && texts.count > 1 ? "\(texts[0]) (all)" : texts.joined(separator: " | ")
        default: return value.json
        }
    }
}
