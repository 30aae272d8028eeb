import Lockstep

/// Arrays from NumPy files, sorted into a model's inputs, the targets of its outputs and the weights of samples.
struct Arrays {
    typealias Named = (name: String, array: StoredArray, source: String)
    /// What an array is of a model.
    private enum Role: Hashable {
        case input(Int)
        case target(Int)
        /// Of the samples of an output; of all outputs.
        case weight(Int?)
    }

    /// Each of the model's inputs, in its order, by its name.
    private var inputs: [Named] = []
    /// Targets by the outputs' places.
    private var targets: [Int: Named] = [:]
    private var weights: [Int?: Named] = [:]
    private let outputNames: [String]
    private let source: String

    /// The arrays of `.npy` files.
    ///
    /// - Throws: `DataError` for a file that cannot be read, `TrainingError` for inputs of another shape than the model's, `InputError`
    ///   where the model has several inputs, or outputs with a target.
    init(npy x: String, target y: String? = nil, _ model: Model) throws {
        try model.requireOneInput(x, hasTarget: y != nil)
        (outputNames, source) = (model.arrayNames, x)
        inputs = [(model.inputNames?.first ?? "x", try NPY.open(x) { try Arrays.requireFit($0, model, 0, x) }, x)]
        if let y { targets[0] = (outputNames[0], try NPY.open(y), y) }
    }

    /// The arrays of an `.npz` file: `x_<input>`, or the input's name alone, and `y_<output>`; `x` and `y` of a model that has one;
    /// optional `sample_weight`, or `sample_weight_<output>`.
    ///
    /// - Throws: `DataError` for a file that cannot be read, `InputError` for names that do not fit the model.
    init(npz path: String, _ model: Model) throws {
        (outputNames, source) = (model.arrayNames, path)
        let (names, roles) = Arrays.roles(of: model, outputNames)
        let arrays = try NPZ.open(path) { name in
            guard roles[name] != nil else { throw InputError("\(path): \(unknownName("array", name, names))") }
            return true
        } fits: { name, shape in
            if case .input(let index)? = roles[name] { try Arrays.requireFit(shape, model, index, "\(path), array \(name)") }
        }
        var found: [Role: Named] = [:]
        for (name, stored) in arrays {
            let role = roles[name]!
            if let other = found.updateValue((name, stored, "\(path), array \(name)"), forKey: role) {
                throw InputError("\(path): the arrays \(other.name) and \(name) are the same to model \(model.name); leave one out")
            }
        }
        let inputNames = model.inputNames ?? ["x"]
        for (index, input) in inputNames.enumerated() {
            guard let array = found[.input(index)] else {
                let wanted = names.filter { roles[$0] == .input(index) }.joined(separator: " or ")
                let others = arrays.map(\.name).filter { if case .input? = roles[$0] { true } else { false } }
                let what = inputNames.count == 1 ? "expected one input" : "no array for the input \(input); expected one"
                throw InputError("\(path): \(what), named \(wanted), found \(others.isEmpty ? "none" : others.joined(separator: " and "))")
            }
            inputs.append((input, array.array, array.source))
        }
        for (role, array) in found {
            switch role {
            case .input: break
            case .target(let index): targets[index] = (outputNames[index], array.array, array.source)
            case .weight(let index): weights[index] = array
            }
        }
        if let all = weights[nil], let one = weights.first(where: { $0.key != nil })?.value {
            throw InputError("\(path): \(all.name) weighs the samples of all outputs, \(one.name) those of one; give one or the other")
        }
    }

    /// What the arrays of an archive are, by their names; and the names, the model's own ones last: a bare name counts where no other
    /// array has it.
    private static func roles(of model: Model, _ outputNames: [String]) -> (names: [String], [String: Role]) {
        let inputNames = model.inputNames ?? []
        var names: [(String, Role)] = []
        if inputNames.count <= 1 { names.append(("x", .input(0))) }
        names += inputNames.enumerated().map { ("x_\($1)", .input($0)) }
        if outputNames.count == 1 { names.append(("y", .target(0))) }
        if model.outputNames != nil { names += outputNames.enumerated().map { ("y_\($1)", .target($0)) } }
        names.append(("sample_weight", .weight(nil)))
        if outputNames.count > 1 { names += outputNames.enumerated().map { ("sample_weight_\($1)", .weight($0)) } }
        names += inputNames.enumerated().map { ($1, .input($0)) }
        var roles: [String: Role] = [:]
        let known = names.filter { name, role in
            guard roles[name] == nil else { return false }
            roles[name] = role
            return true
        }
        return (known.map(\.0), roles)
    }

