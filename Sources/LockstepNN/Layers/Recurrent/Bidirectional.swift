import LockstepTensor

/// Two recurrent layers, one from the first step to the last and one back, whose outputs are made one.
///
/// - Input, masks: those of the layer.
/// - Outputs: what `mergeMode` makes of both layers' outputs, `[…, 2 · units]` or `[…, units]`, without one both; then, with `returnState`,
///   the states of the first layer and of the second. All are in the order of the steps.
/// - First states: those of the first layer, then those of the second.
/// - Weights: those of both layers.
///
/// Outputs of masked steps are zeros where all steps are given, as in Keras. `keras.layers.Bidirectional`; Schuster & Paliwal 1997.
public final class Bidirectional: Layer, SequenceLayer {
    public enum MergeMode: String, Sendable {
        /// Side by side.
        case concat
        case sum
        /// The product.
        case mul
        /// The mean.
        case ave
    }

    public let mergeMode: MergeMode?
    public let forwardLayer: RecurrentLayer
    public let backwardLayer: RecurrentLayer

    /// - Parameters:
    ///   - layer: as its copy `forward_…`, the first one.
    ///   - mergeMode: `nil` for both outputs as they are.
    ///   - backwardLayer: the second one, which goes the other way; by default another copy of `layer`, `backward_…`.
    public convenience init(
        _ layer: RecurrentLayer, mergeMode: MergeMode? = .concat, backwardLayer: RecurrentLayer? = nil, name: String? = nil
    ) {
        do {
            try self.init(copying: layer, mergeMode, backwardLayer, name)
        } catch {
            Failure.report("Bidirectional: \(error)")
        }
    }

    convenience init(config: Config) throws {
        let mode = try config.read("merge_mode") { value -> MergeMode in
            guard case .string(let name) = value, let mode = MergeMode(rawValue: name) else {
                throw ConfigError("expected concat, sum, mul, ave or null, found \(value.kind)")
            }
            return mode
        }
        func recurrent(_ key: String) throws -> RecurrentLayer? {
            try config.layer(key).map { layer in
                guard let layer = layer as? RecurrentLayer else {
                    throw ConfigError("expected an LSTM, a GRU or a SimpleRNN, found \(layer.className)", at: [key])
                }
                return layer
            }
        }
        guard let layer = try recurrent("layer") else { throw ConfigError("missing layer: expected a recurrent layer") }
        try config.refuse("weights")
        try self.init(
            copying: layer, config.contains("merge_mode") ? mode : .concat, try recurrent("backward_layer"),
            try config.optionalString("name"))
    }

    private init(copying layer: RecurrentLayer, _ mergeMode: MergeMode?, _ backward: RecurrentLayer?, _ name: String?) throws {
        func prefixed(_ prefix: String) -> String {
            prefix + (layer.name.hasPrefix(prefix) ? String(layer.name.dropFirst(prefix.count)) : layer.name)
        }
        self.mergeMode = mergeMode
        forwardLayer = try layer.copy(named: prefixed("forward_"))
        backwardLayer = try backward ?? layer.copy(named: prefixed("backward_"), ["go_backwards": true])
        super.init(name: name)
        guard forwardLayer.goBackwards != backwardLayer.goBackwards else {
            throw ConfigError(
                "expected two layers of which one goes backwards; both have go_backwards \(forwardLayer.goBackwards)",
                at: ["backward_layer"])
        }
        for (key, property) in [
            ("stateful", \RecurrentLayer.stateful), ("return_sequences", \.returnSequences), ("return_state", \.returnState),
        ] where forwardLayer[keyPath: property] != backwardLayer[keyPath: property] {
            throw ConfigError(
                "expected the same of both layers; found \(forwardLayer[keyPath: property]) and \(backwardLayer[keyPath: property])",
                at: ["backward_layer", key])
        }
        for each in [forwardLayer, backwardLayer] { each.zeroOutputForMask = each.returnSequences }
        backwardLayer.reversesOutputs = true
    }

