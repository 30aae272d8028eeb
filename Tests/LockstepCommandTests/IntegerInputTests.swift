import Foundation
import RankJob
import XCTest

/// Inputs that are whole numbers, through a config and files of integers.
final class IntegerInputTests: XCTestCase {
    /// An `.npy` file of NumPy's type `descr`.
    private func npy<Number: FixedWidthInteger>(_ descr: String, _ shape: String, _ elements: [Number]) -> [UInt8] {
        let header = "{'descr': '\(descr)', 'fortran_order': False, 'shape': \(shape), }\n"
        return [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
            + elements.flatMap { withUnsafeBytes(of: $0) { Array($0) } }
    }

    private let config = """
        model: {layers: [{Input: {shape: [2], dtype: int32}}, {Embedding: {input_dim: 9, output_dim: 3, mask_zero: false}}, {Flatten: {}}, {Dense: {units: 1}}]}
        data: {train: {npy: {x: x.npy, y: y.npy}}}
        compile: {optimizer: {RMSprop: {learning_rate: 1e-3}}, loss: mse}
        fit: {epochs: 1, batch_size: 4}

        """

    func testTypesOfFiles() throws {
        let folder = try Folder(), words = [0, 1, 2, 3, 5, 8, 7, 1]
        var outputs: Set<String> = []
        func run<Number: FixedWidthInteger>(_ descr: String, ranks: Int? = nil, _ convert: (Int) -> Number) throws {
            try folder.write("x.npy", npy(descr, "(4, 2)", words.map(convert)))
            try folder.write("y.npy", npy(descr, "(4, 1)", words.prefix(4).map(convert)))
            let result = try CommandRun.run(
                ranks: ranks, ["train", folder.write("config.yaml", config), "--output", folder["out"], "--json"])
            XCTAssertEqual(result.status, 0, result.report)
            if ranks == nil { outputs.insert(result.output) }
        }
        try run("<i8") { Int64($0) }
        try run("<i4") { Int32($0) }
        try run("<u2") { UInt16($0) }
        try run("|u1") { UInt8($0) }
        try run("<f4") { Float($0).bitPattern }
        XCTAssertEqual(outputs.count, 1)
        try run("<i8", ranks: 2) { Int64($0) }
    }

    func testIndexBeyondTheVocabulary() throws {
        let folder = try Folder()
        try folder.write("x.npy", npy("<i8", "(4, 2)", [0, 1, 2, 3, 5, 9, 7, 1]))
        try folder.write("y.npy", npy("<i8", "(4, 1)", [0, 1, 2, 3]))
        for ranks in [nil, 2] {
            expectRefusal(
                try CommandRun.run(ranks: ranks, ["train", folder.write("config.yaml", config), "--output", folder["out"]]),
                ["x.npy: index 9 at [2, 1], for input ", "layer embedding (Embedding), which has 9: expected 0 to 8"])
        }
    }
}
