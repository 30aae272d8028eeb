import Foundation
import Lockstep
import LockstepMPI

/// Where and with what a run runs, and how long it took: `environment.json` in its directory.
struct RunRecord {
    let entries: [ConfigValue.Entry]

    /// As a run begins, for rank zero to keep. Collective.
    init(_ job: Job) {
        let findings = Findings(job)
        var host = utsname()
        uname(&host)
        let system = withUnsafeBytes(of: &host.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        entries = [
            .init("lockstep", .string(LockstepProgram.version)), .init("openblas", .string(Threads.blasVersion)),
            .init("onednn", .string(Convolutions.libraryVersion)), .init("mpi", .string(MPICommunicator.libraryVersion)),
            .init("system", .string("Linux \(system)")),
            .init("started", .string(Date().ISO8601Format())),
            .init("command", .string(CommandLine.arguments.joined(separator: " "))),
            .init("ranks", .int(job.size)), .init("hosts", .array(findings.hosts.map { .string($0) })),
            .init("threads", .int(findings.ranks[0].threads)), .init("cores", .int(ProcessInfo.processInfo.processorCount)),
            .init("blas_core", .string(Threads.blasCore)), .init("vector_unit", .string(Threads.vectorUnit)),
        ]
    }

    /// Keeps it; once more when the run has ended, with how it ended.
    func write(to folder: RunFolder, seconds: Double? = nil, outcome: String = "running") throws {
        let end: [ConfigValue.Entry] = [.init("outcome", .string(outcome))] + (seconds.map { [.init("seconds", .double($0))] } ?? [])
        try folder.write(ConfigValue.object(entries + end).strictJSON + "\n", to: RunFolder.environment)
    }
}
