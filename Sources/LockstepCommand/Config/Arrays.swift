import Lockstep

/// Arrays from NumPy files, sorted into a model's inputs, its target and the weights of samples.
struct Arrays {
    typealias Named = (name: String, tensor: Tensor, source: String)
    var inputs: [Named] = []
    var target: Named?
    var sampleWeight: Named?

    init(inputs: [Named], target: Named?) {
        (self.inputs, self.target) = (inputs, target)
    }

    /// The arrays of an `.npz` file: `x` and `y`, or `x_<input>` and `y_<output>`; optional `sample_weight`. The input may
    /// also go by its name alone.
    ///
    /// - Throws: `DataError` for a file that cannot be read, `InputError` for names that do not fit the model.
    init(npz path: String, _ model: Model) throws {
        let inputNames = ["x"] + Arrays.inputNames(of: model).flatMap { [$0, "x_\($0)"] }
        let targetNames = ["y"] + model.outputNames.map { "y_\($0)" }
        for (name, tensor) in try NPZ.read(path) {
            let array = (name, tensor, "\(path), array \(name)")
            if inputNames.contains(name) {
                inputs.append(array)
            } else if targetNames.contains(name) {
                guard target == nil else { throw InputError("\(path): expected one target, found \(target!.name) and \(name)") }
                target = array
            } else if name == "sample_weight" {
                sampleWeight = array
            } else {
                throw InputError("\(path): \(unknownName("array", name, inputNames + targetNames + ["sample_weight"]))")
            }
        }
        guard inputs.count == 1 else {
            throw InputError(
                "\(path): expected one input, named \(inputNames.joined(separator: " or ")), found \(inputs.isEmpty ? "none" : inputs.map(\.name).joined(separator: " and "))"
            )
        }
    }

    /// - Parameter scale: what inputs are divided by.
    func dataset(scale: Float, _ model: Model) throws -> Dataset {
        let takesClasses = model.compilation?.losses.first is SparseCategoricalCrossentropy
        return try Dataset(
            inputs: inputs.map { ("x", try Column($0.tensor, divisor: scale, source: $0.source)) },
            targets: target.map {
                [("y", try takesClasses ? Column(labels: $0.tensor, source: $0.source) : Column($0.tensor, source: $0.source))]
            } ?? [],
            sampleWeights: target == nil ? [] : sampleWeight.map { [try Column($0.tensor, source: $0.source)] } ?? [])
    }

    private static func inputNames(of model: Model) -> [String] {
        ((model as? Sequential)?.input.map { [$0.name] } ?? model.inputNames).filter { $0 != "x" }
    }
}
