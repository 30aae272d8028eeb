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
            let threads = job.communicator.allGather(Array(String(Threads.count).utf8)).map { Int(String(decoding: $0, as: UTF8.self))! }
            let findings = Findings(job, threads: threads)
            job.write(json ? ConfigValue.object(findings.entries).json + "\n" : findings.table)
        }
    }
}

/// What the doctor has found, as seen from rank zero.
private struct Findings {
    let entries: [ConfigValue.Entry]
    let warnings: [String]

    init(_ job: Job, threads: [Int]) {
        let hosts = job.peers.map(\.host).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let variables = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]
        var warnings = variables.compactMap { name in
            getenv(name).map { "\(name)=\(String(cString: $0)) keeps OpenBLAS from choosing its fastest kernels; unset it" }
        }
        var oversubscribed = false
        for host in hosts {
            let ranks = job.peers.indices.filter { job.peers[$0].host == host }
            let cores = ranks.reduce(into: Set<Int>()) { $0.formUnion(job.peers[$1].cores) }
            let wanted = ranks.reduce(0) { $0 + threads[$1] }
            guard wanted > cores.count else { continue }
            oversubscribed = true
            warnings.append(
                "\(host): \(ranks.count) ranks of \(wanted) threads in all share \(cores.count) cores; start fewer, or bind them to other cores (mpirun --bind-to none)"
            )
        }
        self.warnings = warnings
        let reduction = job.size == 1 ? "none: one process" : hosts.count == 1 ? "shared memory" : "messages"
        let transport =
            job.size == 1
            ? "none" : hosts.count == 1 ? "shared memory" : getenv("OMPI_MCA_btl").map { String(cString: $0) } ?? "as MPI chooses"
        entries = [
            .init("blas_core", .string(Threads.blasCore)), .init("threads", .int(threads[0])),
            .init("cores", .int(ProcessInfo.processInfo.processorCount)),
            .init("binding", .array(job.peers.map { .string(Findings.ranges($0.cores)) })),
            .init("ranks", .int(job.size)), .init("ranks_on_host", .int(job.neighbours.count)),
            .init("hosts", .array(hosts.map { .string($0) })),
            .init("launched", .bool(MPICommunicator.launched)),
            .init("reduction", .string(reduction)), .init("transport", .string(transport)),
            .init("oversubscribed", .bool(oversubscribed)), .init("warnings", .array(warnings.map { .string($0) })),
        ]
    }

    /// `0-3,8`
    private static func ranges(_ cores: Set<Int>) -> String {
        var runs: [ClosedRange<Int>] = []
        for core in cores.sorted() {
            if let last = runs.last, last.upperBound == core - 1 {
                runs[runs.count - 1] = last.lowerBound ... core
            } else {
                runs.append(core ... core)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
    }

    private static let titles: KeyValuePairs = [
        "blas_core": "BLAS kernels", "threads": "Threads a rank", "cores": "Cores of the host", "binding": "Cores of each rank",
        "ranks": "Ranks",
        "ranks_on_host": "Ranks on this host", "hosts": "Hosts", "reduction": "Gradients summed by", "transport": "Messages through",
    ]

    /// A line for each finding, and one for each warning.
    var table: String {
        let rows = Findings.titles.map { key, title in
            title.padding(toLength: 22, withPad: " ", startingAt: 0) + Findings.text(ConfigValue.object(entries)[key]!) + "\n"
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
