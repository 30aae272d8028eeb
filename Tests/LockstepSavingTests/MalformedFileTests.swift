import Foundation
import LockstepData
import LockstepNN
import LockstepSaving
import LockstepTensor
import XCTest

/// Files that are no models, or not of the model at hand: one line that says so, and nothing changed.
final class MalformedFileTests: SavingTestCase {
    /// An archive with the members of a good model, some of them replaced or (`nil`) left out.
    private func archive(_ name: String, _ changes: [String: Data?]) throws -> String {
        try classifier().save(path("good.keras"))
        clearSession()
        let good = try ZipArchive(reading: path("good.keras"), kind: "")
        var members: [(String, ByteBuffer)] = []
        for (index, name) in good.names.enumerated() {
            switch changes[name] {
            case .some(.some(let data)): members.append((name, try ByteBuffer([UInt8](data))))
            case .some(.none): continue
            case .none: members.append((name, try good.member(index)))
            }
        }
        try withExtendedLifetime(members) { try ZipArchive.write(members.map { ($0, [$1.withBytes { $0 }]) }, to: path(name)) }
        return path(name)
    }

    private func goodConfig() throws -> String {
        defer { clearSession() }
        return classifier().toJSON()
    }

    /// A weights file of the classifier, changed by `edit`, which gets each group's path and tensors.
    private func weights(_ edit: (inout [String: [Tensor]]) -> Void) throws -> Data {
        let model = classifier()
        clearSession()
        var groups = [
            "layers/dense/vars": [model.weights[0].value, model.weights[1].value],
            "layers/dense_1/vars": [model.weights[2].value, model.weights[3].value],
        ]
        edit(&groups)
        let file = try HDF5Writer(source: "weights")
        for (path, tensors) in groups {
            try file.makeGroup(path)
            for (index, tensor) in tensors.enumerated() { try file.write(tensor, at: "\(path)/\(index)") }
        }
        return try file.image().data
    }

    // MARK: Files of another kind

    func testNoModelFile() throws {
        assertSavingError(path("none.keras"), "no such file") { try loadModel(path("none.keras")) }
        assertSavingError(directory, "found a directory") { try loadModel(directory) }
        assertSavingError(path("e.keras"), "found an empty file") { try loadModel(file("e.keras", Data())) }
        assertSavingError(path("t.keras"), "expected a model file (.keras, a zip archive", "found something else") {
            try loadModel(file("t.keras", Data("hello, world".utf8)))
        }
        assertSavingError(path("w.keras"), "weights alone", "loadWeights") { try loadModel(golden("w.keras", Golden.weights)) }
        // Layers by name, which are not in it.
        let model = classifier()
        assertSavingError(path("k.weights.h5"), "found weights alone") { try loadModel(golden("k.weights.h5", GoldenHDF5.earliest)) }
        assertSavingError(path("k.weights.h5"), "has no group of layer conv") { try model.loadWeights(path("k.weights.h5")) }
        // Weights in several files that are not there, or elsewhere.
        for (map, found) in [
            ("{\"weight_map\": {\"/layers/dense/vars\": [\"../w.weights.h5\"]}}", "expected names of .h5 files beside it"),
            ("{\"weight_map\": {\"/layers/dense/vars\": 3}}", "expected names of .h5 files beside it, found the number 3"),
            ("{\"weight_map\": {}}", "names no files"), ("{}", "expected a weight_map"), ("{", "expected JSON"),
        ] {
            assertSavingError(path("s.weights.json"), found) { try model.loadWeights(file("s.weights.json", Data(map.utf8))) }
        }
        let map = "{\"weight_map\": {\"/layers/dense/vars\": \"none_00000.weights.h5\"}}"
        assertSavingError(path("none_00000.weights.h5"), "no such file") { try model.loadWeights(file("s.weights.json", Data(map.utf8))) }
        XCTAssertFalse(FileManager.default.fileExists(atPath: path("none.keras")))
    }

    func testTruncatedFiles() throws {
        try classifier().save(path("m.keras"))
        let whole = try bytes(of: "m.keras")
        for count in [4, 30, whole.count / 2, whole.count - 1] {
            assertSavingError(path("cut.keras"), "cut short") { try loadModel(file("cut.keras", whole.prefix(count))) }
        }
        try classifier().saveWeights(path("m.weights.h5"))
        let weights = try bytes(of: "m.weights.h5")
        for count in [8, 90, weights.count / 2, weights.count - 1] {
            assertSavingError(path("cut.weights.h5"), "cut short or damaged") {
                try classifier().loadWeights(file("cut.weights.h5", weights.prefix(count)))
            }
        }
    }

    func testDamagedWeightsAreFound() throws {
        let model = classifier()
        model.weights[0].assign(Tensor((0 ..< 12).map { 1234.5 + Float($0) }, shape: [4, 3]))
        try model.save(path("m.keras"))
        var bytes = try bytes(of: "m.keras")
        let place = try XCTUnwrap(bytes.range(of: withUnsafeBytes(of: Float(1234.5)) { Data($0) }))
        bytes[place.lowerBound] ^= 1
        assertSavingError("\(path("d.keras")), member model.weights.h5", "its SHA-256 differs") { try loadModel(file("d.keras", bytes)) }
    }

