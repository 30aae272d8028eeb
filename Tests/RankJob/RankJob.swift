import Foundation

/// One `mpirun` job of a test: an executable of this package on a number of ranks, run to its end.
///
///     let job = try RankJob(ranks: 3, "rank-checks", "sum").run()
///     XCTAssertEqual(job.status, 0, job.report)
///
/// All ranks are on this host, more than it has cores if need be, unless `hosts` says otherwise. A job that does not end
/// in time is killed.
public struct RankJob {
    public var ranks: Int
    /// How many of them each host has, of several made for this job (`HostNetwork`); empty: all are on this host.
    public var hosts: [Int] = []
    /// The name of an executable product, or the path of one of another package, and its arguments.
    public var executable: String
    public var arguments: [String]
    /// Set for `mpirun`, and so for every rank, on top of the test's own.
    public var environment: [String: String] = [:]
    /// Where the job runs; `nil`: where the test does.
    public var directory: URL?
    /// Words before `mpirun`: a program that starts it. For jobs on this host.
    public var wrapper: [String] = []
    /// Further options of `mpirun`.
    public var launcherOptions: [String] = []
    /// Called with the hosts of a job over several: on another thread once the job is started; and when it has ended, before
    /// the hosts are removed with all that still runs there.
    public var whileRunning: (@Sendable (HostNetwork) -> Void)?
    public var afterwards: ((HostNetwork) -> Void)?
    /// Seconds after which the job is killed.
    public var timeout: TimeInterval = 60

    public init(ranks: Int, _ executable: String, _ arguments: String...) {
        self.ranks = ranks
        self.executable = executable
        self.arguments = arguments
    }

    /// A job over several hosts: `hosts[h]` ranks on host h, numbered host by host. Check `HostNetwork.obstacle` first.
    public init(hosts: [Int], _ executable: String, _ arguments: String...) {
        self.ranks = hosts.reduce(0, +)
        self.hosts = hosts
        self.executable = executable
        self.arguments = arguments
    }

    /// What became of a job.
    public struct Result {
        /// What `mpirun` returned: 0 if every rank did. Of a killed job, its negative signal.
        public let status: Int32
        public let output: String
        public let errors: String
        public let seconds: TimeInterval
        public let timedOut: Bool
        /// All of it, as the message of a failed test.
        public let report: String
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Runs the job to its end. Throws if it cannot be started.
    public func run() throws -> Result {
        let program = program
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw Failure(description: "\(program.path) is missing: make the test target depend on the executable")
        }
        let launch = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n", String(ranks)]
        let command = launcherOptions + [program.path] + arguments
        let environment = Self.safe.merging(environment) { $1 }
        if hosts.isEmpty { return try Self.run(wrapper + launch + command, environment: environment, in: directory, timeout) }

        let network = try HostNetwork(hosts: hosts.count)
        defer { network.remove() }
        let agent = FileManager.default.temporaryDirectory.appendingPathComponent("rank-job-agent-\(UUID().uuidString)")
        try Data(HostNetwork.agent.utf8).write(to: agent)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: agent.path)
        defer { try? FileManager.default.removeItem(at: agent) }
        let places = zip(network.names, hosts).map { "\($0):\($1)" }.joined(separator: ",")
        let overHosts = ["--host", places, "--mca", "plm_rsh_agent", agent.path, "--mca", "btl", "tcp,vader,self"]
        if let whileRunning { Thread.detachNewThread { whileRunning(network) } }
        defer { afterwards?(network) }
        return try Self.run(network.command(on: 0, launch + overHosts + command), environment: environment, in: directory, timeout)
    }

    /// Runs the executable as a lone process, without a launcher.
    public func runAlone() throws -> Result {
        try Self.run([program.path] + arguments, environment: environment, in: directory, timeout)
    }

    private var program: URL {
        executable.hasPrefix("/") ? URL(fileURLWithPath: executable) : Self.productsDirectory.appendingPathComponent(executable)
    }

    /// What lets `mpirun` start in a container: as root, and without the kernel's copies between processes.
    private static let safe = [
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
    ]

    static func run(
        _ command: [String], environment: [String: String], in directory: URL? = nil, _ timeout: TimeInterval
    ) throws -> Result {
        // Files, not pipes: a full pipe would stop the job.
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rank-job-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["output", "errors"].map { folder.appendingPathComponent($0) }
        for file in files { try Data().write(to: file) }

        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let directory { process.currentDirectoryURL = directory }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        let start = Date()
        try process.run()

        // `mpirun` ends its ranks when asked to; it is killed only if it does not.
        let timedOut = ended.wait(timeout: .now() + timeout) == .timedOut
        if timedOut {
            process.terminate()
            if ended.wait(timeout: .now() + 5) == .timedOut {
                kill(process.processIdentifier, SIGKILL)
                ended.wait()
            }
        }
        let seconds = Date().timeIntervalSince(start)
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        let end = timedOut ? "killed after \(timeout) s" : "status \(status) after \(String(format: "%.1f", seconds)) s"
        return Result(
            status: status, output: texts[0], errors: texts[1], seconds: seconds, timedOut: timedOut,
            report: "\(command.joined(separator: " ")): \(end)\n\(texts[0])\(texts[1])")
    }

    /// Where this package's executables lie: beside the test bundle.
    private static var productsDirectory: URL {
        #if os(macOS)
            for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
                return bundle.bundleURL.deletingLastPathComponent()
            }
        #endif
        return URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    }
}
