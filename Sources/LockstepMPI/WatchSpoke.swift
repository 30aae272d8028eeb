import Foundation
import LockstepCommunication
import LockstepSystem

/// The part of every rank but zero: tells rank zero where this one is, and speaks if rank zero cannot.
final class WatchSpoke: WatchRole {
    private unowned let dog: Watchdog
    /// Rank zero's addresses, tried in turn until one answers.
    private let addresses: [WatchAddress]
    private var tried = 0
    private var connection: WatchConnection?
    private var isConnected = false
    private var hasWarned = false
    private var deputy = 1
    /// What is known of rank zero, and of this rank.
    private var hub: WatchHub.Peer
    private var own: WatchHub.Peer

    private var hubPlace: WatchPlace { dog.places[0] }
    private var isOnHubsHost: Bool { dog.places[dog.rank].host == hubPlace.host }

    init(_ dog: Watchdog) {
        self.dog = dog
        let place = dog.places[0]
        let isLocal = dog.places[dog.rank].host == place.host
        addresses = place.addresses.filter { isLocal || !$0.isLoopback }
        let now = monotonicNanoseconds()
        hub = WatchHub.Peer(movedAt: now, beatAt: now, heardAt: now)
        own = hub
    }

    // MARK: Messages

    func prepare(_ polls: inout [pollfd]) {
        guard let connection else { return }
        polls.append(
            pollfd(fd: connection.descriptor, events: Int16(connection.owesGreeting ? POLLIN | POLLOUT : POLLIN), revents: 0))
    }

    func serve(_ polls: ArraySlice<pollfd>, _ now: UInt64) {
        guard let connection, let events = polls.first?.revents, events != 0 else { return }
        if events & Int16(POLLOUT) != 0 { connection.greet() }
        let wasMet = connection.isMet
        let state = connection.receive { take($0, now) }
        if !wasMet, connection.isMet { connection.send(.record, from: dog.rank, dog.record.snapshot) }
        guard state != .open else { return }
        self.connection = nil
        if isConnected, state == .closed, hub.state == .connected { hubDied() }
        isConnected = false
        if tried < addresses.count { connectToNextAddress(now) }
    }

    private func take(_ message: WatchMessage, _ now: UInt64) {
        if !isConnected { dog.isHeard.signal() }
        isConnected = true
        hub.take(message.snapshot, now)
        switch message.kind {
        case .answer:
            hub.state = .connected
            deputy = message.subject
        case .farewell: hub.state = .left
        case .end:
            hub.state = .left
            dog.keepQuiet()
            dog.end(after: 1_500_000_000)
        case .question:
            let rank = message.subject
            guard let record = rank == dog.rank ? dog.record : dog.neighbours[rank] else { return }
            connection?.send(.reply, from: dog.rank, WatchSnapshot(position: record.position), subject: rank)
        case .record, .reply, nil: break
        }
    }

    func farewell(_ kind: WatchMessage.Kind) { connection?.send(kind, from: dog.rank, dog.record.snapshot) }

    private func connectToNextAddress(_ now: UInt64) {
        if let connection, now - connection.since < 2_000_000_000 { return }
        guard !addresses.isEmpty, hub.state == .unheard else { return }
        connection = addresses[tried % addresses.count].connect().map { WatchConnection($0, key: hubPlace.key, side: .spoke) }
        tried += 1
        if tried > 2 * addresses.count, !hasWarned {
            hasWarned = true
            Console.report(
                "watchdog: rank \(dog.rank) on \(dog.places[dog.rank].description) cannot reach rank 0 on \(hubPlace.description) "
                    + "over TCP; allow connections to its ports, or it will not be noticed if this rank hangs")
        }
    }

    // MARK: Decisions

    func tick(_ now: UInt64) {
        own.take(dog.record.snapshot, now)
        if isConnected {
            hub.isCutOff = connection?.isCutOff ?? false
            connection?.send(.record, from: dog.rank, own.snapshot)
        } else {
            connectToNextAddress(now)
        }
        reportLostHub(now)
    }

    /// Rank zero has been silent, and this rank waited, for longer than the limit: it cannot report, so this one does.
    private func reportLostHub(_ now: UInt64) {
        let limit = dog.record.limit
        guard limit > 0, !dog.hasReported, hub.state != .left, own.snapshot.isWaiting else { return }
        let isLowest = dog.places.firstIndex { $0.host == dog.places[dog.rank].host } == dog.rank
        // The deputy first. If it is lost too, the lowest rank of each host; if that is, everybody. The launcher may take a
        // second to end the others after the first has gone.
        let patience = limit + (deputy == dog.rank ? 0 : isLowest ? 2 : 4) * 1_000_000_000
        guard now - hub.heardAt > patience, now - own.movedAt > patience else { return }
        locateHub()
        let text =
            "the job is stuck: no rank has moved for \(seconds(limit)); it ends\n"
            + WatchReport.line(0, hubPlace, hub, silence: 0, now)
            + "\n  rank \(dog.rank) on \(dog.places[dog.rank].description) waits in \(own.snapshot.operationName), "
            + "operation \(own.snapshot.entered), step \(own.snapshot.step), for \(seconds(now - own.movedAt))"
        dog.report(text)
        if !isOnHubsHost, hub.isCutOff || !isConnected { dog.endCutOffLauncher() }
        dog.end(after: 0)
    }

    func forgive(_ now: UInt64) {
        (hub.movedAt, hub.beatAt, hub.heardAt) = (now, now, now)
        (own.movedAt, own.beatAt, own.heardAt) = (now, now, now)
    }

    /// Updates rank zero's place, if it is on this host. Returns whether it is known exactly.
    @discardableResult
    private func locateHub() -> Bool {
        guard let record = dog.neighbours[0] else { return false }
        hub.snapshot.position = record.position
        return true
    }

    private func hubDied() {
        hub.state = .dead
        let isExact = locateHub()
        let text = WatchReport.death(of: 0, hubPlace, hub.snapshot)
        if deputy == dog.rank {
            dog.report(isExact ? text : "\(text) or later; rank \(dog.rank) is in \(dog.record.snapshot.stepAndPhase)")
        }
        dog.end(after: 1_500_000_000)
    }

    func reportWhatIsKnown(_ now: UInt64, isCutOff: Bool) {
        // Reports are rank zero's; only if it has gone are they this rank's.
        guard deputy == dog.rank, hub.isCutOff || !isCutOff, hub.state == .connected, now - hub.heardAt > 3 * dog.interval else { return }
        dog.report("the launcher ends the job while rank 0 is silent\n" + WatchReport.line(0, hubPlace, hub, silence: 0, now))
    }
}
