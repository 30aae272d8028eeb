import CKernels
import LockstepTensor

// The moving average of the parameters: Polyak & Juditsky 1992; Keras' `use_ema`.

extension Optimizer {
    /// How many updates had been made before this batch, by which Keras counts.
    private var updatesBefore: Int { (steps - 1) / (gradientAccumulationSteps ?? 1) }

    /// Takes the average of parameters behind a batch, be it that this made no update.
    ///
    /// - Parameter run: the parameters, all of them or a part.
    package func average(_ run: (offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)) {
        guard useEMA, let state else { return }
        lk_moving_average(
            Int64(run.count), updatesBefore == 0 ? 0 : emaMomentum, run.parameters, state.slot(state.slotCount - 1, at: run.offset))
    }

    /// Whether parameters become their average behind this batch.
    package var isDueForAverage: Bool {
        guard useEMA, let emaOverwriteFrequency else { return false }
        return (updatesBefore + 1) % emaOverwriteFrequency == 0
    }

    /// Parameters become their average.
    package func becomeAverage(_ runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)]) {
        guard useEMA, let state else { return }
        for run in runs { run.parameters.update(from: state.slot(state.slotCount - 1, at: run.offset), count: run.count) }
    }

    /// Averages become these numbers, one list for each run.
    package func setAverage(_ runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)], to values: [[Float]]) {
        guard useEMA, let state else { return }
        for (run, values) in zip(runs, values) { state.slot(state.slotCount - 1, at: run.offset).update(from: values, count: run.count) }
    }

    /// Parameters and their averages change places. Of a state that is whole.
    package func swapAverages() {
        guard useEMA, let layout = state?.layout else { return }
        let parameters = layout.runs.map { Array(UnsafeBufferPointer(start: $0.parameters, count: $0.count)) }
        becomeAverage()
        setAverage(layout.runs, to: parameters)
    }

    /// As above, all of them.
    func becomeAverage() {
        guard let layout = state?.layout else { return }
        for variable in layout.variables { variable.willChange() }
        becomeAverage(layout.runs)
    }

    /// Ends a training loop of one's own: all parameters become their average, if there is one. `fit` does it by itself.
    public func finalizeVariableValues() {
        guard useEMA, let state, steps > 0 else { return }
        state.checkWhole()
        Variable.assignments += 1
        becomeAverage()
    }
}
