import LockstepData
import LockstepTensor
import XCTest

final class ColumnTests: XCTestCase {
    private func gathered<Scalar: TensorScalar>(_ column: Column, _ rows: [Int32], as: Scalar.Type) -> [Scalar] {
        XCTAssertEqual(column.batchDType, Scalar.dtype)
        return [Scalar](unsafeUninitializedCapacity: rows.count * column.sampleShape.count) { target, count in
            rows.withUnsafeBufferPointer { column.gather(rows: $0, into: UnsafeMutableRawPointer(target.baseAddress!)) }
            count = rows.count * column.batchBytesPerSample / MemoryLayout<Scalar>.size
        }
    }

    func testBytesAreDividedWhenGathered() throws {
        let bytes = (0 ..< 5 * 37).map { UInt8($0) }
        let column = try Column(Tensor(bytes, shape: [5, 37]), divisor: 255)
        XCTAssertEqual(column.tensor.dtype, .uint8)
        XCTAssertEqual(column.batchBytesPerSample, 148)
        let floats = bytes.map { Float($0) / 255 }
        XCTAssertEqual(gathered(column, [4, 0, 4], as: Float.self), Array(floats[148...] + floats[..<37] + floats[148...]))
    }

    func testFloatsAreDividedOnceAndGathered() throws {
        for width in [1, 3, 64] {
            let values = (0 ..< 4 * width).map { Float($0) - 2.5 }
            let column = try Column(Tensor(values, shape: [4, width]), divisor: 3)
            XCTAssertEqual(column.divisor, 1)
            let thirds = values.map { $0 / 3 }
            XCTAssertEqual(gathered(column, [3, 1], as: Float.self), Array(thirds[(3 * width)...] + thirds[width ..< 2 * width]))
        }
    }

    func testIntegersAndBooleans() throws {
        let labels = try Column(Tensor([10, -20, 30] as [Int32]))
        XCTAssertEqual(gathered(labels, [2, 2, 0, 1], as: Int32.self), [30, 30, 10, -20])
        let tokens = try Column(Tensor([1, 2, 3, 4, 5, 6] as [Int32], shape: [2, 3]))
        XCTAssertEqual(gathered(tokens, [1, 0], as: Int32.self), [4, 5, 6, 1, 2, 3])
        XCTAssertEqual(gathered(try Column(Tensor([5, 6] as [Int32]), divisor: 2), [0, 1], as: Float.self), [2.5, 3])
        XCTAssertEqual(gathered(try Column(Tensor([true, false])), [0, 1, 0], as: Float.self), [1, 0, 1])
    }

    func testNoRows() throws {
        XCTAssertEqual(gathered(try Column(Tensor([1, 2] as [Float])), [], as: Float.self), [])
    }

    func testRowsShareBytes() throws {
        let column = try Column(Tensor((0 ..< 12).map { UInt8($0) }, shape: [6, 2]), divisor: 2)
        let part = column.rows(2 ..< 5)
        XCTAssertEqual(part.count, 3)
        XCTAssertEqual(part.tensor.shape, [3, 2])
        XCTAssertEqual(part.tensor.value.pointer, column.tensor.value.pointer! + 4)
        XCTAssertEqual(gathered(part, [0, 2], as: Float.self), [2, 2.5, 4, 4.5])
        XCTAssertEqual(part.rows(1 ..< 2).tensor.byteScalars, [6, 7])
    }

    func testLabelsOfAnyTypeBecomeInt32() throws {
        XCTAssertEqual(try Column(labels: Tensor([0, 255] as [UInt8])).tensor.int32Scalars, [0, 255])
        XCTAssertEqual(try Column(labels: Tensor([0, 7] as [Float])).tensor.int32Scalars, [0, 7])
        XCTAssertEqual(try Column(labels: Tensor([3, -1] as [Int32])).tensor.int32Scalars, [3, -1])
        assertDataError("y.npy", "label 1 is 0.5") { try Column(labels: Tensor([0, 0.5] as [Float]), source: "y.npy") }
        assertDataError("y.npy", "label 0 is nan") { try Column(labels: Tensor([.nan] as [Float]), source: "y.npy") }
    }

    func testLabelsOutOfRangeAreNamed() throws {
        try Column(Tensor([0, 9] as [Int32])).validateLabels(classes: 10)
        let large = try Column(Tensor([0, 9, 10, 11] as [Int32]), source: "labels.gz")
        assertDataError("labels.gz", "label 2 is 10", "0 to 9") { try large.validateLabels(classes: 10) }
        let negative = try Column(Tensor([0, -1] as [Int32]), source: "labels.gz")
        assertDataError("labels.gz", "label 1 is -1") { try negative.validateLabels(classes: 10) }
        let bytes = try Column(Tensor([0, 10] as [UInt8]), source: "bytes")
        assertDataError("bytes", "label 1 is 10") { try bytes.validateLabels(classes: 10) }
        let fractions = try Column(Tensor([0, 1.5] as [Float]), source: "floats")
        assertDataError("floats", "label 1 is 1.5") { try fractions.validateLabels(classes: 10) }
    }

    func testConversion() throws {
        let whole = try Column(Tensor([3, -1] as [Int32]))
        XCTAssertEqual(try whole.converted(to: .float32).tensor.scalars, [3, -1])
        XCTAssertEqual(try whole.converted(to: .int32).tensor.value.pointer, whole.tensor.value.pointer)
        let bytes = try Column(Tensor([4, 250] as [UInt8]), divisor: 2)
        XCTAssertEqual(try bytes.converted(to: .float32).tensor.dtype, .uint8)
        XCTAssertEqual(try bytes.converted(to: .int32).tensor.int32Scalars, [2, 125])
        XCTAssertEqual(try Column(Tensor([2, -7] as [Float])).converted(to: .int32).tensor.int32Scalars, [2, -7])
        for (value, text) in [(Float(0.5), "0.5"), (3e9, "3e+09"), (.nan, "nan"), (.infinity, "inf")] {
            let column = try Column(Tensor([1, value] as [Float]), source: "x")
            assertDataError("x", "element 1 is \(text)", "int32") { try column.converted(to: .int32) }
        }
    }

    func testMagnitude() throws {
        XCTAssertEqual(try Column(Tensor([0, 51, 255] as [UInt8])).magnitude, 255)
        XCTAssertEqual(try Column(Tensor([0, 51, 255] as [UInt8]), divisor: 255).magnitude, 1)
        XCTAssertEqual(try Column(Tensor([0.5, -2, .nan, .infinity] as [Float])).magnitude, 2)
        XCTAssertEqual(try Column(Tensor([-7, 3] as [Int32]), divisor: -7).magnitude, 1)
        XCTAssertEqual(try Column(Tensor([] as [Float], shape: [0, 3])).magnitude, 0)
        XCTAssertEqual(try Column(Tensor((0 ..< 5000).map { Float($0 / 5) })).magnitude, 999)
    }

    func testWhatIsNoColumn() {
        assertDataError("x", "found a scalar") { try Column(Tensor(1), source: "x") }
        assertDataError("x", "divided by 0") { try Column(Tensor([1] as [Float]), divisor: 0, source: "x") }
        assertDataError("x", "divided by nan") { try Column(Tensor([1] as [Float]), divisor: .nan, source: "x") }
    }
}