    func testMissingMembers() throws {
        assertSavingError(path("a.keras"), "a member config.json", "found metadata.json, model.weights.h5") {
            try loadModel(archive("a.keras", ["config.json": nil as Data?]))
        }
        assertSavingError(path("b.keras"), "a member model.weights.h5", "found metadata.json, config.json") {
            try loadModel(archive("b.keras", ["model.weights.h5": nil as Data?]))
        }
    }

    func testWeightsThatAreNoHDF5() throws {
        let source = "\(path("a.keras")), member model.weights.h5"
        assertSavingError(source, "expected an HDF5 file") { try loadModel(archive("a.keras", ["model.weights.h5": Data("nothing".utf8)])) }
        assertSavingError(source, "expected an HDF5 file") { try loadModel(archive("a.keras", ["model.weights.h5": Data()])) }
        let cut = try weights { _ in }.prefix(1000)
        assertSavingError(source, "cut short or damaged") { try loadModel(archive("a.keras", ["model.weights.h5": cut])) }
    }

    // MARK: Configurations

    private func assertConfigError(_ config: String, _ parts: String..., line: UInt = #line) throws {
        let name = path("c.keras")
        _ = try archive("c.keras", ["config.json": Data(config.utf8)])
        assertSavingError("\(name), member config.json", line: line) { try loadModel(name) }
        do { _ = try loadModel(name) } catch {
            for part in parts { XCTAssertTrue("\(error)".contains(part), "no '\(part)' in: \(error)", line: line) }
        }
    }

    func testConfigurations() throws {
        try assertConfigError("{\"class_name\": ", "expected JSON")
        try assertConfigError("[]", "expected the configuration of a model")
        try assertConfigError(
            "{\"class_name\": \"Transformer\", \"config\": {}}", "unknown model class \"Transformer\"", "Known: ", "Sequential")
        try assertConfigError("{\"class_name\": \"Sequential\", \"config\": {}}", "expected a list of layers")
        let unknown = try goodConfig().replacingOccurrences(of: "\"class_name\": \"Flatten\"", with: "\"class_name\": \"Flaten\"")
        try assertConfigError(unknown, "config.layers.1", "unknown layer \"Flaten\"; did you mean Flatten?", "Known: ", "Dense", "Dropout")
        let units = try goodConfig().replacingOccurrences(of: "\"units\": 3", with: "\"units\": \"many\"")
        try assertConfigError(units, "config.layers.2.Dense.units", "expected a whole number, found \"many\"")
    }

    func testWhatCannotBeCompiledCanBeLoadedWithoutCompiling() throws {
        let model = classifier()
        try model.compile(optimizer: "adam", loss: "mse")
        let config = model.toJSON().replacingOccurrences(of: "\"loss\": \"mse\"", with: "\"loss\": \"fancy\"")
        clearSession()
        let name = try archive("c.keras", ["config.json": Data(config.utf8)])
        assertSavingError("\(name), member config.json", "compile_config.loss: unknown loss \"fancy\"", "compile: false") {
            try loadModel(name)
        }
        XCTAssertNil(try loadModel(name, compile: false).compilation)
    }

    // MARK: Weights of another model

