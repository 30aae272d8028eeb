import CKernels
import LockstepTensor

// A rule on parameters and their state.

extension Optimizer {
    /// Makes the state for `variables`; does nothing if it is there already.
    public func build(_ variables: [Variable]) {
        guard let state else { return build(ParameterLayout(variables)) }
        // State that is set aside comes back for a loop of one's own.
        let others = variables.filter { !state.holds($0) }
        if !others.isEmpty { build(ParameterLayout(state.layout.variables + others)) }
    }

    /// Makes the state in this layout, or moves into it what is there already.
    package func build(_ layout: ParameterLayout) {
        guard let state else { return build(layout, part: 0 ..< layout.count) }
        check(state.owns(layout.variables), "optimizer \(name) already belongs to other variables; make a new one")
        state.move(to: layout)
    }

    /// Makes the state of a part of the layout, as it is before the first update.
    package func build(_ layout: ParameterLayout, part: Range<Int>) { state = OptimizerState(of: self, layout, part: part) }

    /// Updates variables by their gradients, then applies their constraints: one step of a training loop of one's own.
    ///
    /// As Keras' `apply`, it leaves other variables than the given ones alone, and applies constraints also where this batch makes
    /// no update. A moving average is taken of all that the optimizer knows.
    public func apply(_ gradients: [Tensor], to variables: [Variable]) {
        check(gradients.count == variables.count, "optimizer \(name): \(gradients.count) gradients for \(variables.count) variables")
        for (variable, gradient) in zip(variables, gradients) {
            check(
                gradient.shape == variable.shape,
                "optimizer \(name): a gradient of shape \(gradient.shape) for \(variable.path) of shape \(variable.shape)")
        }
        build(variables)
        let state = state!, layout = state.layout
        state.checkWhole()
        for variable in variables { variable.willChange() }
        Variable.assignments += 1
        let given = Set(variables.map { ObjectIdentifier($0) })
        let runs =
            given.count == layout.variables.count
            ? layout.runs
            : zip(layout.variables, layout.offsets).filter { given.contains(ObjectIdentifier($0.0)) }
                .map { (offset: $1, count: $0.shape.count, parameters: $0.floats) }
        apply(state.layOut(gradients, of: variables), runs: runs)
        if useEMA {
            for run in layout.runs { average(run) }
            if isDueForAverage { becomeAverage() }
        }
        for variable in variables { variable.applyConstraint() }
    }

    /// Updates parameters by the gradients of a batch.
    ///
    /// - Parameters:
    ///   - runs: the parameters to update, all of them or a part. Norms are taken over all gradients in any case.
    ///   - parts: of an arena in the state's layout, in order, whose gradients are best asked for together.
    ///   - gradients: those of a part of the arena, until it is asked for another. Only read: other ranks may read them too.
    package func apply(
        runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)], parts: [Range<Int>],
        gradients: (_ part: Range<Int>) -> UnsafePointer<Float>
    ) {
        let state = state!, layout = state.layout, rate = beginStep()
        var prepared: UnsafePointer<Float>?
        if let preparation = state.preparation {
            prepared = preparation.prepare(gradients(0 ..< layout.count), runs: runs, step: steps)
            if prepared == nil { return }
        }
        for run in runs {
            func update(_ part: Range<Int>, shape: Shape? = nil) {
                self.update(
                    ParameterRun(
                        part, parameters: run.parameters + (part.lowerBound - run.offset),
                        gradients: prepared.map { $0 + part.lowerBound } ?? gradients(part), changes: nil, shape: shape, state),
                    rate)
            }
            let all = run.offset ..< run.offset + run.count
            guard needsWholeVariables else {
                for part in parts where part.overlaps(all) { update(part.clamped(to: all)) }
                continue
            }
            for index in layout.offsets.indices {
                let part = layout.elements(ofVariable: index, in: all)
                if part.isEmpty { continue }
                check(
                    part.count == layout.lengths[index],
                    "optimizer \(name) takes the norms of whole variables, and was given a part of \(layout.variables[index].path)")
                update(part, shape: layout.variables[index].shape)
            }
        }
        state.preparation?.reset(runs: runs)
    }

    /// As above, with all gradients in an arena.
    package func apply(_ gradients: UnsafePointer<Float>, runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)]) {
        apply(runs: runs, parts: [0 ..< state!.layout.count]) { gradients + $0.lowerBound }
    }

    // MARK: For those who share an update out

    /// Whether an update can be made of changes that others compute: nothing in it looks at more than a number and its gradient.
    package var canShareUpdates: Bool { givesChanges && state?.preparation == nil }

    /// Counts a batch.
    ///
    /// - Returns: the learning rate of its update.
    package func beginStep() -> Float {
        let rate = learningRate
        steps += 1
        if steps % (gradientAccumulationSteps ?? 1) == 0 { update(scalars: state!.scalars, iteration: iterations) }
        return rate
    }

    /// Updates a run: decay, if it comes before the update, and the update.
    package func update(_ run: ParameterRun, _ rate: Float) {
        decay(run.parameters, count: run.count, rate)
        update(run, learningRate: rate, iteration: iterations)
    }

    /// Updates parameters by changes that others have computed for the same parameters.
    package func add(_ changes: UnsafePointer<Float>, to parameters: UnsafeMutablePointer<Float>, count: Int, _ rate: Float) {
        decay(parameters, count: count, rate)
        lk_add_vv(Int64(count), parameters, changes, parameters)
    }

    private func decay(_ parameters: UnsafeMutablePointer<Float>, count: Int, _ rate: Float) {
        if let weightDecay, decaysBeforeUpdate { lk_weight_decay(Int64(count), weightDecay * rate, parameters) }
    }
}
