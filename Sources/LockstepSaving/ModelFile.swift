import Foundation
import LockstepData
import LockstepSystem

/// A model file of one of three kinds, told apart by what is in it rather than by its name.
enum ModelFile {
    /// A zip archive of a configuration and weights: `.keras`.
    case archive(ModelArchive)
    /// Weights as Keras 3 writes them into HDF5: `.weights.h5`.
    case weights(HDF5File)
    /// HDF5 in the form of Keras 2; what it holds, for messages.
    case keras2(String)

    /// Opens the file.
    ///
    /// - Throws: `SavingError` where it is missing, no regular file, or none of these kinds.
    init(_ path: String) throws {
        let first = try savingErrors(path) { try ModelFile.firstBytes(path) }
        if first.starts(with: Data("PK".utf8)) {
            self = .archive(try ModelArchive(path))
        } else if first.withUnsafeBytes(HDF5File.isHDF5) {
            let file = try HDF5File(savingErrors(path) { try ByteBuffer(contentsOf: path) }, source: path)
            // Keras 2 keeps a model's configuration and the names of its layers in attributes; long lists are cut into several.
            if try file.root.hasAttribute("model_config") {
                self = .keras2("a whole model in HDF5")
            } else if try ["layer_names", "layer_names0"].contains(where: file.root.hasAttribute) {
                self = .keras2("weights by the names of layers")
            } else {
                self = .weights(file)
            }
        } else {
            let found = first.isEmpty ? "an empty file" : "something else"
            throw SavingError(path, "expected a model file (.keras, a zip archive, or .weights.h5, HDF5), found \(found)")
        }
    }

    private static func firstBytes(_ path: String) throws -> Data {
        let (descriptor, _) = try Files.open(path)
        defer { close(descriptor) }
        var first = Data(count: 8)
        let count = try first.withUnsafeMutableBytes { try Files.read(descriptor, into: $0) }
        return first.prefix(count)
    }
}
