import CMPI
import Foundation
import LockstepCommunication
import LockstepSystem

/// The ranks of an MPI job as peers of a training run.
///
/// Making one and `finalize()` are collective. One a process is enough, and it is used from one thread.
///
/// # Errors
/// An error of MPI, or a call that the other ranks do not match where that can be seen, ends the whole job with one
/// line on standard error: the rank, its host, the operation and MPI's own message.
public final class MPICommunicator: Communicator {
    /// How gradients are summed.
    public enum Reduction: String, CaseIterable, Sendable {
        /// `sharedMemory` when all ranks are on one host, `hierarchical` when they are on several and one has several, else
        /// `exchange`: the same bytes in every case.
        case automatic
        /// Through one window of memory that all ranks of one host map: `SharedMemoryReducer`.
        case sharedMemory
        /// Through a window on each host and by messages between hosts: `HierarchicalReducer`.
        case hierarchical
        /// By messages, in the fixed tree of the shards: `ExchangeReducer`.
        case exchange
        /// By MPI's own all-reduce, in an order that depends on the ranks: `AllReduceReducer`.
        case allReduce
    }

    /// How gradients travel between hosts. Within a host they are never compressed, nor are metrics
    /// (`ReductionLayout.exactFrom`).
    ///
    /// With sixteen bits the sums are not those of one process, bit for bit, though they are the same bytes on all ranks.
    /// What rounding takes from a number in one step is added to it in the next (error feedback: Seide et al. 2014, "1-Bit
    /// Stochastic Gradient Descent"; Karimireddy et al. 2019, "Error Feedback Fixes SignSGD"), both where a host's sums
    /// are sent and where the sums of all hosts are.
    public enum Compression: String, CaseIterable, Sendable {
        case none
        /// 8 bits of exponent, 7 of fraction: the range of `Float`.
        case bfloat16
        /// IEEE binary16: 5 bits of exponent, 10 of fraction; what is beyond 65504 is sent over several steps.
        case float16
    }

    public let rank: Int
    public let size: Int
    public let localRank: Int
    public let localSize: Int
    public let host: String
    /// The ranks of each host, in order; hosts in the order of their first ranks.
    let hosts: [[Int]]
    /// This rank's host among them.
    let hostIndex: Int

    /// Our own copies of the world, so that no message meets another library's: one for each order of operations.
    let world: MPI_Comm
    let gathers: MPI_Comm
    /// For the end alone: what other ranks still do there meets nobody.
    let farewells: MPI_Comm
    let node: MPI_Comm
    /// One rank of each host, in the order of hosts: lane i joins the ranks with local rank i. There are as many lanes as
    /// the host with fewest ranks can serve; the other ranks' communicators are of no use.
    let laneScatters: MPI_Comm
    let laneGathers: MPI_Comm
    let laneCount: Int
    /// The most elements in one message; MPI counts in Int32.
    let largestMessage: Int
    let waiting: Waiting
    /// Shared windows that are mapped, by the order in which they were made; see `SharedWindow`.
    var windows: [Int: SharedWindow] = [:]
    var windowsMade = 0
    public var soloActivity: String?
    /// Where this rank is, for the watchdogs.
    let record: WatchRecord
    /// Called at each `note`: tests make ranks fail there.
    package var onNote: ((Phase, Int) -> Void)?
    /// Called when a shared window is there and its pages are not: tests fill up the memory there.
    package var onWindow: (() -> Void)?
    /// How gradients travel between hosts. Set it before reducers are made. It goes with the reductions `hierarchical`, which
    /// `automatic` then chooses for all jobs on several hosts, and `sharedMemory`, which has nothing to compress.
    public var compression: Compression
    /// How `makeReducer` sums. Set it before reducers are made.
    public var reduction: Reduction
    private var finalized = false

