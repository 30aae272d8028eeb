import CDeflate
import Foundation
import Lockstep

/// Good files of every kind, from which cases are made: written by this project, by Keras and by NumPy.
struct Corpus {
    typealias Member = (name: String, bytes: [UInt8])
    /// `.keras` files, by their members.
    let models: [[Member]]
    /// Weights in HDF5, of Keras 3 and of Keras 2.
    let weights: [[UInt8]]
    let npy: [[UInt8]]
    let npz: [[UInt8]]
    let idx: [[UInt8]]
    /// Configs of the program.
    let configs: [String]

    /// - Parameter scratch: a folder for files while they are made.
    init(scratch: String) throws {
        let keras = try Corpus.golden("LockstepSavingTests/Golden.swift"), numpy = try Corpus.golden("LockstepDataTests/GoldenFiles.swift")
        func begins(_ bytes: [UInt8], _ first: String) -> Bool { bytes.starts(with: Array(first.utf8)) }
        let archives = try Corpus.models().map { model in
            try model.save("\(scratch)/model.keras")
            return try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(scratch)/model.keras")))
        }
        models = try (archives + keras.filter { begins($0, "PK") }).map { try Corpus.members($0, scratch: scratch) }
        weights =
            models.compactMap { $0.first { $0.name == "model.weights.h5" }?.bytes } + keras.filter { $0.starts(with: [0x89, 0x48, 0x44]) }
        let x = Tensor((0 ..< 32).map { Float($0) / 8 }, shape: [8, 4]), y = Tensor([0, 1, 1, 0, 1, 0, 0, 1] as [Int32])
        npy = numpy.filter { $0.starts(with: [0x93, 0x4e]) }
        npz =
            try [false, true].map { compressed in
                try NPZ.write([("x", x), ("y", y)], to: "\(scratch)/x.npz", compressed: compressed)
                return try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(scratch)/x.npz")))
            } + numpy.filter { begins($0, "PK") }
        idx = [
            [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8],
            [0, 0, 0x0b, 1, 0, 0, 0, 3, 0, 1, 0xff, 0xff, 0x7f, 0xff], [0, 0, 0x0d, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0],
            [0, 0, 0x0e, 2, 0, 0, 0, 1, 0, 0, 0, 2] + [UInt8](repeating: 0x40, count: 16), [0, 0, 0x0c, 0, 1, 2, 3, 4],
        ]
        configs = Corpus.configTexts
    }

    /// The models whose files are damaged; also those that weights are loaded into.
    static func models() throws -> [Model] {
        Random.setSeed(1)
        clearSession()
        let classifier = Sequential([
            Input([2, 2]), Flatten(), Dense(3, activation: "tanh"), Dropout(0.2), Dense(2), Activation("softmax"),
        ])
        let normalized = Sequential([Input([4]), Dense(3, activation: "relu"), BatchNormalization(), Dense(2, activation: "softmax")])
        try classifier.compile(optimizer: Adam(), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
        try normalized.compile(
            optimizer: SGD(learningRate: ExponentialDecay(initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5), momentum: 0.5),
            loss: "sparse_categorical_crossentropy")
        let y = Tensor([0, 1, 1, 0, 1, 0, 0, 1] as [Int32]), x = (0 ..< 32).map { Float($0) / 8 }
        try classifier.fit(Tensor(x, shape: [8, 2, 2]), y, verbose: 0)
        try normalized.fit(Tensor(x, shape: [8, 4]), y, verbose: 0)
        return [classifier, normalized, try graph()]
    }

    /// A graph of two inputs and two outputs, with functions of tensors, a layer and a model that are called twice.
    private static func graph() throws -> Model {
        let x = Input([4], name: "x"), z = Input([4], name: "z")
        let inside: KerasTensor = BatchNormalization()(Dense(4, activation: "relu")(x) as KerasTensor)
        let inner = Model(inputs: x, outputs: inside + x, name: "inner"), shared = Dense(4, name: "shared")
        let stack: KerasTensor = Sequential([Dense(4), Activation("tanh")])(inner(shared(x) as KerasTensor) as KerasTensor)
        let both = stack * 2 - (inner(z) as KerasTensor) / (shared(stack) as KerasTensor)
        let model = Model(inputs: [x, z], outputs: [Dense(1, name: "age")(both), Dense(3, activation: "softmax", name: "kind")(both)])
        try model.compile(
            optimizer: Adam(), loss: ["age": "mse", "kind": SparseCategoricalCrossentropy()], lossWeights: ["age": 0.5],
            metrics: ["kind": ["accuracy"]])
        return model
    }

    /// The members of an archive. The date in it does not depend on the clock.
    private static func members(_ archive: [UInt8], scratch: String) throws -> [Member] {
        let path = "\(scratch)/members.keras"
        try Data(archive).write(to: URL(fileURLWithPath: path))
        let zip = try ZipArchive(reading: path, kind: "a .keras file")
        return try zip.names.indices.map { index in
            let date = Array(#"{"keras_version": "3.15.1", "date_saved": "2025-01-31@23:59:59"}"#.utf8)
            return (zip.names[index], zip.names[index] == "metadata.json" ? date : try zip.member(index).withBytes(Array.init))
        }
    }

    /// The files, as base64 and some of them gzipped, in the text of a test's source.
    private static func golden(_ source: String) throws -> [[UInt8]] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: tests.appendingPathComponent(source), encoding: .utf8)
        return text.components(separatedBy: "\"\"\"").compactMap { part in
            guard let data = Data(base64Encoded: part, options: .ignoreUnknownCharacters), data.count > 16,
                let bytes = try? ByteBuffer([UInt8](data))
            else { return nil }
            guard bytes.withBytes(Gzip.isGzip) else { return [UInt8](data) }
            return try? Gzip.prefix(of: bytes, count: 1 << 18, source: source).withBytes(Array.init)
        }
    }

    /// A gzip stream of these bytes.
    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        let compressor = libdeflate_alloc_compressor(6)
        defer { libdeflate_free_compressor(compressor) }
        var result = [UInt8](repeating: 0, count: libdeflate_gzip_compress_bound(compressor, bytes.count))
        result.removeLast(result.count - libdeflate_gzip_compress(compressor, bytes, bytes.count, &result, result.count))
        return result
    }
}
