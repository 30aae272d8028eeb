import CMPI
import Foundation
import LockstepCommunication

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
        /// `sharedMemory` when all ranks are on one host, else `exchange`: the same bytes either way.
        case automatic
        /// Through one window of memory that all ranks of one host map: `SharedMemoryReducer`.
        case sharedMemory
        /// By messages, in the fixed tree of the shards: `ExchangeReducer`.
        case exchange
        /// By MPI's own all-reduce, in an order that depends on the ranks: `AllReduceReducer`.
        case allReduce
    }

    public let rank: Int
    public let size: Int
    public let localRank: Int
    public let localSize: Int
    public let host: String

    /// Our own copies of the world, so that no message meets another library's: one for each order of operations.
    let world: MPI_Comm
    let gathers: MPI_Comm
    let node: MPI_Comm
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
    private let reduction: Reduction
    private var finalized = false

    /// Whether a launcher (`mpirun`, `srun`) started this process. Without one, MPI must not be initialised: it costs a
    /// quarter of a second, and `LocalCommunicator` does the same.
    public static var launched: Bool {
        ["OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMIX_RANK"].contains { (name: String) in getenv(name) != nil }
    }

    /// Initialises MPI and meets the other ranks. Collective.
    ///
    /// - Parameters:
    ///   - reduction: how `makeReducer` sums; the same on every rank.
    ///   - watchdogSeconds: see the property of this name; 0 on every rank or on none.
    public convenience init(reduction: Reduction = .automatic, watchdogSeconds: Double = 300) {
        self.init(reduction: reduction, largestMessage: Int(Int32.max), watchdogSeconds: watchdogSeconds)
    }

    /// As above, with smaller messages than MPI needs, to test how long buffers are cut.
    package init(reduction: Reduction, largestMessage: Int, watchdogSeconds: Double = 300) {
        self.reduction = reduction
        record = Watchdog.current?.record ?? WatchRecord()
        self.largestMessage = largestMessage
        var initialised: Int32 = 0
        MPI_Initialized(&initialised)
        if initialised == 0 {
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
        let worldHost = host
        func made(_ operation: StaticString, _ make: (inout MPI_Comm?) -> Int32) -> MPI_Comm {
            var comm: MPI_Comm?
            let code = make(&comm)
            guard code == cmpi_success(), let comm else {
                endJob(rank: worldRank, host: worldHost, "\(operation): \(describeMPIError(code))")
            }
            return comm
        }
        world = made("MPI_Comm_dup") { MPI_Comm_dup(cmpi_comm_world(), &$0) }
        gathers = made("MPI_Comm_dup") { MPI_Comm_dup(cmpi_comm_world(), &$0) }
        node = made("MPI_Comm_split_type") {
            MPI_Comm_split_type(cmpi_comm_world(), cmpi_comm_type_shared(), number, cmpi_info_null(), &$0)
        }
        rank = worldRank
        MPI_Comm_size(world, &number)
        size = Int(number)
        MPI_Comm_rank(node, &number)
        localRank = Int(number)
        MPI_Comm_size(node, &number)
        localSize = Int(number)
        waiting = Waiting(ranksOnHost: Int(number))
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
        barrier()
        freeWindows(all: true)
        Watchdog.current?.leave()
        finalized = true
        MPI_Finalize()
    }

    /// The reducer of one model's gradients. Collective.
    ///
    /// Ends the job if ranks ask for different layouts, or if there are fewer shards than ranks.
    public func makeReducer(_ layout: ReductionLayout) -> any GradientReducer {
        freeWindows(all: false)
        let layouts = allGather(layout.encoded)
        if layouts[rank] != layouts[0] {
            fail("makeReducer: asked for \(layout.summary), rank 0 for another layout; all ranks must ask for the same")
        }
        if layout.shards < size {
            failTogether(
                "makeReducer: \(layout.shards) shards for \(size) ranks; each rank needs at least one: "
                    + "start fewer ranks or set more logical shards")
        }
        switch reduction {
        case .automatic where size == 1: return LocalCommunicator().makeReducer(layout)
        case .automatic where localSize == size, .sharedMemory: return SharedMemoryReducer(layout, self)
        case .automatic, .exchange: return ExchangeReducer(layout, self)
        case .allReduce: return AllReduceReducer(layout, self)
        }
    }

    public func note(_ phase: Phase, step: Int) {
        record.note(phase, step: step)
        onNote?(phase, step)
    }

    /// Ends the job on all ranks without waiting for any: `MPI_Abort`. The launcher's status is `status`, or 1 for 0,
    /// which would look like success.
    public func abort(status: Int32) -> Never {
        fflush(nil)
        Watchdog.current?.abort(status: status == 0 ? 1 : status)
        MPI_Abort(cmpi_comm_world(), status == 0 ? 1 : status)
        exit(status == 0 ? 1 : status)
    }
}

extension ReductionLayout {
    /// Every number of the layout as bytes, to compare between ranks.
    fileprivate var encoded: [UInt8] {
        let numbers = [count, shards] + buckets.flatMap { [$0.lowerBound, $0.upperBound] }
        return numbers.withUnsafeBytes { Array($0) }
    }
    fileprivate var summary: String { "\(count) floats in \(buckets.count) buckets and \(shards) shards" }
}
