import Foundation
import LockstepData
import LockstepNN
import LockstepSaving
import LockstepTensor
import XCTest

/// What `save` writes, where, and what it refuses to write.
final class SavedFileTests: SavingTestCase {
    // MARK: Checksums

    /// The archive's comment is what `sha256sum` prints for the members, unpacked.
    func testTheCommentHasTheMembersChecksums() throws {
        try classifier().save(path("m.keras"))
        let archive = try ZipArchive(reading: path("m.keras"), kind: "")
        let names = ["config.json", "metadata.json", "model.weights.h5"]
        for (index, name) in archive.names.enumerated() {
            _ = try file(name, archive.member(index).withBytes { Data($0) })
        }
        let sums = Process(), output = Pipe()
        sums.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
        sums.currentDirectoryURL = URL(fileURLWithPath: path(""))
        sums.arguments = names
        sums.standardOutput = output
        try sums.run()
        let expected = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        sums.waitUntilExit()
        XCTAssertEqual(archive.comment, expected)
        XCTAssertEqual(expected.split(separator: "\n").count, 3)
    }

    /// A member that was changed, with the archive's own checksum right, is refused before any of it is read.
    func testAMemberThatWasChangedIsRefused() throws {
        try classifier().save(path("m.keras"))
        let archive = try ZipArchive(reading: path("m.keras"), kind: "")
        for name in archive.names {
            let members = try archive.names.indices.map { index in
                let bytes = try archive.member(index)
                if archive.names[index] == name { bytes.pointer.storeBytes(of: 0xff, toByteOffset: bytes.count / 2, as: UInt8.self) }
                return (name: archive.names[index], bytes: bytes)
            }
            func write(comment: String) throws {
                try withExtendedLifetime(members) {
                    try ZipArchive.write(members.map { ($0, [$1.withBytes { $0 }]) }, to: path("c.keras"), comment: comment)
                }
            }
            try write(comment: archive.comment)
            assertSavingError("\(path("c.keras")), member \(name)", "its SHA-256 differs") { try loadModel(path("c.keras")) }
            assertSavingError("\(path("c.keras")), member \(name)", "its SHA-256 differs") { try classifier().loadWeights(path("c.keras")) }
        }
    }

    /// Another comment is a comment; one without a member does not vouch for it.
    func testOtherComments() throws {
        try classifier().save(path("m.keras"))
        let archive = try ZipArchive(reading: path("m.keras"), kind: "")
        let members = try archive.names.indices.map { (name: archive.names[$0], bytes: try archive.member($0)) }
        func write(_ comment: String) throws {
            try withExtendedLifetime(members) {
                try ZipArchive.write(members.map { ($0, [$1.withBytes { $0 }]) }, to: path("c.keras"), comment: comment)
            }
        }
        for comment in ["", "my best model", "\n", String(repeating: "x", count: 64) + "  config.json"] {
            try write(comment)
            clearSession()
            XCTAssertNoThrow(try loadModel(path("c.keras")), comment)
        }
        try write(archive.comment.split(separator: "\n").filter { !$0.hasSuffix("config.json") }.joined(separator: "\n"))
        assertSavingError("\(path("c.keras")), member config.json", "SHA-256") { try loadModel(path("c.keras")) }
    }

    // MARK: Where files go

    /// A model that has diverged does not replace one that has not; elsewhere it is saved as it is.
    func testAModelOfNaNReplacesNoGoodOne() throws {
        let model = classifier()
        try model.save(path("good.keras"))
        let before = try Data(contentsOf: URL(fileURLWithPath: path("good.keras")))
        model.weights[0].assign(.constant(Float.nan, shape: model.weights[0].shape))
        XCTAssertThrowsError(try model.save(path("good.keras"))) { XCTAssert("\($0)".contains("whose weights are finite"), "\($0)") }
        XCTAssertEqual(try Data(contentsOf: URL(fileURLWithPath: path("good.keras"))), before)
        for _ in 0 ..< 2 { try model.save(path("diverged.keras")) }
    }

