import LockstepData
import LockstepNN
import LockstepTensor

/// What is known of a training before its first step, for callbacks to say whether they can work with it.
public struct TrainingPlan {
    /// The figures that a callback will find in an epoch's logs, in their order: those of the model, then of validation, then
    /// what callbacks before it add.
    public private(set) var figures: [String]
    /// Whether more or less of each figure is better, where its metric says so.
    private var directions: [String: Metric.Direction]
    public let hasValidation: Bool
    /// Whether the optimizer keeps moving averages of the weights.
    public let keepsAverages: Bool
    /// The class of the schedule that gives the learning rate; `nil` where it is a number, which callbacks can set.
    public let schedule: String?

    /// The plan for a compiled model. Not collective; builds the model if it is not built.
    ///
    /// - Throws: `TrainingError`, `DataError` or `ConfigError` where data, metrics and model do not fit.
    package init(_ model: Model, _ data: Dataset, hasValidation: Bool) throws {
        try self.init(Pairing(model, BatchSpecs(data), rows: 1), model.compilation!.optimizer, hasValidation: hasValidation)
    }

    init(_ pairing: Pairing, _ optimizer: Optimizer, hasValidation: Bool) throws {
        self.init(try Figures(pairing), optimizer, hasValidation: hasValidation)
    }

    private init(_ figures: Figures, _ optimizer: Optimizer, hasValidation: Bool) {
        self.figures = figures.names + (hasValidation ? figures.names.map { "val_\($0)" } : [])
        directions = [:]
        for (name, direction) in zip(figures.names, figures.directions) {
            directions[name] = direction
            if hasValidation { directions["val_\(name)"] = direction }
        }
        self.hasValidation = hasValidation
        keepsAverages = optimizer.useEMA
        schedule = optimizer.schedule.map { String(describing: type(of: $0)) }
    }

    /// Which way a figure becomes better; `nil` where nobody knows.
    public func direction(of figure: String) -> Metric.Direction? { directions[figure] }

    /// Asks the next callback of a list whether it can work with this plan.
    ///
    /// - Throws: what `Callback.validate(_:)` throws.
    package mutating func admit(_ callback: Callback) throws {
        try callback.validate(self)
        for name in callback.addedFigures where !figures.contains(name) { figures.append(name) }
    }

    // MARK: What callbacks ask

    /// - Throws: `TrainingError` if there will be no such figure, or nobody can tell what makes it better.
    func requireFigure(_ name: String, mode: MonitorMode, for callback: Callback) throws {
        let callback = "\(type(of: callback))"
        guard figures.contains(name) else {
            if name.hasPrefix("val_"), !hasValidation {
                throw TrainingError(
                    "\(callback): monitors \(name), but there is no validation data; give some, or monitor one of \(figures.joined(separator: ", "))"
                )
            }
            throw TrainingError("\(callback): \(unknownName("figure to monitor", name, figures))")
        }
        guard mode != .auto || directions[name] != nil else {
            throw TrainingError("\(callback): cannot tell whether more or less of \(name) is better; set mode to min or max")
        }
    }

    /// - Throws: `TrainingError` if a schedule gives the learning rate.
    func requireSettableRate(for callback: Callback) throws {
        guard let schedule else { return }
        throw TrainingError(
            "\(type(of: callback)): sets the learning rate, which the optimizer takes from \(schedule); give the optimizer a number as its rate, or leave the callback out"
        )
    }
}
