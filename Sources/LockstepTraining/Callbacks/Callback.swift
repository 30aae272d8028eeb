import LockstepCommunication
import LockstepNN
import LockstepSystem
import LockstepTensor

/// Something done while a model trains: showing progress, writing a file, stopping early.
///
/// Callbacks run on rank zero alone, in the order in which they were given, and see figures over all ranks. What one adds to an
/// epoch's logs, the next ones and the history have too. `keras.callbacks.Callback`.
open class Callback {
    /// The model that trains.
    public package(set) weak var model: Model?
    /// How the run was started.
    public package(set) var parameters = FitParameters(epochs: 1, steps: nil, verbose: 0)
    /// How far the epoch is that runs.
    public internal(set) var progress = EpochProgress()
    /// Of the `fit` that runs.
    weak var decisions: Decisions?

    public init() {}

    /// What this callback remembers of the run, such as the best figure so far. A run that goes on where another has ended sets
    /// it, once `onTrainBegin` has been called.
    open var state: CallbackState {
        get { CallbackState() }
        set {}
    }

    /// Called before anything is done: throws what can be known then to prevent this callback from working, so that no training
    /// is lost to it.
    open func validate(_ plan: TrainingPlan) throws {}
    /// Whether it looks at the gradients of an epoch's last step, `progress.gradients`. Asked on rank zero, before the epoch.
    open func needsGradients(_ epoch: Int) -> Bool { false }
    /// The names of the figures that this callback adds to the logs of an epoch, for others to monitor.
    open var addedFigures: [String] { [] }

    open func onTrainBegin() throws {}
    open func onTrainEnd(_ logs: Logs) throws {}
    open func onEpochBegin(_ epoch: Int) throws {}
    open func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {}
    open func onTrainBatchBegin(_ batch: Int) throws {}
    open func onTrainBatchEnd(_ batch: Int, _ logs: Logs) throws {}
    /// An evaluation begins, that of the validation data after an epoch included.
    open func onTestBegin() throws {}
    open func onTestEnd(_ logs: Logs) throws {}
    open func onTestBatchBegin(_ batch: Int) throws {}
    /// - Parameter logs: empty: figures are summed over the ranks once, at the end.
    open func onTestBatchEnd(_ batch: Int, _ logs: Logs) throws {}
    open func onPredictBegin() throws {}
    open func onPredictEnd() throws {}
    open func onPredictBatchBegin(_ batch: Int) throws {}
    open func onPredictBatchEnd(_ batch: Int) throws {}
}

extension Callback {
    /// Asks for a moment at which all ranks are together: before the next step, or when the epoch or the training ends.
    ///
    /// All ranks then give rank zero what they share out among them, the optimizer's state and the metrics of each shard, and
    /// `body` is called here with the run as it stands. This is where a model in training can be saved with all of its state. Stops
    /// where no `fit` runs.
    ///
    /// - Parameter body: may do what any event of a callback may.
    public func requestTogether(_ body: @escaping (_ run: RunState) throws -> Void) {
        guard let decisions else {
            Failure.report("callback \(type(of: self)): requestTogether was called while no fit runs; call it in an event of fit")
        }
        decisions.add(self, request: body)
    }

    /// Tells the user.
    func say(_ text: String) { Console.tell("\(text)\n") }
}

/// What is known of the epoch that runs besides its figures; the same object for all callbacks of a run.
public final class EpochProgress {
    /// Its number, from 0.
    public internal(set) var epoch = 0
    /// What it has trained on so far, over all ranks.
    public internal(set) var samples = 0
    /// Batches of the evaluation that goes on, where they are known.
    public package(set) var evaluationSteps: Int?
    /// When its training began and, from the epoch's end on, how long it took without the evaluation, in seconds.
    public internal(set) var start = 0.0, duration = 0.0
    /// Where the time of all ranks has gone since the model was first trained, as the last epoch has ended.
    public internal(set) var profile: Profile?
    /// The gradients of its last step, by the path of the variable: over the global batch, before they are clipped. Only where a
    /// callback needs them, and not of tables of which rows alone have gradients.
    public internal(set) var gradients: [(path: String, values: [Float])] = []

    init() {}

    func begin(_ epoch: Int) {
        (self.epoch, samples, gradients) = (epoch, 0, [])
        (start, duration) = (EpochProgress.now, 0)
    }

    func end(_ profile: Profile, _ gradients: [(path: String, values: [Float])]) {
        (self.profile, self.gradients, duration) = (profile, gradients, EpochProgress.now - start)
    }

    /// Seconds on a clock that is never set.
    static var now: Double { Double(monotonicNanoseconds()) / 1e9 }
}

/// How a run was started.
public struct FitParameters: Sendable {
    public let epochs: Int
    /// Batches of an epoch.
    public let steps: Int?
    public let verbose: Int

    package init(epochs: Int, steps: Int?, verbose: Int) { (self.epochs, self.steps, self.verbose) = (epochs, steps, verbose) }
}

/// Runs a rank's callbacks: rank zero's are those given, the others have none.
final class CallbackList {
    let callbacks: [Callback]
    let progress = EpochProgress()
    private let communicator: any Communicator
    private let decisions: Decisions

