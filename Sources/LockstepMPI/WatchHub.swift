import Foundation
import LockstepCommunication

/// Rank zero's part: hears all others, and decides.
final class WatchHub: WatchRole {
    private unowned let dog: Watchdog
    private let listeners: [Int32]
    private var connections: [WatchConnection] = []
    private var peers: [Peer]

    /// What is known of a rank.
    struct Peer {
        enum State { case unheard, connected, left, dead }
        var state = State.unheard
        var snapshot = WatchSnapshot()
        /// When its record, its beat or anything of it was last seen to change; nanoseconds.
        var movedAt: UInt64
        var beatAt: UInt64
        var heardAt: UInt64
        /// Whether its host no longer takes what is sent there.
        var isCutOff = false

        mutating func take(_ new: WatchSnapshot, _ now: UInt64) {
            if !new.isSamePlace(snapshot) { movedAt = now }
            if new.beats != snapshot.beats || !new.isSamePlace(snapshot) { beatAt = now }
            (snapshot, heardAt) = (new, now)
        }
    }

    init(_ dog: Watchdog, listeners: [Int32]) {
        self.dog = dog
        self.listeners = listeners
        let now = monotonicNanoseconds()
        peers = dog.places.map { _ in Peer(movedAt: now, beatAt: now, heardAt: now) }
        peers[0].state = .connected
        // A file for each rank, on top of those that the program has open.
        var files = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        files.rlim_cur = min(files.rlim_max, max(files.rlim_cur, rlim_t(peers.count + 512)))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
    }

    deinit { for listener in listeners { close(listener) } }

    // MARK: Messages

    func prepare(_ polls: inout [pollfd]) {
        for listener in listeners { polls.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0)) }
        for connection in connections { polls.append(pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0)) }
    }

    func serve(_ polls: ArraySlice<pollfd>, _ now: UInt64) {
        for index in connections.indices.reversed() where polls[polls.startIndex + listeners.count + index].revents != 0 {
            let connection = connections[index]
            let state = connection.receive { take($0, connection, now) }
            guard state != .open else { continue }
            connections.remove(at: index)
            if state == .closed, let rank = connection.rank, peers[rank].state == .connected { died(rank) }
        }
        for (listener, events) in zip(listeners, polls) where events.revents != 0 { accept(listener) }
    }

    private func accept(_ listener: Int32) {
        // So many at a time: strangers may come faster than they are sent away.
        for _ in 0 ..< 1024 {
            let descriptor = Foundation.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            // A few more than there are ranks: strangers are told by their first message, and silent ones do not stay. When all
            // places are taken, the one goes that has been silent the longest.
            if connections.count >= dog.places.count + 64 {
                guard let silent = connections.firstIndex(where: { $0.rank == nil }) else {
                    close(descriptor)
                    continue
                }
                connections.remove(at: silent)
            }
            let connection = WatchConnection(descriptor, key: dog.places[0].key, side: .hub)
            connection.greet()
            connections.append(connection)
        }
    }

    private func take(_ message: WatchMessage, _ connection: WatchConnection, _ now: UInt64) {
        let rank = message.rank
        guard 1 ..< peers.count ~= rank, peers[rank].state != .dead else { return }
        connection.rank = rank
        switch message.kind {
        case .record:
            peers[rank].state = .connected
            peers[rank].take(message.snapshot, now)
            answer(connection)
        case .farewell: peers[rank].state = .left
        case .end:
            peers[rank].state = .left
            dog.keepQuiet()
            farewell(.end)
            dog.end(after: 1_500_000_000)
        case .reply:
            let subject = message.subject
            guard 1 ..< peers.count ~= subject else { return }
            peers[subject].snapshot.position = message.snapshot.position
            if subject == unreported { reportDeath(isExact: true) }
        case .answer, .question, nil: break
        }
    }

    private func answer(_ connection: WatchConnection) {
        // One that is yet to come counts for a moment, or those that come first would be told another.
        let deputy = peers.indices.dropFirst().first { [.connected, .unheard].contains(peers[$0].state) && !isSilent($0) } ?? 1
        connection.send(.answer, from: 0, dog.record.snapshot, subject: deputy)
    }

    func farewell(_ kind: WatchMessage.Kind) {
        for connection in connections where connection.rank != nil { connection.send(kind, from: 0, dog.record.snapshot) }
    }

    // MARK: Decisions

    func tick(_ now: UInt64) {
        peers[0].take(dog.record.snapshot, now)
        connections.removeAll { $0.rank == nil && now - $0.since > 5_000_000_000 }
        // A silent rank's host is asked whether it is still there.
        for connection in connections {
            guard let rank = connection.rank, isSilent(rank) else { continue }
            peers[rank].isCutOff = connection.isCutOff
            answer(connection)
            _ = locate(rank)
        }
        let limit = dog.record.limit
        if limit > 0, !dog.hasReported, let report = WatchReport(peers, dog.places, limit: limit, silence: silence, now) {
            dog.report(report.text)
            if peers.contains(where: \.isCutOff) { dog.endCutOffLauncher() }
            dog.end(after: 0)
        }
    }

    func forgive(_ now: UInt64) {
        for rank in peers.indices { (peers[rank].movedAt, peers[rank].beatAt, peers[rank].heardAt) = (now, now, now) }
    }

    /// Nanoseconds without a message after which a rank counts as silent.
    private var silence: UInt64 { 3 * dog.interval }
    private func isSilent(_ rank: Int) -> Bool { monotonicNanoseconds() - peers[rank].heardAt > silence }

    private enum Knowledge { case exact, asked, none }

    /// Updates the place of a rank that does not tell it itself: at once if it is on this host; else another rank of its host
    /// is asked, the lowest one, which knows all, or any if that is the one.
    private func locate(_ rank: Int) -> Knowledge {
        if let record = dog.neighbours[rank] {
            peers[rank].snapshot.position = record.position
            return .exact
        }
        let neighbour = dog.places.indices.first { dog.places[$0].host == dog.places[rank].host && $0 != rank }
        guard let connection = connections.first(where: { $0.rank != nil && $0.rank == neighbour }) else { return .none }
        connection.send(.question, from: 0, dog.record.snapshot, subject: rank)
        return .asked
    }

    /// The first rank that died, while its place is being asked for.
    private var unreported: Int?

    private func died(_ rank: Int) {
        peers[rank].state = .dead
        guard unreported == nil, !dog.hasReported else { return }
        unreported = rank
        switch locate(rank) {
        case .exact: reportDeath(isExact: true)
        case .asked: dog.setAlarm(after: 100_000_000)
        case .none: reportDeath(isExact: false)
        }
    }

    func alarm() { reportDeath(isExact: false) }

    private func reportDeath(isExact: Bool) {
        guard let rank = unreported else { return }
        unreported = nil
        let text = WatchReport.death(of: rank, dog.places[rank], peers[rank].snapshot)
        // All ranks are in the same step, or one may be a little behind.
        dog.report(isExact ? text : "\(text) or later; rank 0 is in \(dog.record.snapshot.stepAndPhase)")
        dog.end(after: 1_500_000_000)
    }

    func reportWhatIsKnown(_ now: UInt64, isCutOff: Bool) {
        let silent = peers.indices.dropFirst().filter { rank in
            let peer = peers[rank]
            return peer.state == .connected && now - peer.heardAt > silence && (peer.isCutOff || !isCutOff)
        }
        guard !silent.isEmpty else { return }
        let lines = silent.map { WatchReport.line($0, dog.places[$0], peers[$0], silence: silence, now) }
        dog.report("the launcher ends the job while ranks are silent\n" + lines.joined(separator: "\n"))
    }
}
