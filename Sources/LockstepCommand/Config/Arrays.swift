import Lockstep

/// Arrays from NumPy files, sorted into a model's inputs, its target and the weights of samples.
struct Arrays {
    typealias Named = (name: String, array: StoredArray, source: String)
    var inputs: [Named] = []
    var target: Named?
    var sampleWeight: Named?

    /// The arrays of `.npy` files.
    ///
    /// - Throws: `DataError` for a file that cannot be read, `TrainingError` for inputs of another shape than the model's.
    init(npy x: String, target y: String? = nil, _ model: Model) throws {
        inputs = [("x", try NPY.open(x) { try Arrays.requireFit($0, model, x) }, x)]
        target = try y.map { ("y", try NPY.open($0), $0) }
    }

    /// The arrays of an `.npz` file: `x` and `y`, or `x_<input>` and `y_<output>`; optional `sample_weight`. The input may
    /// also go by its name alone.
    ///
    /// - Throws: `DataError` for a file that cannot be read, `InputError` for names that do not fit the model.
    init(npz path: String, _ model: Model) throws {
        let inputNames = ["x"] + Arrays.inputNames(of: model).flatMap { [$0, "x_\($0)"] }
        let targetNames = ["y"] + (model.outputNames ?? []).map { "y_\($0)" }
        let known = inputNames + targetNames + ["sample_weight"]
        let arrays = try NPZ.open(path) { name in
            guard known.contains(name) else { throw InputError("\(path): \(unknownName("array", name, known))") }
            return true
        } fits: { name, shape in
            if inputNames.contains(name) { try Arrays.requireFit(shape, model, "\(path), array \(name)") }
        }
        for (name, stored) in arrays {
            let array = (name, stored, "\(path), array \(name)")
            if inputNames.contains(name) {
                inputs.append(array)
            } else if targetNames.contains(name) {
                guard target == nil else { throw InputError("\(path): expected one target, found \(target!.name) and \(name)") }
                target = array
            } else {
                sampleWeight = array
            }
        }
        guard inputs.count == 1 else {
            throw InputError(
                "\(path): expected one input, named \(inputNames.joined(separator: " or ")), found \(inputs.isEmpty ? "none" : inputs.map(\.name).joined(separator: " and "))"
            )
        }
    }

    /// The arrays in the types that the model and its losses need, whatever integers the files hold.
    ///
    /// - Parameter scale: what inputs are divided by.
    func dataset(scale: Float, _ model: Model) throws -> Dataset {
        let types = model.compilation == nil ? [.float32] : try model.targetDTypes
        return try Dataset(
            inputs: zip(inputs, model.inputDTypes).map { ("x", try Column($0.array, as: $1, divisor: scale, source: $0.source)) },
            targets: target.map {
                [
                    (
                        "y",
                        try types[0] == .int32
                            ? Column(labels: $0.array, source: $0.source) : Column($0.array, as: .float32, source: $0.source)
                    )
                ]
            } ?? [],
            sampleWeights: target == nil ? [] : sampleWeight.map { [try Column($0.array, as: .float32, source: $0.source)] } ?? [])
    }

    /// Before its elements are read: they may be many more than the file has bytes. A scalar has no samples, as is said later.
    private static func requireFit(_ shape: Shape, _ model: Model, _ source: String) throws {
        if shape.rank > 0 { try model.requireInput(0, sample: shape.sample, source: source) }
    }

    private static func inputNames(of model: Model) -> [String] {
        (model.inputNames ?? []).filter { $0 != "x" }
    }
}
