import LockstepData
import LockstepTensor
import XCTest

final class DatasetTests: XCTestCase {
    private func column(_ count: Int, _ source: String = "x") throws -> Column {
        try Column(Tensor((0 ..< count).map { Float($0) }), source: source)
    }
    private func dataset(_ count: Int) throws -> Dataset {
        try Dataset(
            inputs: [("x", column(count, "images"))], targets: [("y", column(count, "labels"))], sampleWeights: [column(count, "weights")])
    }

    func testCountsMustAgree() throws {
        assertDataError("labels.gz", "images.gz has 60000 samples, labels.gz has 59999") {
            try Dataset(inputs: [("x", column(60000, "images.gz"))], targets: [("y", column(59999, "labels.gz"))])
        }
        assertDataError("b", "a has 3 samples, b has 4") { try Dataset(inputs: [("a", column(3, "a")), ("b", column(4, "b"))]) }
        assertDataError("w", "x has 3 samples, w has 2") {
            try Dataset(inputs: [("x", column(3))], targets: [("y", column(3))], sampleWeights: [column(2, "w")])
        }
        assertDataError("data", "at least one input") { try Dataset(inputs: []) }
        assertDataError("x", "at least one sample") { try Dataset(inputs: [("x", column(0))]) }
    }

    func testSampleWeights() throws {
        let two = try [("a", column(3)), ("b", column(3))]
        XCTAssertEqual(try Dataset(inputs: [("x", column(3))], targets: two).sampleWeights.count, 0)
        XCTAssertEqual(try Dataset(inputs: [("x", column(3))], targets: two, sampleWeights: [column(3)]).sampleWeights.count, 2)
        let bytes = try Column(Tensor([0, 128] as [UInt8], shape: [2, 1]), divisor: 256)
        let weighted = try Dataset(inputs: [("x", column(2))], targets: [("a", column(2)), ("b", column(2))], sampleWeights: [nil, bytes])
        XCTAssertNil(weighted.sampleWeights[0])
        XCTAssertEqual(weighted.sampleWeights[1]?.tensor.shape, [2])
        XCTAssertEqual(weighted.sampleWeights[1]?.tensor.scalars, [0, 0.5])
        assertDataError("sample weights", "one for each of 2 targets, found 3") {
            try Dataset(inputs: [("x", column(3))], targets: two, sampleWeights: [nil, nil, nil])
        }
        assertDataError("w", "weight 1 is nan") {
            try Dataset(
                inputs: [("x", column(2))], targets: [("y", column(2))], sampleWeights: [Column(Tensor([1, .nan] as [Float]), source: "w")])
        }
        let parts = try Dataset(inputs: [("x", column(2))], targets: [("y", column(2))], sampleWeights: [Column(.ones([2, 3]))])
        XCTAssertEqual(parts.sampleWeights[0]?.tensor.shape, [2, 3])
    }

    func testTake() throws {
        let taken = try dataset(10).take(4)
        XCTAssertEqual(taken.count, 4)
        for column in [taken.inputs[0].column, taken.targets[0].column, taken.sampleWeights[0]!] {
            XCTAssertEqual(column.tensor.scalars, [0, 1, 2, 3])
        }
        XCTAssertEqual(try dataset(10).take(10).count, 10)
        assertDataError("images", "take 11 samples of 10") { try dataset(10).take(11) }
        assertDataError("images", "take 0 samples") { try dataset(10).take(0) }
    }

    /// Cuts as Keras 3 makes them: `int(math.floor(n * (1.0 - fraction)))`, computed in Python.
    func testSplitTakesTheLastSamples() throws {
        for (n, fraction, cut) in [
            (10, 0.1, 9), (10, 0.25, 7), (7, 0.5, 3), (60000, 0.1, 54000), (60000, 1.0 / 12, 55000), (100, 0.29, 71),
        ] {
            let (training, validation) = try dataset(n).split(fraction)
            XCTAssertEqual(training.count, cut, "\(n) \(fraction)")
            XCTAssertEqual(validation.count, n - cut, "\(n) \(fraction)")
            XCTAssertEqual(training.inputs[0].column.tensor.scalars.last, Float(cut - 1))
            for column in [validation.inputs[0].column, validation.targets[0].column, validation.sampleWeights[0]!] {
                XCTAssertEqual(column.tensor.scalars.first, Float(cut))
            }
        }
    }

    func testSplitWithAnEmptyPart() throws {
        assertDataError("images", "0.9 off 3 samples leaves 0 for training") { try dataset(3).split(0.9) }
        assertDataError("images", "leaves 3 for training and 0 for validation") { try dataset(3).split(1e-17) }
        for fraction in [0, 1, -0.5, 2, Double.nan] { assertDataError("images", "between 0 and 1") { try dataset(3).split(fraction) } }
    }
}
