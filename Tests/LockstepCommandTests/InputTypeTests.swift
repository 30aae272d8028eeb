import Foundation
import RankJob
import XCTest

/// The same numbers, in whatever type a file has them, are the same to the model.
final class InputTypeTests: XCTestCase {
    /// An `.npy` file of NumPy's type `descr`.
    private func npy<Number: FixedWidthInteger>(_ descr: String, _ shape: String, _ elements: [Number]) -> [UInt8] {
        let header = "{'descr': '\(descr)', 'fortran_order': False, 'shape': \(shape), }\n"
        return [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
            + elements.flatMap { withUnsafeBytes(of: $0) { Array($0) } }
    }

    private let config = """
        model: {layers: [{Input: {shape: [2]}}, {Dense: {units: 1}}]}
        data: {train: {npy: {x: x.npy, y: y.npy}}}
        compile: {optimizer: {SGD: {learning_rate: 1e-3}}, loss: mse}
        fit: {epochs: 1, batch_size: 4}

        """
    private let numbers = [0, 1, 2, 3, 50, 100, 7, 127]

    /// Trains on `x` and `y`; returns what standard output says, or expects a refusal.
    private func train(_ folder: Folder, _ x: [UInt8], _ y: [UInt8], ranks: Int? = nil) throws -> RankJob.Result {
        try folder.write("x.npy", x)
        try folder.write("y.npy", y)
        return try CommandRun.run(
            ranks: ranks, ["train", folder.write("config.yaml", config), "--output", folder["out"], "--json"])
    }

    func testTypesMakeNoDifference() throws {
        let folder = try Folder()
        var losses: [String: String] = [:]
        func run<Number: FixedWidthInteger>(_ descr: String, _ convert: (Int) -> Number) throws {
            let result = try train(
                folder, npy(descr, "(4, 2)", numbers.map(convert)), npy(descr, "(4,)", numbers.prefix(4).map(convert)))
            XCTAssertEqual(result.status, 0, result.report)
            losses[descr] = result.output
        }
        try run("<f4") { Float($0).bitPattern }
        try run("<f8") { Double($0).bitPattern }
        try run("|u1") { UInt8($0) }
        try run("|i1") { Int8($0) }
        try run("<i2") { Int16($0) }
        try run(">u2") { UInt16($0).bigEndian }
        try run("<i4") { Int32($0) }
        try run("<u4") { UInt32($0) }
        try run("<i8") { Int64($0) }
        try run(">u8") { UInt64($0).bigEndian }
        for (descr, output) in losses { XCTAssertEqual(output, losses["<f4"], descr) }
    }

    /// Time stamps in milliseconds: beyond `int32`, and no matter to a model that computes with floats.
    func testNumbersBeyondInt32() throws {
        let folder = try Folder()
        let x = npy("<i8", "(4, 2)", [Int](repeating: 1 << 40, count: 8)), ones = npy("<i8", "(4,)", [1, 1, 1, 1])
        XCTAssertEqual(try train(folder, x, ones).status, 0)
        XCTAssertEqual(try train(folder, npy("<i8", "(4, 2)", numbers), npy("<i8", "(4,)", [1 << 40, 1, 1, 1]), ranks: 2).status, 0)
        // As class numbers they are one.
        try folder.write(
            "config.yaml",
            config.replacing("mse", with: "sparse_categorical_crossentropy").replacing("units: 1", with: "units: 3, activation: softmax"))
        try folder.write("y.npy", npy("<i8", "(4,)", [1 << 40, 1, 1, 1]))
        expectRefusal(
            try CommandRun.run(["train", folder["config.yaml"], "--output", folder["out"]]),
            ["y.npy: label 0 is 1099511627776; expected whole numbers"])
    }
}
