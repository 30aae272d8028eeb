import Foundation
import LockstepCommunication

/// What two watchdogs tell each other: 128 bytes, always as many. All ranks run the same build, so these are plain bytes.
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
    /// Random, known to the ranks of this job alone: strangers are not heard.
    var token: SIMD2<UInt64>
    var kind: UInt64
    var rank: UInt64
    var snapshot: WatchSnapshot
    /// In an answer: which rank speaks if rank zero cannot, the lowest other one alive. In a question or reply: the rank
    /// that it is about.
    var subject: UInt64
}

/// A TCP connection to one other watchdog. Nothing here blocks or takes memory after `init`.
final class WatchConnection {
    enum State { case open, closed, broken, stranger }

    let descriptor: Int32
    let since: UInt64
    /// Known once it has said so.
    var rank: Int?
    private let token: SIMD2<UInt64>
    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: MemoryLayout<WatchMessage>.size, alignment: 16)
    private var filled = 0

    init(_ descriptor: Int32, token: SIMD2<UInt64>) {
        self.descriptor = descriptor
        self.token = token
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

    /// Sends a message, unless so many wait already that the other side cannot be reading.
    func send(_ kind: WatchMessage.Kind, from rank: Int, _ snapshot: WatchSnapshot, subject: Int = 0) {
        guard unacknowledged < 16 * MemoryLayout<WatchMessage>.size else { return }
        var message = WatchMessage(
            token: token, kind: kind.rawValue, rank: UInt64(rank), snapshot: snapshot, subject: UInt64(subject))
        // A message of this size goes as a whole as long as the queue is nearly empty.
        _ = Foundation.send(descriptor, &message, MemoryLayout<WatchMessage>.size, Int32(MSG_NOSIGNAL))
    }

    /// Hands over what has come.
    func receive(_ handle: (WatchMessage) -> Void) -> State {
        while true {
            let count = recv(descriptor, buffer + filled, MemoryLayout<WatchMessage>.size - filled, 0)
            if count == 0 || count < 0 && errno == ECONNRESET { return .closed }
            if count < 0 { return errno == EAGAIN || errno == EINTR ? .open : .broken }
            filled += count
            guard filled == MemoryLayout<WatchMessage>.size else { continue }
            filled = 0
            let message = buffer.load(as: WatchMessage.self)
            guard message.token == token else { return .stranger }
            handle(message)
        }
    }

    /// Whether the other host no longer takes what is sent: it does even if the process there is stopped, but not over a cut
    /// link. One message may always wait, as acknowledgements are sent late (up to 0.2 s).
    var isCutOff: Bool { unacknowledged > MemoryLayout<WatchMessage>.size }

    private var unacknowledged: Int {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }
}

/// Addresses as the system's own bytes (`sockaddr_in`, `sockaddr_in6`), port included.
enum WatchAddress {
    /// A socket that listens on all interfaces, and its addresses in the order in which to try them, loopback first.
    static func listen() -> (descriptor: Int32, addresses: [[UInt8]])? {
        for family in [AF_INET6, AF_INET] {
            let descriptor = socket(family, streamSocket, 0)
            guard descriptor >= 0 else { continue }
            var off: Int32 = 0
            if family == AF_INET6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, 4) }
            // Family, then zeros: any address, any port.
            var address = [UInt8](repeating: 0, count: length(family))
            address.withUnsafeMutableBytes { $0.storeBytes(of: sa_family_t(family), as: sa_family_t.self) }
            guard withSocketAddress(&address, { bind(descriptor, $0, $1) }) == 0, Foundation.listen(descriptor, 1024) == 0 else {
                close(descriptor)
                continue
            }
            var size = socklen_t(address.count)
            address.withUnsafeMutableBytes { bytes in
                _ = getsockname(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &size)
            }
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            return (descriptor, interfaces(isIPv6: family == AF_INET6, port: Array(address[2 ..< 4])))
        }
        return nil
    }

    /// A connection under way to an address, or nil if that cannot be.
    static func connect(to address: [UInt8]) -> Int32? {
        let family = address.withUnsafeBytes { Int32($0.loadUnaligned(as: sa_family_t.self)) }
        let descriptor = socket(family, streamSocket, 0)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var address = address
        if withSocketAddress(&address, { Foundation.connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS { return descriptor }
        close(descriptor)
        return nil
    }

    /// The addresses of this host's interfaces with `port` (two bytes, as the network has them). Those valid on one wire
    /// only are left out.
    private static func interfaces(isIPv6: Bool, port: [UInt8]) -> [[UInt8]] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [[UInt8]] = []
        for interface in sequence(first: first, next: { $0?.pointee.ifa_next }) {
            guard let address = interface?.pointee.ifa_addr else { continue }
            let family = Int32(address.pointee.sa_family)
            guard family == AF_INET || isIPv6 && family == AF_INET6 else { continue }
            var bytes = Array(UnsafeRawBufferPointer(start: address, count: length(family)))
            if family == AF_INET6, bytes[8] == 0xFE, bytes[9] & 0xC0 == 0x80 { continue }
            bytes.replaceSubrange(2 ..< 4, with: port)
            found.append(bytes)
        }
        return found.filter(isLoopback) + found.filter { !isLoopback($0) }
    }

    /// Whether an address is this host's own, wherever one is.
    static func isLoopback(_ address: [UInt8]) -> Bool {
        address.count == length(AF_INET) ? address[4] == 127 : address[8 ..< 24].dropLast().allSatisfy { $0 == 0 }
    }

    private static func length(_ family: Int32) -> Int {
        family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
    }

    private static func withSocketAddress(_ bytes: inout [UInt8], _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        bytes.withUnsafeMutableBytes { body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) }
    }

    private static let streamSocket = Int32(SOCK_STREAM.rawValue)
}
