import Foundation
import Lockstep

/// What one rank knows of the place where it runs.
package struct RankPlace: Equatable {
    package var host: String
    /// The cores that it may use, and how many its host has.
    package var cores: Set<Int>, hostCores: Int
    /// Threads of its matrix products, and the kernels that these use.
    package var threads: Int, blasCore: String
    /// Variables of its environment that change how fast it is; those that are set.
    package var environment: [String: String]

    package init(host: String, cores: Set<Int>, hostCores: Int, threads: Int, blasCore: String, environment: [String: String] = [:]) {
        (self.host, self.cores, self.hostCores) = (host, cores, hostCores)
        (self.threads, self.blasCore, self.environment) = (threads, blasCore, environment)
    }

    /// Variables that keep OpenBLAS from choosing its kernels by itself.
    fileprivate static let kernelVariables = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]
    /// The ways in which Open MPI may send messages; `mpirun --mca btl …` sets it.
    fileprivate static let transport = "OMPI_MCA_btl"

    fileprivate static func own(_ peer: Peer) -> RankPlace {
        let variables = (kernelVariables + [transport]).compactMap { name in
            getenv(name).map { (name, String(cString: $0)) }
        }
        return RankPlace(
            host: peer.host, cores: peer.cores, hostCores: ProcessInfo.processInfo.processorCount, threads: Threads.count,
            blasCore: Threads.blasCore, environment: Dictionary(uniqueKeysWithValues: variables.filter { !$0.1.isEmpty }))
    }

    // MARK: As bytes, to tell the other ranks what `Peer` does not

    fileprivate var encoded: [UInt8] {
        let variables = environment.sorted { $0.key < $1.key }.map { ConfigValue.Entry($0.key, .string($0.value)) }
        return Array(ConfigValue.array([.int(hostCores), .int(threads), .string(blasCore), .object(variables)]).json.utf8)
    }

    fileprivate init?(_ peer: Peer, encoded: [UInt8]) {
        guard case .array(let fields) = try? ConfigValue(json: Data(encoded)), fields.count == 4,
            case .int(let hostCores) = fields[0], case .int(let threads) = fields[1], case .string(let blasCore) = fields[2],
            case .object(let entries) = fields[3]
        else { return nil }
        let variables = entries.compactMap { entry in
            if case .string(let value) = entry.value { (entry.key, value) } else { nil }
        }
        self.init(
            host: peer.host, cores: peer.cores, hostCores: hostCores, threads: threads, blasCore: blasCore,
            environment: Dictionary(uniqueKeysWithValues: variables))
    }
}

