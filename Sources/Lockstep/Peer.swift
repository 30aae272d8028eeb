import Foundation

/// Where a rank runs: its host and the cores that it may use.
package struct Peer: Equatable {
    package let host: String
    package let cores: Set<Int>

    package init(host: String, cores: Set<Int>) {
        self.host = host
        self.cores = cores
    }

    /// The cores to which the system or the launcher has bound this process, as Linux lists them: `0-3,8`.
    package static func availableCores() -> Set<Int> {
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

extension [Peer] {
    /// Those on a rank's host, itself included.
    package func neighbours(ofRank rank: Int) -> [Peer] { filter { $0.host == self[rank].host } }

    /// A rank's share of its host's cores; no more than it is bound to, and at least one.
    package func cores(ofRank rank: Int) -> Int {
        let neighbours = neighbours(ofRank: rank)
        let onHost = neighbours.reduce(into: Set<Int>()) { $0.formUnion($1.cores) }
        return Swift.max(1, Swift.min(self[rank].cores.count, onHost.count / neighbours.count))
    }
}
