import Foundation

/// An address of one of a host's interfaces: the system's own bytes (`sockaddr_in`, `sockaddr_in6`), port included, and how many of
/// its bits the network behind the interface has in common.
package struct WatchAddress: Equatable {
    let bytes: [UInt8]
    let networkBits: Int

    private var family: Int32 { bytes.withUnsafeBytes { Int32($0.loadUnaligned(as: sa_family_t.self)) } }
    private var number: ArraySlice<UInt8> { family == AF_INET6 ? bytes[8 ..< 24] : bytes[4 ..< 8] }

    /// Whether it means this host, wherever one is.
    package var isLoopback: Bool { family == AF_INET6 ? number.dropLast().allSatisfy { $0 == 0 } : number.first == 127 }

    /// Whether another host's address lies in the network behind this one. The same address on both hosts is that of a network
    /// within each, such as a bridge of containers.
    package func reaches(_ other: WatchAddress) -> Bool {
        guard family == other.family, number != other.number, !isLoopback else { return false }
        return zip(number, other.number).enumerated().allSatisfy { index, pair in
            let bits = min(8, max(0, networkBits - 8 * index))
            return (pair.0 ^ pair.1) >> (8 - bits) == 0 || bits == 0
        }
    }

    // MARK: As bytes, to tell the other ranks

    var text: String { ([networkBits] + bytes.map { Int($0) }).map { String($0) }.joined(separator: " ") }

    package init(text: some StringProtocol) {
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        self.init(bytes: numbers.dropFirst().map { UInt8($0) }, networkBits: numbers[0])
    }

    private init(bytes: [UInt8], networkBits: Int) { (self.bytes, self.networkBits) = (bytes, networkBits) }

    // MARK: Of this host

    /// The addresses of this host's interfaces that are up, without a port. Those valid on one wire only are left out.
    static func ofThisHost() -> [WatchAddress] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [WatchAddress] = []
        for interface in sequence(first: first, next: { $0?.pointee.ifa_next }) {
            guard let interface = interface?.pointee, let address = interface.ifa_addr, interface.ifa_flags & UInt32(IFF_UP) != 0
            else { continue }
            let family = Int32(address.pointee.sa_family)
            guard family == AF_INET || family == AF_INET6 else { continue }
            func bytes(_ address: UnsafeMutablePointer<sockaddr>) -> [UInt8] {
                let size = family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
                return Array(UnsafeRawBufferPointer(start: address, count: size))
            }
            var own = bytes(address)
            (own[2], own[3]) = (0, 0)
            let mask = interface.ifa_netmask.map { WatchAddress(bytes: bytes($0), networkBits: 0) }
            let place = WatchAddress(bytes: own, networkBits: mask?.number.reduce(0) { $0 + $1.nonzeroBitCount } ?? 0)
            if family == AF_INET6, own[8] == 0xFE, own[9] & 0xC0 == 0x80 { continue }
            found.append(place)
        }
        return found
    }

    /// Those at which rank zero's watchdog is to be found, in the order in which to try them.
    ///
    /// Ranks of its host come over the loopback. Those of another come over a network that both hosts have; if there is no such,
    /// over whichever the system knows a way.
    ///
    /// - Parameters:
    ///   - own: of rank zero's host. - others: of each other host. - isShared: whether there are other ranks on rank zero's.
    package static func toListen(own: [WatchAddress], others: [[WatchAddress]], isShared: Bool) -> [WatchAddress] {
        let (loopback, outer) = (Array(own.filter(\.isLoopback).prefix(1)), own.filter { !$0.isLoopback })
        let shared = others.map { other in outer.filter { address in other.contains { address.reaches($0) } } }
        let used = shared.contains { $0.isEmpty } ? outer : outer.filter { address in shared.contains { $0.contains(address) } }
        guard !used.isEmpty else { return loopback.isEmpty ? outer : loopback }
        return (isShared ? loopback : []) + used
    }

    // MARK: Sockets

    /// A socket that listens here, and the address with its port; `nil` if that cannot be.
    func listen() -> (descriptor: Int32, address: WatchAddress)? {
        let descriptor = socket(family, Self.streamSocket, 0)
        guard descriptor >= 0 else { return nil }
        var bytes = bytes
        guard Self.withSocketAddress(&bytes, { bind(descriptor, $0, $1) }) == 0, Foundation.listen(descriptor, 1024) == 0 else {
            close(descriptor)
            return nil
        }
        var size = socklen_t(bytes.count)
        bytes.withUnsafeMutableBytes { _ = getsockname(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &size) }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return (descriptor, WatchAddress(bytes: bytes, networkBits: networkBits))
    }

    /// A connection under way to this address; `nil` if that cannot be.
    func connect() -> Int32? {
        let descriptor = socket(family, Self.streamSocket, 0)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var bytes = bytes
        if Self.withSocketAddress(&bytes, { Foundation.connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS { return descriptor }
        close(descriptor)
        return nil
    }

    private static func withSocketAddress(_ bytes: inout [UInt8], _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        bytes.withUnsafeMutableBytes { body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) }
    }

    private static let streamSocket = Int32(SOCK_STREAM.rawValue)
}
