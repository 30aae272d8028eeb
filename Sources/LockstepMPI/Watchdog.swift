import Foundation
import LockstepCommunication
import LockstepSystem

/// Notices ranks that hang or die, says which, and ends the job: on a thread of its own in every rank, without MPI.
///
/// Each rank tells rank zero over TCP where its training thread is (`WatchRecord`), about once a second; rank zero answers.
/// - *Stuck*: a rank waits in an operation of all ranks for longer than the limit, and no rank has moved for as long. The
///   ranks that have not entered the operation, or are silent, are the missing ones. A slow rank moves, so it is no such.
/// - *Dead*: a connection closes without a farewell. `finalize`, `fail`, `abort` and SIGTERM send one.
/// - *Rank zero silent or dead*: the lowest other rank speaks; on a host that the network has lost, the lowest one there.
///
/// One report is written for a job, on standard error. Then this process ends with status 1, upon which the launcher ends
/// all others, stopped ones too. Where a link is cut, Open MPI's processes on both sides would stay; they are told to end.
///
/// SIGTERM, by which a launcher ends the ranks when one has died, first reaches this thread, if the program does not handle
/// it itself: so the reason is reported before the process goes.
final class Watchdog: @unchecked Sendable {
    /// The one of this process: communicators share it.
    nonisolated(unsafe) private(set) static var current: Watchdog?

    let rank: Int
    let places: [WatchPlace]
    let record: WatchRecord
    private var role: (any WatchRole)!
    private let commands: (read: Int32, write: Int32)
    private let answered = DispatchSemaphore(value: 0)
    /// Signalled when rank zero has answered.
    let isHeard = DispatchSemaphore(value: 0)
    private var abortStatus: Int32 = 1
    private var handlesSignal = false

    /// Records of other ranks on this host, which outlive them.
    private(set) var neighbours: [Int: WatchRecord] = [:]

    // Of the watchdog's thread alone.
    private(set) var hasReported = false
    private var endsAt: UInt64?
    private var alarmAt: UInt64?
    private var polls: [pollfd] = []

    private enum Command: UInt8 { case leave, abort, terminated }

    /// Starts the watchdog of this process. Collective.
    static func start(on communicator: MPICommunicator, _ record: WatchRecord) -> Watchdog? {
        if let current { return current }
        let own = WatchAddress.ofThisHost()
        let interfaces = communicator.allGather(own.map(\.text).joined(separator: "\n")).map { text in
            text.split(separator: "\n").map { WatchAddress(text: $0) }
        }
        let others = communicator.hosts.filter { !$0.contains(0) }.map { interfaces[$0[0]] }
        let isShared = communicator.hosts.contains { $0.contains(0) && $0.count > 1 }
        let listeners =
            communicator.rank > 0
            ? [] : WatchAddress.toListen(own: own, others: others, isShared: isShared).compactMap { $0.listen() }
        let place = WatchPlace(
            host: communicator.host, pid: getpid(), record: record.descriptor, key: (0 ..< 32).map { _ in .random(in: .min ... .max) },
            addresses: listeners.map(\.address))
        let places = communicator.allGather(place.encoded).map(WatchPlace.init(encoded:))
        var ends: [Int32] = [-1, -1]
        guard !places[0].addresses.isEmpty, pipe(&ends) == 0 else {
            if communicator.rank == 0 {
                Console.report("watchdog: no TCP port can be opened: \(String(cString: strerror(errno))); a stuck rank will not be noticed")
            }
            return nil
        }
        current = Watchdog(communicator.rank, places, record, commands: (ends[0], ends[1]), listeners: listeners.map(\.descriptor))
        // From the first step on everybody is heard; where that cannot be, training starts all the same.
        if communicator.rank > 0 { _ = current?.isHeard.wait(timeout: .now() + 3) }
        communicator.barrier()
        return current
    }

