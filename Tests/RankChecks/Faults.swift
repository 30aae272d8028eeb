import Foundation
import Lockstep
import LockstepMPI

/// What goes wrong in a `fault` check.
private enum Fault: String {
    case kill, segmentation, stop, exit, fail, memory, loop
    /// A signal of a fault that did not happen, as another process sends it.
    case sent
    /// An error thrown in a callback or by a checkpoint, on rank zero.
    case thrown
    /// Nothing goes wrong: the rank sleeps half a second in each step.
    case slow
    /// Removes the file of the last argument, so that the test knows that training is under way, and goes on.
    case tell

    func happen(_ communicator: MPICommunicator) throws {
        switch self {
        case .kill: raise(SIGKILL)
        case .segmentation: UnsafeMutablePointer<UInt8>(bitPattern: 16)!.pointee = 1
        case .sent: Foundation.kill(getpid(), SIGSEGV)
        case .stop: raise(SIGSTOP)
        case .exit: Foundation.exit(0)
        case .fail: communicator.fail("a failure on purpose")
        case .memory: takeAllMemory()
        case .loop: while getpid() > 0 {}
        case .thrown: throw TrainingError("an error on purpose")
        case .slow: usleep(500_000)
        case .tell: unlink(arguments.last!)
        }
    }

    /// Asks for tensors until there is no memory for another.
    private func takeAllMemory() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        limit.rlim_cur = 1 << 30
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        var tensors: [Tensor] = []
        while true { tensors.append(Tensor([Float](repeating: 1, count: 1 << 22))) }
    }
}

/// `fault KIND PHASE RANK STEP SECONDS EPOCHS [FILE]`: trains a small model, eight steps an epoch, in which the fault happens to a rank when it
/// begins a phase of a step. The watchdog's limit is SECONDS.
func checkFault() {
    guard let fault = Fault(rawValue: option(0)), let phase = Phase.allCases.first(where: { "\($0)" == option(1) }),
        let rank = Int(option(2)), let step = Int(option(3)), let seconds = Double(option(4)), let epochs = Int(option(5))
    else {
        FileHandle.standardError.write(Data("rank-checks fault: bad options \(arguments)\n".utf8))
        exit(2)
    }
    let communicator = MPICommunicator()
    if communicator.rank == 0 { print("job", getenv("PMIX_NAMESPACE").map { String(cString: $0) } ?? "?") }
    fflush(nil)
    communicator.watchdogSeconds = seconds
    Distribution.communicator = communicator
    // As `Distribution.run` has it.
    Failure.stop = { communicator.fail($0, status: 2) }
    Threads.count = 1
    func isTime(_ now: Phase, _ at: Int) -> Bool {
        communicator.rank == rank && now == phase && (at == step || fault == .slow)
    }
    if fault != .thrown {
        communicator.onNote = { now, at in if isTime(now, at) { try! fault.happen(communicator) } }
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fault-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
        let x = Tensor((0 ..< 8 * 32 * 8).map { Float($0 % 17) / 17 }, shape: [8 * 32, 8])
        let y = Tensor((0 ..< 8 * 32).map { Int32($0 % 4) })
        let model = Sequential([Input([8]), Dense(16, activation: "relu"), Dense(4, activation: "softmax")], name: "model")
        try model.compile(optimizer: SGD(learningRate: 0.1), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
        let callback = FaultyCallback { steps in
            if phase == .checkpoint, steps == step {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                communicator.note(.checkpoint, step: steps)
                try model.save(folder.appendingPathComponent("model.keras").path)
            }
            if fault == .thrown, isTime(phase, steps) { try fault.happen(communicator) }
        }
        try model.fit(x, y, batchSize: 32, epochs: epochs, verbose: 0, callbacks: [callback], shuffle: false)
    } catch {
        communicator.fail("\(error)")
    }
    communicator.finalize()
}

private final class FaultyCallback: Callback {
    private let body: (Int) throws -> Void
    private var steps = 0
    init(_ body: @escaping (Int) throws -> Void) { self.body = body }
    override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) throws {
        steps += 1
        try body(steps)
    }
}
