import LockstepTensor

/// Whether weights that are made get values.
package enum InitialValues {
    nonisolated(unsafe) fileprivate static var areLoaded = false

    /// Runs `body`, which makes a model: each weight must be given a value before it is read.
    package static func loaded<Result>(_ body: () throws -> Result) rethrows -> Result {
        let before = areLoaded
        areLoaded = true
        defer { areLoaded = before }
        return try body()
    }
}

extension Layer {
    /// Makes a weight; for `build`. Its initial value depends on the seed and its path alone.
    ///
    /// - Parameters:
    ///   - regularizer: a penalty of the weight, part of the loss while the weight is trained.
    ///   - constraint: what the weight is replaced by after each step of training.
    public func addWeight(
        _ name: String, shape: Shape, initializer: any InitializerSpec, regularizer: (any RegularizerSpec)? = nil,
        constraint: (any ConstraintSpec)? = nil, trainable: Bool = true
    ) -> Variable {
        check(
            shape.isKnown,
            "weight \(name): shape \(shape) is not known; the layer was built for \(buildShapes.first.map(String.init(describing:)) ?? "no shape")"
        )
        // A weight that cannot be made is named as the layer is.
        return NameScope.with(name) {
            let path = NameScope.path
            let maker = initializer.resolved(for: "weight")
            let variable =
                InitialValues.areLoaded
                ? Variable(uninitialized: shape, name: name, trainable: trainable)
                : Variable(Graph.untraced { maker.make(shape, key: Random.key(path)) }, name: name, trainable: trainable)
            variable.path = path
            ownWeights.append(variable)
            if let regularizer { ownRegularized.append((variable, regularizer.resolved(for: "weight"))) }
            if let constraint = constraint?.resolved(for: "weight") {
                // An axis that the weight does not have is named here, not in the first step.
                _ = Graph.untraced { constraint(variable.value) }
                variable.constraint = { constraint($0) }
            }
            return variable
        }
    }

    /// Variables of this layer itself: those that it added, in order, then others that are its properties.
    package var ownVariables: [Variable] { (ownWeights + LayerContents(self).variables).uniqueObjects }

    /// All variables, own ones first, those that are trained before those that are not, then those of sublayers: Keras' order.
    public var weights: [Variable] {
        let own = ownVariables
        return (own.filter(\.trainable) + own.filter { !$0.trainable } + sublayers.flatMap(\.weights)).uniqueObjects
    }
    public var trainableWeights: [Variable] {
        trainable ? (ownVariables.filter(\.trainable) + sublayers.flatMap(\.trainableWeights)).uniqueObjects : []
    }
    public var nonTrainableWeights: [Variable] {
        let trainable = Set(trainableWeights.map { ObjectIdentifier($0) })
        return weights.filter { !trainable.contains(ObjectIdentifier($0)) }
    }
    /// The trained weights that have a regularizer, those of sublayers included, each once; in the order of `trainableWeights`.
    package var regularized: [(variable: Variable, regularizer: Regularizer)] {
        let regularizers = Dictionary(allRegularized.map { (ObjectIdentifier($0.variable), $0.regularizer) }) { first, _ in first }
        return trainableWeights.compactMap { variable in regularizers[ObjectIdentifier(variable)].map { (variable, $0) } }
    }
    private var allRegularized: [(variable: Variable, regularizer: Regularizer)] { ownRegularized + sublayers.flatMap(\.allRegularized) }

    /// The terms of the loss that are not of an output: what the last call from outside of any model has added, then the penalties of
    /// `regularized`, as weights are now. For steps of one's own: `tape.record { loss(y, model(x)) + model.losses.reduce(0, +) }`.
    public var losses: [Tensor] { addedLosses.map(\.value) + regularized.map { $0.regularizer($0.variable.value) } }

    public func countParams() -> Int { weights.reduce(0) { $0 + $1.shape.count } }

    /// The values of `weights`, in their order.
    public func getWeights() -> [Tensor] { weights.map(\.value) }
    /// Assigns `weights`, in their order; stops, and changes none, where number or shapes are others.
    public func setWeights(_ values: [Tensor]) {
        let weights = weights
        check(
            values.count == weights.count,
            "layer \(name): \(values.count) values for \(weights.count) weights\(built ? "" : "; it is not built yet, so build or call it first")"
        )
        for (value, weight) in zip(values, weights) {
            check(
                value.shape == weight.shape && value.dtype == weight.dtype,
                "layer \(name): a value of \(value.dtype) and shape \(value.shape) for \(weight.path), which is \(weight.dtype) of shape \(weight.shape)"
            )
        }
        for (value, weight) in zip(values, weights) { weight.assign(value) }
    }
}