    private func assertWeightsError(_ place: String, _ parts: String..., line: UInt = #line, edit: (inout [String: [Tensor]]) -> Void)
        throws
    {
        let name = try file("x.weights.h5", weights(edit))
        clearSession()
        let model = classifier(), before = model.weightBits
        XCTAssertThrowsError(try model.loadWeights(name), line: line) { error in
            guard let error = error as? SavingError else { return XCTFail("\(error)", line: line) }
            XCTAssertEqual(error.source, "\(name), \(place)", line: line)
            for part in parts { XCTAssertTrue(error.message.contains(part), "no '\(part)' in: \(error)", line: line) }
        }
        assertSameBits(model.weightBits, before, "a file that does not fit changed the model", line: line)
    }

    func testWeightsOfAnotherModel() throws {
        try assertWeightsError("layers/dense_1/vars/0", "layer dense_1 (Dense), kernel: expected shape (3, 2), found (4, 2)") {
            $0["layers/dense_1/vars"]![0] = .zeros([4, 2])
        }
        try assertWeightsError("layers/dense_1/vars/1", "layer dense_1 (Dense), bias: expected float32, found int32") {
            $0["layers/dense_1/vars"]![1] = Tensor([1, 2] as [Int32])
        }
        try assertWeightsError("layers/dense_1/vars", "expected kernel (3, 2), bias (2,); found 1 arrays") {
            $0["layers/dense_1/vars"]!.removeLast()
        }
        try assertWeightsError("layers/dense_1/vars", "expected kernel (3, 2), bias (2,); found no such group; the file's layers are dense")
        { $0["layers/dense_1/vars"] = nil }
        try assertWeightsError("layers/dense_2/vars", "has weights of a layer that model sequential does not have") {
            $0["layers/dense_2/vars"] = [.zeros([1])]
        }
        try weights { $0["layers/dropout/seed_generator/vars"] = [.zeros([2])] }.write(to: URL(fileURLWithPath: path("old.weights.h5")))
        XCTAssertNoThrow(try classifier().loadWeights(path("old.weights.h5")))
    }

    func testWholeNumbersForFloats() throws {
        let name = try golden("i.weights.h5", Golden.int32Weights)
        assertSavingError("\(name), layers/dense/vars/0", "expected float32, found int32") { try classifier().loadWeights(name) }
    }

    func testAnotherOptimizer() throws {
        let name = try golden("w.weights.h5", Golden.weights)
        let model = classifier()
        try model.compile(optimizer: RMSprop(), loss: "mse")
        let before = model.weightBits
        assertSavingError(
            "\(name), optimizer/vars", "expected 6 arrays (iteration, learning_rate, velocity of 4 weights) for optimizer RMSprop, found 14"
        ) { try model.loadWeights(name) }
        assertSameBits(model.weightBits, before)
        try model.loadWeights(name, optimizerState: false)
        assertSameBits(model.weightBits, Golden.adam.variables.map(\.1))
        XCTAssertEqual(model.compilation?.optimizer.iterations, 0)

        // As many states, of other shapes: RMSprop keeps them kind by kind, Adam weight by weight.
        let other = classifier()
        try other.compile(optimizer: RMSprop(momentum: 0.5, centered: true), loss: "mse")
        assertSavingError(
            "\(name), optimizer/vars/3", "optimizer RMSprop, velocity of sequential_1/dense_2/bias: expected shape (3,), found (4, 3)"
        ) { try other.loadWeights(name) }
    }

    func testAModelWithoutWeights() throws {
        let name = try golden("w.weights.h5", Golden.weights)
        assertSavingError(name, "has no weights yet; call build") { try Sequential([Dense(2)]).loadWeights(name) }
        assertSavingError(path("n.weights.h5"), "has no weights yet") { try Sequential([Dense(2)]).saveWeights(path("n.weights.h5")) }
    }

    // MARK: Writing

    func testNamesThatAreNotWritten() throws {
        let model = classifier()
        assertSavingError(path("m.hdf5"), "ends in .keras or .h5") { try model.save(path("m.hdf5")) }
        assertSavingError(path("m.weights.h5"), "saveWeights") { try model.save(path("m.weights.h5")) }
        assertSavingError(path("m.keras"), "ends in .weights.h5") { try model.saveWeights(path("m.keras")) }
        assertSavingError(path("no/where/m.keras"), "there is no directory \(path("no/where"))") {
            try model.save(path("no/where/m.keras"))
        }
        assertSavingError(path("no/where/m.weights.h5"), "there is no directory") { try model.saveWeights(path("no/where/m.weights.h5")) }
        try FileManager.default.createDirectory(atPath: path("d.keras"), withIntermediateDirectories: false)
        assertSavingError(path("d.keras"), "found a directory") { try model.save(path("d.keras")) }
        assertSavingError("/proc/m.keras", "cannot be") { try model.save("/proc/m.keras") }
        assertSavingError("/proc/m.weights.h5", "cannot be written") { try model.saveWeights("/proc/m.weights.h5") }
        XCTAssertEqual(try files(), ["d.keras"])
    }

    /// A limit on the size of files stands for a full disk: the write fails half way, and the old file stays.
    func testAFullDiskKeepsTheOldFile() throws {
        let model = Sequential([Input([100]), Dense(100)])
        try model.save(path("m.keras"))
        try model.saveWeights(path("m.weights.h5"))
        let (archive, weights) = (try bytes(of: "m.keras"), try bytes(of: "m.weights.h5"))

        signal(SIGXFSZ, SIG_IGN)
        var old = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
        func limited(_ bytes: Int, _ body: () throws -> Void) -> Result<Void, any Error> {
            var small = rlimit(rlim_cur: rlim_t(bytes), rlim_max: old.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &small)
            defer { setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old) }
            return Result { try body() }
        }
        // Room for the weights, and not for all of the archive; then not for the weights either.
        let first = limited(weights.count + 100) { try model.save(path("m.keras")) }
        let second = limited(20_000) { try model.saveWeights(path("m.weights.h5")) }

        assertSavingError(path("m.keras"), "cannot be written: File too large") { try first.get() }
        assertSavingError(path("m.weights.h5"), "limit of file sizes") { try second.get() }
        XCTAssertEqual(try files(), ["m.keras", "m.weights.h5"])
        XCTAssertEqual(try bytes(of: "m.keras"), archive)
        XCTAssertEqual(try bytes(of: "m.weights.h5"), weights)
    }
}
