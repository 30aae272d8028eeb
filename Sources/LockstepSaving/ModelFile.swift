import Foundation
import LockstepData
import LockstepNN
import LockstepSystem

/// A file of a model or of weights, told apart by what is in it rather than by its name.
enum ModelFile {
    /// A whole model: `.keras`, a zip archive, or `.h5`, HDF5.
    case model(any StoredModel)
    /// Weights alone: `.weights.h5`, the `.weights.json` of several such files, or layer by layer as Keras 2 writes them.
    case weights(any StoredWeights)

    /// Opens the file.
    ///
    /// - Throws: `SavingError` where it is missing, no regular file, or none of these kinds.
    init(_ path: String) throws {
        let first = try savingErrors(path) { try ModelFile.firstBytes(path) }
        if first.starts(with: Data("PK".utf8)) {
            self = .model(try ModelArchive(path))
        } else if first.withUnsafeBytes(HDF5File.isHDF5) {
            let root = try ModelFile.hdf5(path).root
            if try root.hasAttribute(LegacyModel.modelConfig) {
                self = .model(LegacyModel(root))
            } else if try LegacyWeights.isOne(root) {
                self = .weights(LegacyWeights(root, optimizer: nil, isKeras2: true))
            } else {
                self = .weights(PlacedWeights(root))
            }
        } else if path.hasSuffix(".json") {
            self = .weights(try PlacedWeights(shardsNamedIn: path))
        } else {
            let found = first.isEmpty ? "an empty file" : "something else"
            throw SavingError(path, "expected a model file (.keras, a zip archive, or .h5, HDF5), found \(found)")
        }
    }

    /// Whether a name is that of a whole model in HDF5.
    static func isHDF5(_ path: String) -> Bool { path.hasSuffix(".h5") && !path.hasSuffix(".weights.h5") }

    /// The weights, of a model or alone.
    func weights() throws -> any StoredWeights {
        switch self {
        case .model(let model):
            try model.verify()
            return try model.weights()
        case .weights(let weights): return weights
        }
    }

    fileprivate static func hdf5(_ path: String) throws -> HDF5File {
        try HDF5File(savingErrors(path) { try ByteBuffer(contentsOf: path) }, source: path)
    }

    private static func firstBytes(_ path: String) throws -> Data {
        let (descriptor, _) = try Files.open(path)
        defer { close(descriptor) }
        var first = Data(count: 8)
        let count = try first.withUnsafeMutableBytes { try Files.read(descriptor, into: $0) }
        return first.prefix(count)
    }
}

/// What a file of a model has.
package struct ModelContents {
    /// Layers, so that the model can be made; not in files of weights, and checkpoints of models with a `call` of their own.
    package let hasLayers: Bool
    /// A run that can be gone on with.
    package let hasRun: Bool
    /// Of members, all verified.
    package let checksums: Int

    /// - Throws: `SavingError` where the file cannot be read or is damaged.
    package init(_ path: String) throws {
        switch try ModelFile(path) {
        case .model(let stored):
            try stored.verify()
            let archive = stored as? ModelArchive
            (hasLayers, hasRun) = (archive?.has(ModelArchive.config) ?? true, archive?.has(ModelArchive.run) ?? false)
            checksums = archive?.checksumCount ?? 0
        case .weights: (hasLayers, hasRun, checksums) = (false, false, 0)
        }
    }
}

extension PlacedWeights {
    /// The weights that Keras has cut into several files (`max_shard_size`), which a `.weights.json` names: `weight_map` has for each group
    /// the files that hold arrays of it.
    fileprivate init(shardsNamedIn path: String) throws {
        let bytes = try savingErrors(path) { try ByteBuffer(contentsOf: path) }
        let map: ConfigValue?
        do { map = try ConfigValue(json: bytes.withBytes { Data($0) })["weight_map"] } catch {
            throw SavingError(path, "expected JSON, as Keras writes it: \(error)")
        }
        guard case .object(let groups)? = map else {
            throw SavingError(path, "expected a weight_map, as Keras writes it for weights in several files")
        }
        let names = Set(
            try groups.flatMap { group in
                let items = if case .array(let items) = group.value { items } else { [group.value] }
                return try items.map { item in
                    // Beside it, and nowhere else: a model file must not read what it was not given.
                    guard case .string(let name) = item, !name.contains("/"), name.hasSuffix(".h5") else {
                        throw SavingError(path, "weight_map, \(group.key): expected names of .h5 files beside it, found \(item.kind)")
                    }
                    return name
                }
            })
        guard !names.isEmpty else { throw SavingError(path, "its weight_map names no files") }
        let folder = (path as NSString).deletingLastPathComponent
        self.init(shards: try names.sorted().map { try ModelFile.hdf5((folder as NSString).appendingPathComponent($0)).root })
    }
}
