import Lockstep

/// A model and random data of its shapes, on which other systems have been measured too.
///
/// The layers, the optimizer, the loss, the metrics, the types of the data and the batch per rank are those of the scripts that
/// measure Keras and PyTorch, under the same names. The models themselves are in `WorkloadModels`.
struct Workload {
    let name: String
    /// Samples of one rank's part of a batch.
    let batch: Int
    /// Batches of an epoch.
    let batches: Int
    let inputs: [RandomArray], targets: [RandomArray]
    let makeModel: () throws -> Model

    /// The workloads that an option names: one, or `all`.
    static func named(_ name: String) throws -> [Workload] {
        if name == "all" { return all }
        guard let workload = all.first(where: { $0.name == name }) else {
            throw InputError("--workload: \(unknownName("workload", name, all.map(\.name) + ["all"]))")
        }
        return [workload]
    }

    /// The samples of an epoch, and so many batches of `globalBatch` in any case, as there are up to twenty of the workload's own.
    func makeData(globalBatch: Int) throws -> Dataset {
        let count = max(batch * batches, min(batches, 20) * globalBatch)
        let bytes = (inputs + targets).reduce(0) { $0 + $1.bytesPerSample } * count
        guard bytes <= memoryLimit else {
            throw InputError(
                "\(count) samples of \(name) take \(bytes) bytes, more than the \(memoryLimit) that this process can have; take a smaller batch"
            )
        }
        var bits = RandomBits()
        return try Dataset(
            inputs: inputs.map { ($0.name, try $0.column(count, &bits)) }, targets: targets.map { ($0.name, try $0.column(count, &bits)) })
    }
}
