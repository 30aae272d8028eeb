import Foundation
import Lockstep

/// What must be the same on every rank, as each rank can tell by itself: if one differs, the ranks would compute different
/// things, and find out late or never.
struct Identity {
    /// What it is, and how this rank has it.
    private var facts: [(name: String, value: String)]

    /// The program, the kind of processor (kernels of another kind round differently), the config, the model and the data.
    ///
    /// - Parameter config: its text.
    init(config: String?, _ model: Model, _ data: KeyValuePairs<String, Dataset?>) {
        facts = [("build of lockstep", Identity.build), ("kind of processor", Identity.processor)]
        facts.append(("config", config.map { "checksum \(String(Data($0.utf8).withUnsafeBytes(checksum), radix: 16))" } ?? "none"))
        facts.append(("model", "\(model.countParams()) parameters"))
        facts += data.map { ($0.key, $0.value?.fingerprint ?? "none") }
    }

    /// Ends all ranks with one line and status 2 if one of them differs from rank zero. Collective.
    func requireSame(_ job: Job) {
        let all = job.communicator.allGather(facts.map(\.value).joined(separator: "\n")).map {
            $0.split(separator: "\n", omittingEmptySubsequences: false)
        }
        for (index, fact) in facts.enumerated() {
            guard let other = all.firstIndex(where: { $0[index] != all[0][index] }) else { continue }
            job.endTogether(
                "rank \(other) on \(job.peers[other].host): another \(fact.name) than on rank 0: \(all[other][index]), not \(all[0][index])"
            )
        }
    }

    /// A checksum of the running program.
    private static var build: String {
        let program = FileManager.default.contents(atPath: "/proc/self/exe") ?? Data()
        return "checksum \(String(program.withUnsafeBytes(checksum), radix: 16))"
    }

    private static var processor: String { "\(Threads.blasCore) with \(Threads.vectorUnit)" }
}

extension Dataset {
    /// Sizes and a checksum of all bytes.
    fileprivate var fingerprint: String {
        let shapes = (inputs + targets).map { $0.column.sampleShape.description }.joined(separator: " and ")
        return "\(count) samples of \(shapes), checksum \(String(checksum, radix: 16))"
    }
}
