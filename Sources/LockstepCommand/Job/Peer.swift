import Foundation
import Lockstep

/// Where a rank runs: its host and the cores that it may use.
struct Peer: Equatable {
    let host: String
    let cores: Set<Int>

    init(host: String, cores: Set<Int>) {
        self.host = host
        self.cores = cores
    }

    /// The cores to which the system or the launcher has bound this process, as Linux lists them: `0-3,8`.
    static func availableCores() -> Set<Int> {
        let status = FileManager.default.contents(atPath: "/proc/self/status").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let list = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }?.split(separator: "\t").last ?? ""
        let cores = list.split(separator: ",").flatMap { run -> ClosedRange<Int> in
            let ends = run.split(separator: "-").compactMap { Int($0) }
            return (ends.first ?? 0) ... max(ends.first ?? 0, ends.last ?? 0)
        }
        return cores.isEmpty ? Set(0 ..< ProcessInfo.processInfo.activeProcessorCount) : Set(cores)
    }

    // MARK: As bytes, to tell the other ranks

    var encoded: [UInt8] { Array(([host] + cores.sorted().map(String.init)).joined(separator: "\n").utf8) }

    init(encoded: [UInt8]) {
        let fields = String(decoding: encoded, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        self.init(host: String(fields[0]), cores: Set(fields.dropFirst().compactMap { Int($0) }))
    }
}

extension Job {
    /// The ranks on this rank's host.
    var neighbours: [Peer] { peers.filter { $0.host == peers[rank].host } }
    /// The cores that those may use together.
    var coresOnHost: Set<Int> { neighbours.reduce(into: []) { $0.formUnion($1.cores) } }

    /// This rank's share of the host's cores; no more than it is bound to, and at least one.
    var coresPerRank: Int { max(1, min(peers[rank].cores.count, coresOnHost.count / neighbours.count)) }
}
