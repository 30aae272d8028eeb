@preconcurrency import Foundation
import LockstepCommunication
import LockstepMPI

/// Strangers come to rank zero's watchdog: it hears none of them, and still notices that rank one has stopped.
///
/// Prints `unharmed` when it has sent all of them away.
func checkStrangers() {
    let communicator = MPICommunicator(watchdogSeconds: 0)
    // MPI listens too: the watchdog's sockets are those that come now.
    let others = Set(listeners().map(\.inode))
    communicator.watchdogSeconds = 2
    let own = listeners().filter { !others.contains($0.inode) }
    if communicator.rank == 0 {
        expect(own.count == 1, communicator, "\(own.count) listening sockets")
        expect(own[0].address == "0100007F", communicator, "listens at \(own[0].address), not on the loopback")
        meetStrangers(own[0].port, communicator)
        print("unharmed")
        fflush(stdout)
    } else {
        expect(own.isEmpty, communicator, "rank \(communicator.rank) listens")
    }
    // Longer than the limit: the ranks are heard.
    for _ in 0 ..< 30 {
        communicator.barrier()
        usleep(100_000)
    }
    if communicator.rank == 1 { raise(SIGSTOP) }
    communicator.barrier()
    communicator.finalize()
}

private func meetStrangers(_ port: UInt16, _ communicator: MPICommunicator) {
    /// What is read within a second; `nil` at the end of the connection.
    func read(_ stranger: Int32) -> [UInt8]? {
        var time = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(stranger, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(stranger, &buffer, buffer.count, 0)
        if count == 0 || count < 0 && errno == ECONNRESET { return nil }
        return Array(buffer.prefix(max(0, count)))
    }
    func random(_ count: Int) -> [UInt8] { (0 ..< count).map { _ in .random(in: .min ... .max) } }
    // More than the watchdog has places for: some say nothing, some half of something.
    let silent = (0 ..< 200).map { _ in connect(port) }
    for stranger in silent.suffix(20) { _ = send(stranger, random(50), 50, Int32(MSG_NOSIGNAL)) }
    // Random bytes, and then nothing, is all that it tells whoever does not know the key.
    let listener = connect(port)
    let greeting = read(listener) ?? []
    expect(greeting.count == 16, communicator, "a stranger is told \(greeting.count) bytes")
    _ = send(listener, greeting, 16, Int32(MSG_NOSIGNAL))
    expect(read(listener) == [], communicator, "a stranger that echoes is told more, or sent away before it has said anything")
    // The first message is enough to be sent away, whatever it is.
    for garbage in [random(16 + 120), random(1 << 20), [UInt8](repeating: 0, count: 4096), greeting + random(120)] {
        let stranger = connect(port)
        _ = read(stranger)
        _ = send(stranger, garbage, garbage.count, Int32(MSG_NOSIGNAL))
        expect(read(stranger) == nil, communicator, "garbage is listened to")
        close(stranger)
    }
    for stranger in silent { close(stranger) }
    close(listener)
}

private func connect(_ port: UInt16) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    _ = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    return descriptor
}

/// The TCP sockets of this process that listen; addresses as the kernel lists them.
private func listeners() -> [(inode: String, address: String, port: UInt16)] {
    let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    let own = Set(descriptors.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") })
    return ["tcp", "tcp6"].flatMap { table in
        let text = (try? String(contentsOfFile: "/proc/self/net/\(table)", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").dropFirst().compactMap { line -> (inode: String, address: String, port: UInt16)? in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A", own.contains("socket:[\(fields[9])]") else { return nil }
            let place = fields[1].split(separator: ":")
            return (String(fields[9]), String(place[0]), UInt16(place[1], radix: 16) ?? 0)
        }
    }
}

/// `printed HOW`: rank zero prints a hundred lines, which its standard output still holds when the job ends: by a failure, a death or
/// a stop of rank one, by rank zero's own failure; or rank zero holds the stream itself and never goes on (`holds`).
func checkPrinted() {
    let communicator = MPICommunicator(watchdogSeconds: 2)
    let (rank, how) = (communicator.rank, option(0))
    setvbuf(stdout, nil, _IOFBF, 1 << 16)
    if rank == 0 { for line in 0 ..< 100 { print("line \(line)") } }
    communicator.barrier()
    switch how {
    case "fails": if rank == 1 { communicator.fail("a failure on purpose") }
    case "dies": if rank == 1 { raise(SIGKILL) }
    case "stops": if rank == 1 { raise(SIGSTOP) }
    case "own": if rank == 0 { communicator.fail("a failure on purpose") }
    default:
        if rank == 0 {
            flockfile(stdout)
            while getpid() > 0 {}
        }
    }
    communicator.barrier()
    communicator.finalize()
}
