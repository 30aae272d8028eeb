import Foundation
import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepSaving
import LockstepSystem
import LockstepTensor

/// A training run on disk: a `.keras` file, which Keras opens as a model, with the rest of the run inside.
///
///     metadata.json  config.json  model.weights.h5     as Keras writes them; weights and the optimizer's state
///     run.json                                         where the run stands, its history, what callbacks remember, what it is a run of
///     run.h5                                           states of metrics by shard, and callbacks' arrays
///
/// Gone on with from there, on the same model, compilation and data, the run comes to the same bytes as if it had never been left; with
/// logical shards also on another number of ranks. The archive's comment has the SHA-256 of every member.
public struct Checkpoint {
    public let path: String
    /// Where the run stands.
    public let run: RunState
    /// The optimizer's steps.
    public let steps: Int
    private let members: [ByteBuffer]

    /// Those that a run is gone on with from.
    private static let names = [ModelArchive.run, ModelArchive.runArrays, ModelArchive.weights]

    /// Reads a checkpoint and verifies all of it.
    ///
    /// - Throws: `SavingError` where the file is missing, damaged, or a model without a run.
    public init(_ path: String) throws {
        let archive = try ModelArchive(path)
        guard archive.has(ModelArchive.run) else {
            throw SavingError(path, "is a model without a run: there is nothing to go on with; train it with initialEpoch, or begin anew")
        }
        try self.init(path, Checkpoint.names.map(archive.member))
    }

    private init(_ path: String, _ members: [ByteBuffer]) throws {
        (self.path, self.members) = (path, members)
        do {
            let record = try ConfigValue(json: members[0].withBytes { Data($0) })
            let arrays = try HDF5File(members[1], source: "\(path), member \(ModelArchive.runArrays)")
            run = try RunState(record, arrays.root)
            steps = try Config(record).int("steps")
        } catch let error as ConfigError {
            throw SavingError("\(path), member \(ModelArchive.run)", error.description)
        }
    }

    /// Gives rank zero's checkpoint, or that there is none, to all ranks. Collective.
    static func share(_ checkpoint: Checkpoint?, _ communicator: any Communicator) throws -> Checkpoint? {
        guard communicator.size > 1 else { return checkpoint }
        let path = communicator.allGather(checkpoint?.path ?? "")[0]
        if path.isEmpty { return nil }
        var members: [ByteBuffer] = []
        for index in names.indices {
            var count = checkpoint?.members[index].count ?? 0
            withUnsafeMutableBytes(of: &count) { communicator.broadcast($0, from: 0) }
            let bytes = try checkpoint?.members[index] ?? ByteBuffer(capacity: count, source: path)
            bytes.count = count
            communicator.broadcast(.init(start: bytes.pointer, count: count), from: 0)
            members.append(bytes)
        }
        return try checkpoint ?? Checkpoint(path, members)
    }

    /// Sets a model's weights and its optimizer to what they were.
    ///
    /// - Throws: `SavingError` where they do not fit; then nothing has changed.
    func restore(_ model: Model) throws { try model.setState(from: members[2], source: "\(path), member \(ModelArchive.weights)") }

    /// Refuses to go on with another model, compilation or data than those of the run, or with another seed where one is given.
    ///
    /// - Throws: `SavingError` that names the first thing that differs.
    func requireSame(_ facts: [RunState.Fact], seed: Int?) throws {
        let seeds = seed == nil || seed == run.seed ? nil : "its seed is \(run.seed), here it is \(seed!)"
        guard let difference = Identity.difference(run.facts, facts, "the checkpoint", "this run") ?? seeds else { return }
        throw SavingError(path, "is a checkpoint of something else: \(difference); go on with what it was made of, or begin anew")
    }

    /// Where the run stands, in words.
    public var position: String { run.position(steps: steps) }

    /// A copy of a run as it stands, between two steps, on a rank that has all of the optimizer's state.
    ///
    /// - Throws: `SavingError`.
    static func image(
        _ model: Model, _ run: RunState, for path: String, _ contents: ModelImage.Contents, isCopy: Bool
    ) throws -> ModelImage {
        let writer = try HDF5Writer(source: "\(path), member \(ModelArchive.runArrays)", isCopy: isCopy)
        var record = try run.record(into: writer)
        record.append(.init("steps", .int(model.compilation!.optimizer.steps)))
        let description = try ByteBuffer(Array(ConfigValue.object(record).json.utf8))
        return try ModelImage(
            model, for: path, contents, adding: [(ModelArchive.run, FileImage(description)), (ModelArchive.runArrays, try writer.image())],
            isCopy: isCopy)
    }
}
