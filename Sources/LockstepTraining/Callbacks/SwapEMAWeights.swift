import LockstepNN

/// Evaluates and predicts with the moving averages of the weights that the optimizer keeps (`useEMA`), not with the weights
/// themselves. `keras.callbacks.SwapEMAWeights`.
///
/// Weights and averages change places before an evaluation, that of the validation data after an epoch included, and before a
/// prediction, and back behind it, on all ranks.
public final class SwapEMAWeights: Callback {
    let swapOnEpoch: Bool

    /// - Parameter swapOnEpoch: averages are in the model from the end of an epoch to the beginning of the next, too, so that other
    ///   callbacks, such as `ModelCheckpoint`, see and save them there. All callbacks do, wherever they stand in the list.
    public init(swapOnEpoch: Bool = false) { self.swapOnEpoch = swapOnEpoch }

    /// - Throws: `TrainingError` where the optimizer keeps no averages.
    public override func validate(_ plan: TrainingPlan) throws {
        guard plan.keepsAverages else {
            throw TrainingError("SwapEMAWeights: the optimizer keeps no averages of the weights; make it with useEMA: true (use_ema)")
        }
    }

    /// When averages stand in the place of weights.
    enum Use: UInt8 { case never, inEvaluations, betweenEpochs }
}

extension CallbackList {
    /// What rank zero's callbacks ask for; the same on all ranks. Collective.
    func shareUseOfAverages(_ decisions: Decisions) -> SwapEMAWeights.Use {
        let swap = callbacks.lazy.compactMap { $0 as? SwapEMAWeights }.first
        guard decisions.share(swap != nil) else { return .never }
        return decisions.share(swap?.swapOnEpoch ?? false) ? .betweenEpochs : .inEvaluations
    }
}

extension Optimizer {
    /// Calls `body` while the weights are their averages, where `use` says so, if there are any.
    ///
    /// - Throws: what `body` throws, and `TrainingError` where the optimizer keeps no averages.
    func withAverages<Result>(_ use: SwapEMAWeights.Use, _ body: () throws -> Result) throws -> Result {
        guard use != .never else { return try body() }
        guard useEMA, state != nil else {
            throw TrainingError(
                "SwapEMAWeights: the optimizer keeps no averages of the weights yet; make it with useEMA: true (use_ema), and train")
        }
        swapAverages()
        defer { swapAverages() }
        return try body()
    }
}