    /// The release of MPI: `Open MPI v4.1.4`.
    public static var libraryVersion: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(cmpi_max_library_version())) { text in
            var length: Int32 = 0
            MPI_Get_library_version(text.baseAddress, &length)
            return String(String(cString: text.baseAddress!).prefix { $0 != "," })
        }
    }

    /// Whether a launcher (`mpirun`, `srun`) started this process. Without one, MPI must not be initialised: it costs a
    /// quarter of a second, and `LocalCommunicator` does the same.
    public static var launched: Bool { Launcher.isPresent }

    /// Initialises MPI and meets the other ranks. Collective.
    ///
    /// `reduction` and `compression` may also be set afterwards, before reducers are made; all on every rank alike.
    ///
    /// - Parameter watchdogSeconds: see the property of this name; 0 on every rank or on none.
    public convenience init(reduction: Reduction = .automatic, compression: Compression = .none, watchdogSeconds: Double = 300) {
        self.init(reduction: reduction, compression: compression, watchdogSeconds: watchdogSeconds, pretendedHost: nil)
    }

    /// As above, for tests of how long buffers are cut and how hosts work together.
    ///
    /// - Parameters:
    ///   - largestMessage: the most elements in a message; MPI itself needs at most Int32.max.
    ///   - pretendedHost: takes the ranks for which it gives the same number for those of one host. They must really be on one.
    package init(
        reduction: Reduction, compression: Compression = .none, largestMessage: Int = Int(Int32.max), watchdogSeconds: Double = 300,
        pretendedHost: ((Int) -> Int)? = nil
    ) {
        self.reduction = reduction
        self.compression = compression
        record = Watchdog.current?.record ?? WatchRecord()
        self.largestMessage = largestMessage
        var initialised: Int32 = 0
        MPI_Initialized(&initialised)
        if initialised == 0 {
            FatalSignals.end()
            // Errors inside this call end the process: there is no handler yet.
            var level: Int32 = 0
            MPI_Init_thread(nil, nil, cmpi_thread_funneled(), &level)
        }
        // Copies inherit the handler, so every later error comes back to `check`.
        MPI_Comm_set_errhandler(cmpi_comm_world(), cmpi_errors_return())
        host = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(cmpi_max_processor_name())) { name in
            var length: Int32 = 0
            MPI_Get_processor_name(name.baseAddress, &length)
            return String(cString: name.baseAddress!)
        }
        var number: Int32 = 0
        MPI_Comm_rank(cmpi_comm_world(), &number)
        let worldRank = Int(number)
        Console.isSpeaker = worldRank == 0
        let worldHost = host
        func made(_ operation: StaticString, _ make: (inout MPI_Comm?) -> Int32) -> MPI_Comm {
            var comm: MPI_Comm?
            let code = make(&comm)
            guard code == cmpi_success(), let comm else {
                endJob("rank \(worldRank) on \(worldHost): \(operation): \(describeMPIError(code))")
            }
            return comm
        }
        world = made("MPI_Comm_dup") { MPI_Comm_dup(cmpi_comm_world(), &$0) }
        gathers = made("MPI_Comm_dup") { MPI_Comm_dup(cmpi_comm_world(), &$0) }
        farewells = made("MPI_Comm_dup") { MPI_Comm_dup(cmpi_comm_world(), &$0) }
        func sizeOf(_ comm: MPI_Comm) -> Int {
            var number: Int32 = 0
            MPI_Comm_size(comm, &number)
            return Int(number)
        }
        let machine = made("MPI_Comm_split_type") {
            MPI_Comm_split_type(cmpi_comm_world(), cmpi_comm_type_shared(), number, cmpi_info_null(), &$0)
        }
        waiting = Waiting(ranksOnHost: sizeOf(machine))
        if let pretendedHost {
            node = made("MPI_Comm_split") { MPI_Comm_split(machine, Int32(pretendedHost(worldRank)), number, &$0) }
        } else {
            node = machine
        }
        rank = worldRank
        size = sizeOf(world)
        localSize = sizeOf(node)
        MPI_Comm_rank(node, &number)
        localRank = Int(number)

        // A host is known by its first rank.
        var first = Int32(rank)
        var firsts = [Int32](repeating: 0, count: size)
        var code = MPI_Bcast(&first, 4, cmpi_byte(), 0, node)
        if code == cmpi_success() { code = MPI_Allgather(&first, 4, cmpi_byte(), &firsts, 4, cmpi_byte(), world) }
        if code != cmpi_success() { endJob("rank \(worldRank) on \(worldHost): MPI_Allgather: \(describeMPIError(code))") }
        let order = Set(firsts).sorted()
        let hosts = order.map { host in firsts.indices.filter { firsts[$0] == host } }
        let hostIndex = order.firstIndex(of: first)!
        (self.hosts, self.hostIndex) = (hosts, hostIndex)
        laneCount = hosts.map(\.count).min()!
        let lane = Int32(min(localRank, laneCount))
        let laneScatters = made("MPI_Comm_split") { MPI_Comm_split(cmpi_comm_world(), lane, Int32(hostIndex), &$0) }
        self.laneScatters = laneScatters
        laneGathers = made("MPI_Comm_dup") { MPI_Comm_dup(laneScatters, &$0) }

        self.watchdogSeconds = watchdogSeconds
        setWatchdog()
    }

    // MARK: The watchdog

    /// Seconds that ranks may wait in one operation while no rank makes progress; then the missing rank is reported and
    /// the job ends. A rank makes progress when it begins a phase of a step, or enters an operation of all ranks, so the
    /// longest phase must be shorter. 0 turns the watchdog off. Set it on all ranks alike.
    public var watchdogSeconds = 300.0 {
        didSet { setWatchdog() }
    }

    private func setWatchdog() {
        record.limit = UInt64(min(max(0, watchdogSeconds), 1e9) * 1e9)
        if size > 1 {
            if record.limit > 0 { _ = Watchdog.start(on: self, record) } else { Watchdog.current?.leave() }
        }
    }

    /// Frees what the reducers share and ends MPI. Collective; the last call on this communicator. Its reducers' memory
    /// is gone afterwards.
    public func finalize() {
        guard !finalized else { return }
        MPICommunicator.endsAtExit = nil
        awaitEnd()
        freeWindows(all: true)
        Watchdog.current?.leave()
        finalized = true
        MPI_Finalize()
    }

    public var isReproducible: Bool { compression == .none && reduction != .allReduce }
    public var settings: String { "reduction \(reduction.rawValue), compression \(compression.rawValue)" }

    /// The reducer of one model's gradients. Collective.
    ///
    /// Ends the job if ranks ask for different layouts, or if there are fewer shards than ranks.
    public func makeReducer(_ layout: ReductionLayout) -> any GradientReducer {
        freeWindows(all: false)
        let layouts = allGather(layout.numbers)
        if layouts[rank] != layouts[0] {
            fail("makeReducer: asked for \(layout.summary), rank 0 for another layout; all ranks must ask for the same")
        }
        if layout.shards < size {
            failTogether(
                "makeReducer: \(layout.shards) shards for \(size) ranks; each rank needs at least one: "
                    + "start fewer ranks or set more logical shards")
        }
        if compression != .none, reduction == .exchange || reduction == .allReduce {
            failTogether(
                "compression '\(compression.rawValue)' does not go with the reduction '\(reduction.rawValue)'; "
                    + "use 'automatic' or 'hierarchical'")
        }
        if layout.shards != size, compression != .none {
            failTogether(
                "makeReducer: \(layout.shards) shards on \(size) ranks with compression '\(compression.rawValue)': logical shards "
                    + "promise the same bytes on any number of ranks, which compressed gradients cannot keep; leave out one of the two")
        }
        switch reduction {
        case .automatic where size == 1: return LocalCommunicator().makeReducer(layout)
        case .automatic where hosts.count == 1, .sharedMemory: return SharedMemoryReducer(layout, self)
        case .automatic where hosts.count < size || compression != .none, .hierarchical: return HierarchicalReducer(layout, self)
        case .automatic, .exchange: return ExchangeReducer(layout, self)
        case .allReduce: return AllReduceReducer(layout, self)
        }
    }

    /// What brings the gradients of one table's rows to all ranks. Collective.
    public func makeRowExchange(_ layout: RowLayout, sharing: Bool) -> any RowExchange {
        freeWindows(all: false)
        return size == 1 ? LocalCommunicator().makeRowExchange(layout, sharing: sharing) : SharedRowExchange(layout, self, sharing: sharing)
    }

    public func note(_ phase: Phase, step: Int) {
        record.note(phase, step: step)
        onNote?(phase, step)
    }

    /// Ends the job on all ranks without waiting for any: `MPI_Abort`. The launcher's status is `status`, or 1 for 0,
    /// which would look like success.
    public func abort(status: Int32) -> Never { abortJob(status: status) }
}

extension ReductionLayout {
    /// Every number of the layout, to compare between ranks.
    fileprivate var numbers: [Int] { [count, shards, exactFrom] + buckets.flatMap { [$0.lowerBound, $0.upperBound] } }
    fileprivate var summary: String { "\(count) floats in \(buckets.count) buckets and \(shards) shards" }
}