    public var returnSequences: Bool { forwardLayer.returnSequences }
    public var returnState: Bool { forwardLayer.returnState }

    public override var inputSpec: InputSpec? { forwardLayer.inputSpec }

    public override func build(_ inputShape: Shape) {
        for layer in [forwardLayer, backwardLayer] { NameScope.with(layer.name) { layer.buildIfNeeded([inputShape]) } }
    }

    public override var callParameters: [CallParameter] { [CallParameter("initial_state", .tensors)] }

    public override func call(_ inputs: [Tensor], _ arguments: CallArguments<Tensor>, training: Bool) -> [Tensor] {
        check(inputs.count == 1, "Bidirectional: expected one input, got \(inputs.count); first states are given as initialState")
        let states = arguments.tensors("initial_state").compactMap { $0 }, half = forwardLayer.stateCount
        check(
            states.isEmpty || states.count == half + backwardLayer.stateCount,
            "Bidirectional: expected \(half + backwardLayer.stateCount) initial states, those of both layers; got \(states.count)")
        func run(_ layer: RecurrentLayer, _ states: ArraySlice<Tensor>) -> [Tensor] {
            let arguments = CallArguments<Tensor>(states.isEmpty ? [:] : ["initial_state": .tensors(Array(states))])
            return layer.callAll(inputs, arguments, training: training)
        }
        let there = run(forwardLayer, states.prefix(half)), back = run(backwardLayer, states.dropFirst(half))
        return merge(there[0], back[0]) + there.dropFirst() + back.dropFirst()
    }

    private func merge(_ there: Tensor, _ back: Tensor) -> [Tensor] {
        switch mergeMode {
        case .concat: [concatenate([there, back], axis: -1)]
        case .sum: [there + back]
        case .mul: [there * back]
        case .ave: [(there + back) / 2]
        case nil: [there, back]
        }
    }

    public func resetStates() { for layer in [forwardLayer, backwardLayer] { layer.resetStates() } }

    public override var supportsMasking: Bool { true }
    package override var takesMask: Bool { true }
    /// States have no mask.
    public override func computeMask(_ inputs: [Tensor], _ masks: [Tensor?]) -> [Tensor?] {
        let mask = returnSequences ? masks[0] : nil, count = forwardLayer.stateCount + backwardLayer.stateCount
        return (mergeMode == nil ? [mask, mask] : [mask]) + (returnState ? [Tensor?](repeating: nil, count: count) : [])
    }

    package override var buildConfig: ConfigValue? { buildConfigOfSequence }

    public override var config: [ConfigValue.Entry] {
        [
            .init("merge_mode", mergeMode.map { .string($0.rawValue) } ?? nil), .init("layer", .object(forwardLayer.nestedEntries)),
            .init("backward_layer", .object(backwardLayer.nestedEntries)),
        ]
    }
}

extension RecurrentLayer {
    /// A layer of the same configuration, with a name of its own and weights of its own.
    fileprivate func copy(named name: String, _ changes: KeyValuePairs<String, ConfigValue> = [:]) throws -> RecurrentLayer {
        let changes = changes.map { ($0.key, $0.value) } + [("name", .string(name))]
        let entries = fullConfig.filter { entry in !changes.contains { $0.0 == entry.key } } + changes.map { .init($0.0, $0.1) }
        let value = ConfigValue.object(["class_name": .string(className), "module": "keras.layers", "config": .object(entries)])
        guard let copy = try Layers.registry.make(value) as? RecurrentLayer else {
            throw ConfigError("a layer that is registered as \(className) is no recurrent layer")
        }
        try copy.readCommon(value)
        copy.trainable = trainable
        return copy
    }
}

extension Config {
    /// A layer inside of another.
    func layer(_ key: String) throws -> Layer? {
        try read(key) { value in
            let layer = try Layers.registry.make(value)
            try layer.readCommon(value)
            return layer
        }
    }
}