    func testASymbolicLinkIsFollowed() throws {
        let model = classifier()
        try FileManager.default.createDirectory(atPath: path("real"), withIntermediateDirectories: false)
        for (name, save) in [("m.keras", model.save), ("m.weights.h5", model.saveWeights)] {
            try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: "real/" + name)
            for _ in 0 ..< 2 { try save(path(name)) }
            XCTAssertEqual(try FileManager.default.destinationOfSymbolicLink(atPath: path(name)), "real/" + name)
        }
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: path("real")).sorted(), ["m.keras", "m.weights.h5"])
        XCTAssertEqual(try files(), ["m.keras", "m.weights.h5", "real"])
        XCTAssertNoThrow(try loadModel(path("m.keras")))
    }

    /// A pipe is written to, and never read from: nobody might be at the other end.
    func testPipes() throws {
        let model = classifier()
        XCTAssertEqual(mkfifo(path("m.keras"), 0o600), 0)
        assertSavingError(path("m.keras"), "expected a regular file, found a device or a pipe") { try loadModel(path("m.keras")) }
        assertSavingError(path("m.keras"), "expected a regular file, found a device or a pipe") { try model.loadWeights(path("m.keras")) }
        let reader = Process()
        reader.executableURL = URL(fileURLWithPath: "/bin/cp")
        reader.arguments = [path("m.keras"), path("copy.keras")]
        try reader.run()
        // One that nobody writes to would wait, and the tests for it.
        defer { if reader.isRunning { reader.terminate() } }
        try model.save(path("m.keras"))
        reader.waitUntilExit()
        clearSession()
        assertSameBits(try loadModel(path("copy.keras")).weightBits, model.weightBits)
        var status = stat()
        XCTAssertEqual(lstat(path("m.keras"), &status), 0)
        XCTAssertEqual(status.st_mode & S_IFMT, S_IFIFO)
    }

    // MARK: What could not be opened again

    private final class Own: Layer {
        override func call(_ input: Tensor, training: Bool) -> Tensor { input }
    }

    private final class OwnModel: Model {
        let dense = Dense(2)
        override func call(_ input: Tensor, training: Bool) -> Tensor { dense(input, training: training) }
    }

    private final class OwnLoss: Loss {}

    func testWhatCouldNotBeOpenedAgainIsSaidWhenItIsSaved() throws {
        let own = Sequential([Input([2]), Own(name: "mine"), Dense(2)])
        assertSavingError(
            path("m.keras"), "layer mine (Own) is of a class that is not registered", #"Layers.registry.register("Own", package: …)"#
        ) {
            try own.save(path("m.keras"))
        }
        let subclass = OwnModel(name: "two")
        subclass.build(inputShape: [1, 2])
        assertSavingError(path("m.keras"), "model two (OwnModel) is of a class of your own", "saveWeights") {
            try subclass.save(path("m.keras"))
        }
        let function = Sequential([Input([2]), Dense(2, activation: ActivationFunction("mine") { $0 * 2 }, name: "twofold")])
        assertSavingError(
            path("m.keras"), "layer twofold (Dense) could not be opened again: Dense.activation: unknown activation", "saveWeights"
        ) {
            try function.save(path("m.keras"))
        }
        XCTAssertEqual(try files(), [])
        // The ways out.
        for model in [own, subclass, function] as [Model] {
            try model.saveWeights(path("m.weights.h5"))
            try model.loadWeights(path("m.weights.h5"))
        }
        let registry = Layers.registry
        defer { Layers.registry = registry }
        Layers.registry.register("Own") { Own(name: try $0.optionalString("name")) }
        try own.save(path("m.keras"))
        XCTAssertEqual(try loadModel(path("m.keras")).layers.map(\.name), ["mine", "dense"])
    }

    /// Layers that are made to see whether they could be do not count: the next layer has the name it would have had.
    func testSavingChangesNoNames() throws {
        let model = classifier()
        try model.compile(optimizer: "adam", loss: "mse", metrics: ["accuracy"])
        try model.save(path("m.keras"))
        XCTAssertEqual(Dense(1).name, "dense_2")
        XCTAssertEqual(Sequential().name, "sequential_1")
    }

    /// A loss of one's own does not keep a model from being saved: it opens without it.
    func testALossOfOnesOwn() throws {
        let model = classifier()
        try model.compile(optimizer: "adam", loss: OwnLoss(name: "own"))
        try model.save(path("m.keras"))
        clearSession()
        assertSameBits(try loadModel(path("m.keras"), compile: false).weightBits, model.weightBits)
        assertSavingError("\(path("m.keras")), member config.json", #"compile_config.loss: unknown loss "OwnLoss""#) {
            try loadModel(path("m.keras"))
        }
    }

    func testWeightsThatAreNotFinite() throws {
        let model = classifier()
        XCTAssertTrue(model.hasFiniteWeights)
        for value in [Float.nan, .infinity, -.infinity] {
            model.weights[1].assign(Tensor([1, 2, value] as [Float]))
            XCTAssertFalse(model.hasFiniteWeights)
        }
        model.weights[1].assign(Tensor([1, .greatestFiniteMagnitude, .leastNonzeroMagnitude] as [Float]))
        XCTAssertTrue(model.hasFiniteWeights)
    }
}
