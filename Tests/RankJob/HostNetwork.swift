import Foundation

/// Several "hosts" on this machine, for jobs whose ranks must not share memory.
///
/// Each is a network namespace with one interface, and the processes in it have the host's name as theirs (a UTS
/// namespace each), by which Open MPI takes them for ranks of different hosts. A further namespace holds the bridge that
/// joins them, so that nothing appears in the machine's own network, and removing the namespaces removes everything.
///
/// Needs root (or the capability to make namespaces), `ip` and `unshare`; see `obstacle`.
public final class HostNetwork: Sendable {
    /// The hosts' names, which are also those of their namespaces. Unique on this machine.
    public let names: [String]
    private let bridge: String

    /// Makes the network, or removes what there is of it and throws.
    public init(hosts count: Int) throws {
        Self.removeLeftovers()
        let number = Self.lock.withLock {
            Self.made += 1
            return Self.made
        }
        let prefix = "lockstep-\(getpid())-\(number)"
        names = (0 ..< count).map { "\(prefix)-host\($0)" }
        bridge = "\(prefix)-bridge"
        do {
            try Self.ip("netns", "add", bridge)
            try Self.ip("-n", bridge, "link", "add", "bridge", "type", "bridge")
            try Self.ip("-n", bridge, "link", "set", "bridge", "up")
            for (index, name) in names.enumerated() {
                try Self.ip("netns", "add", name)
                try Self.ip("-n", bridge, "link", "add", "port\(index)", "type", "veth", "peer", "name", "eth0", "netns", name)
                try Self.ip("-n", bridge, "link", "set", "port\(index)", "master", "bridge", "up")
                try Self.ip("-n", name, "address", "add", "10.213.7.\(index + 1)/24", "dev", "eth0")
                try Self.ip("-n", name, "link", "set", "eth0", "up")
                try Self.ip("-n", name, "link", "set", "lo", "up")
            }
        } catch {
            remove()
            throw error
        }
    }

    /// Ends what still runs on the hosts and removes them.
    public func remove() { Self.remove(names + [bridge]) }

    /// Takes a host's link down, or up again.
    public func setLink(ofHost host: Int, up: Bool) throws { try Self.ip("-n", names[host], "link", "set", "eth0", up ? "up" : "down") }

    /// The words that run a command on a host, in place of the process that runs them.
    public func command(on host: Int, _ command: [String]) -> [String] {
        ["ip", "netns", "exec", names[host], "unshare", "--uts", "sh", "-c", #"hostname "$0" && exec "$@""#, names[host]] + command
    }

    /// What `mpirun` runs in place of `ssh`: `agent HOST COMMAND …`.
    static let agent = """
        #!/bin/sh
        host=$1
        shift
        exec ip netns exec "$host" unshare --uts sh -c 'hostname "$0" && eval "$*"' "$host" "$@"

        """

    /// Why this system cannot have such hosts; nil if it can. Said once on standard error as well, as a skipped test is
    /// easily overlooked.
    public static let obstacle: String? = {
        do {
            let network = try HostNetwork(hosts: 2)
            defer { network.remove() }
            for host in 0 ..< 2 { try run(network.command(on: host, ["true"])) }
            return nil
        } catch {
            let text = "NOT TESTED: jobs over several hosts. They need network and UTS namespaces (root, `ip` and `unshare`): \(error)"
            FileHandle.standardError.write(Data("\n*** \(text)\n\n".utf8))
            return text
        }
    }()

    private static let lock = NSLock()
    nonisolated(unsafe) private static var made = 0

    /// Removes networks of tests that were killed before they could.
    private static func removeLeftovers() {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/run/netns") else { return }
        remove(
            names.filter { name in
                let words = name.split(separator: "-")
                guard words.count == 4, words[0] == "lockstep", let owner = pid_t(words[1]) else { return false }
                return kill(owner, 0) != 0 && errno == ESRCH
            })
    }

    private static func remove(_ namespaces: [String]) {
        for name in namespaces {
            let pids = (try? run(["ip", "netns", "pids", name])) ?? ""
            for pid in pids.split(separator: "\n").compactMap({ pid_t($0) }) { kill(pid, SIGKILL) }
            _ = try? ip("netns", "delete", name)
        }
    }

    private static func ip(_ words: String...) throws { try run(["ip"] + words) }

    @discardableResult
    private static func run(_ command: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let texts = [output, errors].map { String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw RankJob.Failure(description: "\(command.joined(separator: " ")): \(texts[1].isEmpty ? "failed" : texts[1])")
        }
        return texts[0]
    }
}