/// What the ranks of a job have found where they run, and what of it slows them down: the same on every rank.
package struct Findings {
    package let ranks: [RankPlace]

    package init(_ ranks: [RankPlace]) { self.ranks = ranks }

    /// Asks all ranks, after their numbers of threads have been set. Collective.
    init(_ job: Job) {
        let all = job.communicator.allGather(RankPlace.own(job.peers[job.rank]).encoded)
        ranks = zip(job.peers, all).map { peer, bytes in
            guard let place = RankPlace(peer, encoded: bytes) else { job.communicator.fail("findings of \(peer.host) cannot be read") }
            return place
        }
    }

    /// In the order of their first ranks.
    package var hosts: [String] { ranks.map(\.host).reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }

    /// Whether some ranks together have more threads than cores.
    package var isOversubscribed: Bool { hosts.contains { crowd(on: $0) != nil } }

    /// What slows the ranks down and cannot be set right from inside; a line each, empty when all is well.
    package var warnings: [String] { kernels + hosts.flatMap { [crowding($0), transport($0)].compactMap { $0 } } + threads }

    // MARK: Kernels

    private var kernels: [String] {
        let pinned = RankPlace.kernelVariables.compactMap { name -> String? in
            guard let rank = ranks.firstIndex(where: { $0.environment[name] != nil }) else { return nil }
            let isEverywhere = ranks.allSatisfy { $0.environment[name] == ranks[rank].environment[name] }
            let place = isEverywhere ? "" : "\(self.name(rank)): "
            return "\(place)\(name)=\(ranks[rank].environment[name]!) keeps OpenBLAS from choosing its fastest kernels; unset it"
        }
        guard let other = ranks.firstIndex(where: { $0.blasCore != ranks[0].blasCore }) else { return pinned }
        return pinned + [
            "\(name(other)) computes with OpenBLAS' \(ranks[other].blasCore) kernels, rank 0 with \(ranks[0].blasCore): speeds and roundings differ; run on processors of one kind, or set one OPENBLAS_CORETYPE for all"
        ]
    }

    // MARK: Cores and threads

    /// The first ranks of a host that have more threads than the cores on which they may run: those bound to the same few
    /// cores, or all.
    private func crowd(on host: String) -> (ranks: [Int], cores: Set<Int>, threads: Int)? {
        let here = ranks.indices.filter { ranks[$0].host == host }
        let all = here.reduce(into: Set<Int>()) { $0.formUnion(ranks[$1].cores) }
        let bindings = here.map { ranks[$0].cores } + [all]
        for cores in bindings {
            let inside = here.filter { ranks[$0].cores.isSubset(of: cores) }
            // A rank with more threads than cores is told so by itself.
            let threads = inside.reduce(0) { $0 + min(ranks[$1].threads, ranks[$1].cores.count) }
            if inside.count > 1, threads > cores.count { return (inside, cores, threads) }
        }
        return nil
    }

    private func crowding(_ host: String) -> String? {
        guard let crowd = crowd(on: host) else { return nil }
        let cores = crowd.cores.count == 1 ? "core \(crowd.cores.first!)" : "\(crowd.cores.count) cores (\(Findings.list(crowd.cores)))"
        let threads = crowd.threads == crowd.ranks.count ? "" : " of \(crowd.threads) threads in all"
        if let hostCores = crowd.ranks.map({ ranks[$0].hostCores }).max(), crowd.cores.count < hostCores {
            return
                "\(host): ranks \(Findings.list(Set(crowd.ranks)))\(threads) are bound to the same \(cores) of \(hostCores); bind them to others (mpirun --bind-to none, srun --cpu-bind=cores)"
        }
        return "\(host): \(crowd.ranks.count) ranks\(threads) share \(cores); start fewer ranks, or on more hosts"
    }

    private var threads: [String] {
        guard let rank = ranks.firstIndex(where: { $0.threads > $0.cores.count }) else { return [] }
        let cores = ranks[rank].cores.count
        return [
            "\(name(rank)) has \(ranks[rank].threads) threads on \(cores) \(cores == 1 ? "core" : "cores"); set --threads, OPENBLAS_NUM_THREADS or OMP_NUM_THREADS to \(cores), or give each rank more cores (mpirun --bind-to none, srun --cpus-per-task)"
        ]
    }

    // MARK: Messages

    /// Between ranks of one host, TCP takes several times as long as shared memory.
    private func transport(_ host: String) -> String? {
        let here = ranks.indices.filter { ranks[$0].host == host }
        guard here.count > 1 else { return nil }
        for rank in here {
            guard let setting = ranks[rank].environment[RankPlace.transport] else { continue }
            let isExclusion = setting.hasPrefix("^")
            let names = Set(setting.drop { $0 == "^" }.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
            let hasSharedMemory = isExclusion ? !names.contains("vader") : !names.isDisjoint(with: ["vader", "sm"])
            if !hasSharedMemory {
                return
                    "\(host): OMPI_MCA_btl=\(setting) keeps Open MPI from sending through shared memory; add vader, or leave it unset"
            }
        }
        return nil
    }

    private func name(_ rank: Int) -> String { hosts.count == 1 ? "rank \(rank)" : "rank \(rank) on \(ranks[rank].host)" }

    /// `0-3,8`
    package static func list(_ numbers: Set<Int>) -> String {
        numbers.consecutiveRuns.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
    }
}

extension Job {
    /// Warns on standard error, a line each, of what slows these ranks down; silent when all is well. Collective.
    func warn() {
        for warning in Findings(self).warnings { Console.warn(warning) }
    }
}