    private init(_ rank: Int, _ places: [WatchPlace], _ record: WatchRecord, commands: (read: Int32, write: Int32), listeners: [Int32]) {
        (self.rank, self.places, self.record, self.commands) = (rank, places, record, commands)
        for end in [commands.read, commands.write] {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        role = rank == 0 ? WatchHub(self, listeners: listeners) : WatchSpoke(self)
        polls.reserveCapacity(places.count + 80)
        takeSignal()
        // The lowest rank of a host can say where each rank there was, and the others where that one was.
        let local = places.indices.filter { places[$0].host == places[rank].host }
        for other in local where other != rank && (other == local[0] || rank == local[0]) {
            neighbours[other] = WatchRecord(of: places[other])
        }
        let thread = Thread { [self] in run() }
        thread.name = "watchdog"
        thread.stackSize = 512 * 1024
        thread.start()
    }

    // MARK: The training thread

    /// Says farewell to the others and ends the thread.
    func leave() {
        giveBackSignal()
        command(.leave)
        answered.wait()
        close(commands.read)
        close(commands.write)
        Watchdog.current = nil
    }

    /// Says farewell: this process is about to end the job and has said why.
    func abort(status: Int32) {
        abortStatus = status
        command(.abort)
        _ = answered.wait(timeout: .now() + 0.5)
    }

    private func command(_ command: Command) {
        var byte = command.rawValue
        write(commands.write, &byte, 1)
    }

    // MARK: Signals

    /// Where the handler writes.
    nonisolated(unsafe) private static var signalPipe: Int32 = -1

    private func takeSignal() {
        var action = sigaction()
        sigaction(SIGTERM, nil, &action)
        guard action.__sigaction_handler.sa_handler == nil else { return }  // the program's own
        Watchdog.signalPipe = commands.write
        action = sigaction()
        action.sa_flags = SA_RESTART
        action.__sigaction_handler.sa_handler = { _ in
            let before = errno
            var byte = Command.terminated.rawValue
            write(Watchdog.signalPipe, &byte, 1)
            errno = before
        }
        sigaction(SIGTERM, &action, nil)
        handlesSignal = true
    }

    private func giveBackSignal() {
        if handlesSignal { signal(SIGTERM, SIG_DFL) }
        handlesSignal = false
    }

    // MARK: The thread

    private func run() {
        var next = monotonicNanoseconds()
        var last = next
        while true {
            let isBusy = poll(until: min(next, endsAt ?? next, alarmAt ?? next))
            for command in receivedCommands() {
                switch command {
                case .leave:
                    role.farewell()
                    role = nil
                    answered.signal()
                    return
                case .abort:
                    role.farewell(.end)
                    answered.signal()
                    sleep(5)  // MPI_Abort has ended this process by then
                    _exit(abortStatus)
                case .terminated: terminate()
                }
            }
            let now = monotonicNanoseconds()
            if let alarmAt, now >= alarmAt {
                self.alarmAt = nil
                role.alarm()
            }
            if let endsAt, now >= endsAt { end() }
            if now >= next {
                // A process that was stopped itself knows nothing of the others' last seconds.
                if now - last > 3 * interval + 1_000_000_000 { role.forgive(now) }
                role.tick(now)
                (last, next) = (now, now + interval)
            }
            // Messages of many ranks are taken together.
            if isBusy { usleep(10_000) }
        }
    }

    /// How often ranks report: every second, or every tenth of the limit.
    var interval: UInt64 { min(1_000_000_000, max(10_000_000, (record.limit == 0 ? .max : record.limit) / 10)) }

    /// Waits for events until the given time and hands them over. Returns whether there were any.
    private func poll(until time: UInt64) -> Bool {
        polls.removeAll(keepingCapacity: true)
        polls.append(pollfd(fd: commands.read, events: Int16(POLLIN), revents: 0))
        role.prepare(&polls)
        let now = monotonicNanoseconds()
        let count = Foundation.poll(&polls, nfds_t(polls.count), time > now ? Int32((time - now) / 1_000_000) + 1 : 0)
        guard count > 0 else { return false }
        role.serve(polls[1...], monotonicNanoseconds())
        return true
    }

    private func receivedCommands() -> [Command] {
        var byte: UInt8 = 0
        var list: [Command] = []
        while read(commands.read, &byte, 1) == 1 { Command(rawValue: byte).map { list.append($0) } }
        return list
    }

    // MARK: Ends

    /// Writes the one report of this job.
    func report(_ text: String) {
        guard !hasReported else { return }
        hasReported = true
        let lines = text.split(separator: "\n").map(String.init)
        if !done(within: 500_000_000, { Console.report(lines: lines) }) {
            // Whoever is stuck may be so in the middle of printing: then nothing is waited for.
            var text = "lockstep: \(text)\n"
            _ = text.withUTF8 { Files.write(UnsafeRawBufferPointer($0), to: STDERR_FILENO) }
        }
    }

    /// Does something that may have to wait for the training thread; goes on without it if that takes longer.
    private func done(within nanoseconds: Int, _ body: @escaping @Sendable () -> Void) -> Bool {
        let isDone = DispatchSemaphore(value: 0)
        let thread = Thread {
            body()
            isDone.signal()
        }
        thread.stackSize = 256 * 1024
        thread.start()
        return isDone.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success
    }

    /// Writes what was printed until now, so that it does not end with the process.
    private func flush() { _ = done(within: 200_000_000) { fflush(nil) } }

    /// Somebody else has reported.
    func keepQuiet() { hasReported = true }

    /// Ends this process soon: launchers that notice by themselves come first, with the reason that they know.
    func end(after nanoseconds: UInt64) {
        if endsAt == nil { endsAt = monotonicNanoseconds() + nanoseconds }
    }

    /// Has the role called again after a moment.
    func setAlarm(after nanoseconds: UInt64) { alarmAt = monotonicNanoseconds() + nanoseconds }

    /// Tells the others that the job ends, for a reason that has been said.
    func tellEnd() { role.farewell(.end) }

    private func end() -> Never {
        tellEnd()
        flush()
        _exit(1)
    }

    /// SIGTERM: says what is known about the reason, then ends as the signal would have.
    private func terminate() -> Never {
        let start = monotonicNanoseconds()
        role.reportWhatIsKnown(start, isCutOff: true)
        role.farewell()
        // Launchers may kill soon after. Ranks that do not report stay a little to answer rank zero's questions.
        while !hasReported, monotonicNanoseconds() < start + 100_000_000 {
            _ = poll(until: monotonicNanoseconds() + 10_000_000)
            if monotonicNanoseconds() > start + 50_000_000 { role.alarm() }
        }
        role.reportWhatIsKnown(monotonicNanoseconds(), isCutOff: false)
        flush()
        signal(SIGTERM, SIG_DFL)
        kill(getpid(), SIGTERM)
        sleep(1)
        _exit(128 + SIGTERM)
    }
}

/// What rank zero's watchdog does, or that of another rank. Called on the watchdog's thread.
protocol WatchRole: AnyObject {
    /// Appends what to poll.
    func prepare(_ polls: inout [pollfd])
    /// Takes what has come; `polls` are those appended.
    func serve(_ polls: ArraySlice<pollfd>, _ now: UInt64)
    /// Called every `interval`.
    func tick(_ now: UInt64)
    /// The moment asked for by `setAlarm` has passed.
    func alarm()
    /// Starts all clocks anew.
    func forgive(_ now: UInt64)
    /// Tells the others that this process ends.
    func farewell(_ kind: WatchMessage.Kind)
    /// The last chance: reports who is silent, or only who is because the network has lost them.
    func reportWhatIsKnown(_ now: UInt64, isCutOff: Bool)
}

extension WatchRole {
    func alarm() {}
    func farewell() { farewell(.farewell) }
}

/// Where a rank is.
struct WatchPlace {
    let host: String
    let pid: Int32
    /// The number of the file in which its record lies.
    let record: Int32
    /// Random, known to the ranks of this job alone, and told by MPI only; rank zero's is the job's.
    let key: [UInt8]
    /// Where its watchdog listens; rank zero's alone does.
    let addresses: [WatchAddress]

    init(host: String, pid: Int32, record: Int32, key: [UInt8], addresses: [WatchAddress]) {
        (self.host, self.pid, self.record, self.key, self.addresses) = (host, pid, record, key, addresses)
    }

    /// Lines, bytes as numbers.
    var encoded: [UInt8] {
        let lines = [host, String(pid), String(record), key.map { String($0) }.joined(separator: " ")] + addresses.map(\.text)
        return Array(lines.joined(separator: "\n").utf8)
    }

    init(encoded: [UInt8]) {
        let lines = String(decoding: encoded, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        host = String(lines[0])
        pid = Int32(lines[1])!
        record = Int32(lines[2])!
        key = lines[3].split(separator: " ").map { UInt8($0)! }
        addresses = lines.dropFirst(4).map { WatchAddress(text: $0) }
    }
}
