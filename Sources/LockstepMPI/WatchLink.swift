import Foundation
import LockstepCommunication

/// What two watchdogs tell each other: always as many bytes.
struct WatchMessage {
    enum Kind: UInt64 {
        /// A rank's record, to rank zero; the first one is the greeting.
        case record
        /// Rank zero's record, as the answer.
        case answer
        /// The sender ends in a way that explains itself.
        case farewell
        /// The sender has said why the job ends: nobody else need, and everybody ends.
        case end
        /// From rank zero to the lowest rank of another host: where is, or was, a rank there? And the answer.
        case question
        case reply
    }
    let kind: Kind?
    let rank: Int
    let snapshot: WatchSnapshot
    /// In an answer: which rank speaks if rank zero cannot, the lowest other one alive. In a question or reply: the rank
    /// that it is about.
    let subject: Int

    static let byteCount = 11 * 8

    init(_ kind: Kind, from rank: Int, _ snapshot: WatchSnapshot, subject: Int) {
        (self.kind, self.rank, self.snapshot, self.subject) = (kind, rank, snapshot, subject)
    }

    /// All ranks run the same build, so numbers travel as they lie in memory.
    var bytes: [UInt8] {
        let name = (0 ..< 4).map { snapshot.operation[$0] }
        let words = [kind?.rawValue ?? .max, UInt64(rank), snapshot.position, snapshot.notes, snapshot.entered]
        return (words + name + [snapshot.beats, UInt64(subject)]).withUnsafeBytes { Array($0) }
    }

    init(bytes: [UInt8]) {
        func word(_ index: Int) -> UInt64 { bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self) } }
        kind = Kind(rawValue: word(0))
        rank = Int(truncatingIfNeeded: word(1))
        snapshot = WatchSnapshot(
            position: word(2), notes: word(3), entered: word(4), operation: SIMD4(word(5), word(6), word(7), word(8)), beats: word(9))
        subject = Int(truncatingIfNeeded: word(10))
    }
}

/// A TCP connection to one other watchdog: random bytes from both sides, then sealed messages. Nothing here blocks.
final class WatchConnection {
    enum State { case open, closed, broken, stranger }

    let descriptor: Int32
    let since: UInt64
    /// Known once it has said so, under a right seal.
    var rank: Int?
    private var seal: WatchSeal
    private var hasGreeted = false
    private let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: WatchConnection.messageBytes)
    private var filled = 0

    private static let messageBytes = WatchMessage.byteCount + WatchSeal.byteCount

    init(_ descriptor: Int32, key: [UInt8], side: WatchSeal.Side) {
        self.descriptor = descriptor
        seal = WatchSeal(key: key, side: side)
        since = monotonicNanoseconds()
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Whether messages can be sealed: the other side's random bytes have come.
    var isMet: Bool { seal.isMet }
    /// Whether this side's random bytes are still to be sent, once the connection is made.
    var owesGreeting: Bool { !hasGreeted }

    func greet() {
        guard !hasGreeted else { return }
        hasGreeted = true
        _ = Foundation.send(descriptor, seal.nonce, seal.nonce.count, Int32(MSG_NOSIGNAL))
    }

    /// Sends a message, unless so many wait already that the other side cannot be reading.
    func send(_ kind: WatchMessage.Kind, from rank: Int, _ snapshot: WatchSnapshot, subject: Int = 0) {
        guard isMet, hasGreeted, unacknowledged < 16 * Self.messageBytes else { return }
        let message = WatchMessage(kind, from: rank, snapshot, subject: subject).bytes
        let bytes = message + seal.seal(message)
        // A message of this size goes as a whole, or not at all, as long as the queue is nearly empty.
        if Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count { seal.countSent() }
    }

    /// Hands over what has come.
    func receive(_ handle: (WatchMessage) -> Void) -> State {
        while true {
            let wanted = isMet ? Self.messageBytes : WatchSeal.nonceCount
            let count = recv(descriptor, buffer + filled, wanted - filled, 0)
            if count == 0 || count < 0 && errno == ECONNRESET { return .closed }
            if count < 0 { return errno == EAGAIN || errno == EINTR ? .open : .broken }
            filled += count
            guard filled == wanted else { continue }
            filled = 0
            let bytes = Array(UnsafeBufferPointer(start: buffer, count: wanted))
            guard isMet else {
                seal.meet(bytes)
                continue
            }
            let message = Array(bytes.prefix(WatchMessage.byteCount))
            guard seal.accepts(message, seal: Array(bytes.dropFirst(WatchMessage.byteCount))) else { return .stranger }
            handle(WatchMessage(bytes: message))
        }
    }

    /// Whether the other host no longer takes what is sent: it does even if the process there is stopped, but not over a cut
    /// link. One message may always wait, as acknowledgements are sent late (up to 0.2 s).
    var isCutOff: Bool { unacknowledged > Self.messageBytes }

    private var unacknowledged: Int {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }
}