    /// Without targets, and what belongs to them: for predictions.
    var forPrediction: Arrays {
        var arrays = self
        (arrays.targets, arrays.weights) = ([:], [:])
        return arrays
    }

    /// The arrays in the types that the model and its losses need, whatever integers the files hold.
    ///
    /// - Parameter scale: what inputs are divided by; of several those of floats alone, as others are numbers of things.
    /// - Throws: `InputError` where an output that is trained or measured has no target, unless none has; or sample weights belong to none.
    func dataset(scale: Float, _ model: Model) throws -> Dataset {
        let given = targets.keys.sorted()
        if !given.isEmpty { try requireTargets(model) }
        for (index, weight) in weights where !given.isEmpty {
            guard let index, targets[index] == nil else { continue }
            throw InputError("\(weight.source): weights for the output \(outputNames[index]), which has no target; leave them out")
        }
        let types = given.isEmpty ? [] : try model.targetDTypes
        let columns = try zip(inputs, model.inputDTypes).map { input, dtype in
            let divisor = dtype == .int32 && inputs.count > 1 ? 1 : scale
            return (name: input.name, column: try Column(input.array, as: dtype, divisor: divisor, source: input.source))
        }
        return try Dataset(
            inputs: columns,
            targets: given.map { index in
                let (name, array, source) = targets[index]!
                return (
                    name,
                    try types[index] == .int32 ? Column(labels: array, source: source) : Column(array, as: .float32, source: source)
                )
            },
            sampleWeights: weights.isEmpty
                ? []
                : given.map { index in
                    try (weights[index] ?? weights[nil]).map { try Column($0.array, as: .float32, source: $0.source) }
                },
            inputsAreNamed: model.inputNames != nil, targetsAreNamed: model.outputNames != nil)
    }

    /// - Throws: `InputError` for an output without a target that `compile` says something of.
    func requireTargets(_ model: Model) throws {
        guard let compilation = model.compilation else { return }
        let objectives = try compilation.objectives(model.outputNames ?? outputNames)
        let missing = objectives.indices.filter { index in
            let objective = objectives[index]
            return targets[index] == nil && (objective.loss != nil || !(objective.metrics + objective.weightedMetrics).isEmpty)
        }
        guard !missing.isEmpty else { return }
        if outputNames.count == 1 { throw InputError("\(inputs[0].source): no targets; expected an array y beside x") }
        throw InputError(
            "\(source): no target for \(missing.count == 1 ? "the output" : "the outputs") \(missing.map { outputNames[$0] }.joined(separator: ", ")); expected \(missing.count == 1 ? "an array" : "arrays") \(missing.map { "y_\(outputNames[$0])" }.joined(separator: ", "))"
        )
    }

    /// Before its elements are read: they may be many more than the file has bytes. A scalar has no samples, as is said later.
    private static func requireFit(_ shape: Shape, _ model: Model, _ index: Int, _ source: String) throws {
        if shape.rank > 0 { try model.requireInput(index, sample: shape.sample, source: source) }
    }
}

extension Model {
    /// The outputs' names as arrays have them.
    var arrayNames: [String] { Pairing.unique(outputNames ?? ["output"]) }

    /// Refuses a source of one array of inputs, and perhaps one of targets, for a model that has more.
    func requireOneInput(_ source: String, hasTarget: Bool) throws {
        if let names = inputNames, names.count > 1 {
            throw InputError(
                "\(source): one array of inputs, but model \(name) has \(names.count) inputs; give an .npz file with \(names.map { "x_\($0)" }.joined(separator: ", "))"
            )
        }
        if hasTarget, let names = outputNames, names.count > 1 {
            throw InputError(
                "\(source): one array of targets, but model \(name) has \(names.count) outputs; give an .npz file with \(arrayNames.map { "y_\($0)" }.joined(separator: ", "))"
            )
        }
    }
}
