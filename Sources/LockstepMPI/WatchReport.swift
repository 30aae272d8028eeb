import LockstepCommunication

/// The report of a stuck job.
struct WatchReport {
    let text: String

    /// Nil unless the job is stuck: some rank waits in an operation for longer than `limit` nanoseconds, and nobody has
    /// moved for as long; or some rank waits for another that has come to the end of its program, and so will never take part.
    init?(_ peers: [WatchHub.Peer], _ places: [WatchPlace], limit: UInt64, silence: UInt64, _ now: UInt64) {
        let present = peers.indices.filter { peers[$0].state != .left }
        func isSilent(_ rank: Int) -> Bool { now - peers[rank].heardAt > silence }
        // A rank that waits and beats is where it should be.
        func waits(_ rank: Int) -> Bool {
            peers[rank].snapshot.isWaiting && !isSilent(rank) && now - peers[rank].beatAt <= limit
        }
        let waiting = present.filter(waits)
        // All ranks enter the same operations in the same order: whoever ends has taken part in those before.
        let settled = waiting.filter { now - peers[$0].movedAt > min(limit, silence) }
        func hasEnded(_ rank: Int) -> Bool { peers[rank].snapshot.operationName == "\(MPICommunicator.end)" }
        let last = settled.filter { !hasEnded($0) }.map { peers[$0].snapshot.entered }.max() ?? 0
        let ended = settled.filter { hasEnded($0) && peers[$0].snapshot.entered <= last }
        guard !waiting.isEmpty, !ended.isEmpty || present.allSatisfy({ now - peers[$0].movedAt > limit }) else { return nil }

        var lines = [
            ended.isEmpty
                ? "the job is stuck: no rank has moved for \(seconds(limit)); it ends"
                : "the job is stuck: \(list(ended)) at the end of the program (return or exit) while others go on; it ends"
        ]
        let missing = ended.isEmpty ? present.filter { !waits($0) } : []
        lines += missing.map { WatchReport.line($0, places[$0], peers[$0], silence: silence, now) }
        // Ranks side by side in the same operation share a line.
        let operations = Dictionary(grouping: waiting) { peers[$0].snapshot.entered }
        for (number, ranks) in operations.sorted(by: { $0.key < $1.key }) {
            let (name, step) = (peers[ranks[0]].snapshot.operationName, peers[ranks[0]].snapshot.step)
            let since = now - ranks.map { peers[$0].movedAt }.min()!
            lines.append("  \(list(ranks)) in \(name), operation \(number), step \(step), for \(seconds(since))")
        }
        if missing.isEmpty, ended.isEmpty {
            lines.append(
                operations.count > 1
                    ? "  all ranks wait, but not in the same operation: all must call the same ones in the same order"
                    : "  all ranks wait in one operation: messages between them are lost")
        }
        text = lines.joined(separator: "\n")
    }

    /// A missing rank: who, where last seen, since when, and what is known of its state.
    static func line(_ rank: Int, _ place: WatchPlace, _ peer: WatchHub.Peer, silence: UInt64, _ now: UInt64) -> String {
        let state =
            switch true {
            case peer.state == .unheard: "its watchdog has never reached rank 0"
            case peer.isCutOff: "its host does not answer: is the link cut?"
            case now - peer.heardAt > silence: "its process does not answer: is it stopped?"
            default: "its process is alive: busy, or in an endless loop"
            }
        return "  rank \(rank) on \(place.description) is missing: last moved \(seconds(now - peer.movedAt)) ago in "
            + "\(peer.snapshot.stepAndPhase); \(state)"
    }

    /// A process that is gone.
    static func death(of rank: Int, _ place: WatchPlace, _ snapshot: WatchSnapshot) -> String {
        "rank \(rank) on \(place.description) ended without a word in \(snapshot.stepAndPhase)"
    }
}

extension WatchSnapshot {
    var stepAndPhase: String { "step \(step), phase \(phase)" }
}

extension WatchPlace {
    var description: String { "\(host) (pid \(pid))" }
}

/// Nanoseconds as seconds.
func seconds(_ nanoseconds: UInt64) -> String {
    let tenths = (nanoseconds + 50_000_000) / 100_000_000
    return "\(tenths / 10).\(tenths % 10) s"
}

/// "rank 2 waits", "ranks 0 to 2 and 5 wait".
private func list(_ ranks: [Int]) -> String {
    let texts = ranks.consecutiveRuns.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
    let text = texts.count == 1 ? texts[0] : texts.dropLast().joined(separator: ", ") + " and " + texts.last!
    return ranks.count == 1 ? "rank \(text) waits" : "ranks \(text) wait"
}