    init(_ callbacks: [Callback], model: Model, parameters: FitParameters, communicator: any Communicator, decisions: Decisions) {
        self.callbacks = communicator.rank == 0 ? callbacks : []
        (self.communicator, self.decisions) = (communicator, decisions)
        for callback in self.callbacks {
            callback.model = model
            callback.parameters = parameters
            callback.progress = progress
        }
    }

    func needGradients(_ epoch: Int) -> Bool { callbacks.contains { $0.needsGradients(epoch) } }

    /// Calls `event` of each callback. What they assign to variables reaches the other ranks by `Decisions`.
    ///
    /// - Throws: what a callback throws, in a process alone. With other ranks, which would wait for this one, the job ends
    ///   with the error.
    func each(_ event: StaticString, _ body: (Callback) throws -> Void) throws {
        if callbacks.isEmpty { return }
        decisions.beginCallbacks()
        defer { decisions.endCallbacks() }
        for callback in callbacks { try alone(callback, event) { try body(callback) } }
    }

    /// Runs an evaluation with its events.
    ///
    /// - Parameters:
    ///   - steps: its batches, where they are known.
    ///   - body: evaluates, and says when batches begin and end.
    func evaluate(_ figures: Figures, steps: Int?, _ body: (_ onBatch: (Int, BatchMoment) -> Void) -> [Float]) throws -> Logs {
        progress.evaluationSteps = steps
        try each("onTestBegin") { try $0.onTestBegin() }
        let none = Logs(names: [], values: [])
        let values = try batches(
            begin: ("onTestBatchBegin", { try $0.onTestBatchBegin($1) }), end: ("onTestBatchEnd", { try $0.onTestBatchEnd($1, none) }),
            of: body)
        let logs = Logs(names: figures.names, values: values, evaluated: figures.evaluated)
        try each("onTestEnd") { try $0.onTestEnd(logs) }
        return logs
    }

    /// Runs a prediction with its events; see `evaluate`.
    func predict<Result>(_ body: (_ onBatch: (Int, BatchMoment) -> Void) -> Result) throws -> Result {
        try each("onPredictBegin") { try $0.onPredictBegin() }
        let result = try batches(
            begin: ("onPredictBatchBegin", { try $0.onPredictBatchBegin($1) }),
            end: ("onPredictBatchEnd", { try $0.onPredictBatchEnd($1) }), of: body)
        try each("onPredictEnd") { try $0.onPredictEnd() }
        return result
    }

    /// An event of a batch, which is given by its number.
    private typealias BatchEvent = (name: StaticString, body: (Callback, Int) throws -> Void)

    /// Calls the events of the batches that `body` goes through.
    ///
    /// - Throws: behind the last batch what callbacks threw first, as the other ranks do not know of it.
    private func batches<Result>(begin: BatchEvent, end: BatchEvent, of body: (_ onBatch: (Int, BatchMoment) -> Void) -> Result) throws
        -> Result
    {
        var failure: (any Error)?
        let result = body { batch, moment in
            let event = moment == .begin ? begin : end
            do { try each(event.name) { try event.body($0, batch) } } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        return result
    }

    /// Calls what callbacks have asked for a moment together with all ranks for, in their order.
    ///
    /// - Throws: as `each`.
    func answer(_ run: RunState) throws {
        decisions.beginCallbacks()
        defer { decisions.endCallbacks() }
        for (callback, body) in decisions.takeRequests() { try alone(callback, "requestTogether") { try body(run) } }
    }

    private func alone(_ callback: Callback, _ event: StaticString, _ body: () throws -> Void) throws {
        guard communicator.size > 1 else { return try body() }
        do {
            communicator.soloActivity = SoloActivity.callback
            defer { communicator.soloActivity = nil }
            try body()
        } catch {
            // What fails before any step is the input's fault.
            communicator.fail(
                "callback \(type(of: callback)).\(event) in epoch \(progress.epoch + 1): \(error)",
                status: "\(event)" == "onTrainBegin" ? 2 : 1)
        }
    }

    /// What the first `count` of them remember.
    func states(ofFirst count: Int) -> [CallbackState] {
        callbacks.prefix(count).map { callback in
            var state = callback.state
            state.owner = "\(type(of: callback))"
            return state
        }
    }

    /// Gives callbacks back what those of their class remembered, the first of a class the first's. New ones begin anew.
    func restore(_ states: [CallbackState]) {
        var left = states
        for callback in callbacks {
            guard let index = left.firstIndex(where: { $0.owner == "\(type(of: callback))" }) else { continue }
            callback.state = left.remove(at: index)
        }
    }

    private var checkpoints: [Checkpoints] { callbacks.compactMap { $0 as? Checkpoints } }

    /// Asks those that write checkpoints for one.
    func requestCheckpoints() { for callback in checkpoints { callback.request() } }

    /// The last checkpoint that is on the disk.
    func latestCheckpoint() -> String? {
        for callback in checkpoints { callback.settle() }
        return checkpoints.lazy.compactMap(\.latest).first
    }

    /// Whether one of them has ended the training because its loss was no number.
    var haveSeenNaN: Bool { callbacks.contains { ($0 as? TerminateOnNaN)?.hasTerminated ?? false } }
}

/// Where an evaluation is in a batch.
enum BatchMoment { case begin, end }

/// What rank zero does without the others.
enum SoloActivity {
    /// One text for all callbacks, so that naming it takes no memory in every step.
    static let callback = "a callback, which runs on rank zero alone"
}
