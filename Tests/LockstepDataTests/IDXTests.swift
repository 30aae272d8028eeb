import Foundation
import LockstepData
import LockstepTensor
import XCTest

final class IDXTests: FileTestCase {
    private func idx(_ type: UInt8, _ dimensions: [UInt32], _ elements: [UInt8]) -> [UInt8] {
        [0, 0, type, UInt8(dimensions.count)] + dimensions.flatMap(bigEndian) + elements
    }
    private func bigEndian<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] { withUnsafeBytes(of: word.bigEndian) { Array($0) } }

    func testBytesStayBytes() throws {
        let tensor = try IDX.read(file("x", idx(0x08, [2, 3], [0, 1, 127, 128, 254, 255])))
        XCTAssertEqual(tensor.shape, [2, 3])
        XCTAssertEqual(tensor.dtype, .uint8)
        XCTAssertEqual(tensor.byteScalars, [0, 1, 127, 128, 254, 255])
    }

    func testIntegersBecomeInt32() throws {
        let int8 = try IDX.read(file("8", idx(0x09, [3], [0x80, 0xff, 0x7f])))
        XCTAssertEqual(int8.int32Scalars, [-128, -1, 127])
        let int16 = try IDX.read(file("16", idx(0x0b, [3], [Int16.min, -2, 300].flatMap(bigEndian))))
        XCTAssertEqual(int16.int32Scalars, [-32768, -2, 300])
        let int32 = try IDX.read(file("32", idx(0x0c, [2, 2], [Int32.min, -2, 70_000, .max].flatMap(bigEndian))))
        XCTAssertEqual(int32.int32Scalars, [.min, -2, 70_000, .max])
        XCTAssertEqual(int32.shape, [2, 2])
    }

    func testFloatsBecomeFloat32() throws {
        let float = try IDX.read(file("4", idx(0x0d, [3], [Float(1.5), -0.1, 3e38].flatMap { bigEndian($0.bitPattern) })))
        XCTAssertEqual(float.scalars, [1.5, -0.1, 3e38])
        let double = try IDX.read(file("8", idx(0x0e, [3], [1.5, -0.1, .infinity].flatMap { bigEndian($0.bitPattern) })))
        XCTAssertEqual(double.scalars, [1.5, -0.1, .infinity])
        let large = try file("large", idx(0x0e, [2], [1.5, -1e39].flatMap { bigEndian($0.bitPattern) }))
        assertDataError(large, "element 1 is -1e+39", "float32") { try IDX.read(large) }
    }

    func testGzippedByContentNotByName() throws {
        for name in ["one member", "three members"] {
            let tensor = try IDX.read(file("x.idx", golden(GoldenFiles.gzip, name)))
            XCTAssertEqual(tensor.shape, [2, 3])
            XCTAssertEqual(tensor.byteScalars, [10, 20, 30, 40, 50, 60])
        }
    }

    /// The header is looked at before the rest is inflated, and no more is inflated than it says: of a stream that is no IDX file, or
    /// too long, the damaged end is not reached.
    func testTheHeaderOfAGzippedFileComesFirst() throws {
        var stream = try golden(GoldenFiles.gzip, "growing")
        stream.removeLast(40)
        let cut = try file("cut.gz", stream)
        assertDataError(cut, "damaged or cut short") { try IDX.read(cut) }
        for (name, error) in [
            ("claims few", "holds more than the 9 bytes"), ("claims many", "cannot make"), ("no IDX", "expected an IDX file"),
        ] {
            let path = try file("\(name).gz", golden(GoldenFiles.gzip, name))
            assertDataError(path, error) { try IDX.read(path) }
        }
    }

    func testScalarAndEmptyArray() throws {
        XCTAssertEqual(try IDX.read(file("0", idx(0x08, [], [9]))).byteScalars, [9])
        XCTAssertEqual(try IDX.read(file("e", idx(0x0d, [0, 28], []))).shape, [0, 28])
    }

    func testTheTensorOutlivesTheFilesBuffer() throws {
        var tensors: [Tensor] = []
        for i in 0 ..< 50 { tensors.append(try IDX.read(file("\(i)", idx(0x08, [1000], .init(repeating: UInt8(i), count: 1000))))) }
        for (i, tensor) in tensors.enumerated() { XCTAssertEqual(tensor.byteScalars, .init(repeating: UInt8(i), count: 1000)) }
    }

    // MARK: Malformed files

    func testWrongMagic() throws {
        for (i, bytes) in [[1, 0, 8, 1], [0, 1, 8, 1], [0, 0, 7, 1], [0, 0, 0x0a, 1], Array("PNG.".utf8)].enumerated() {
            let wrong = try file("\(i)", bytes + [0, 0, 0, 1, 5])
            assertDataError(wrong, "expected an IDX file", "found \(String(format: "%02x", bytes[0])) ") { try IDX.read(wrong) }
        }
        let short = try file("short", [0, 0, 8])
        assertDataError(short, "expected an IDX file", "found 00 00 08") { try IDX.read(short) }
    }

    func testTruncatedHeader() throws {
        let cut = try file("cut", Array(idx(0x08, [2, 3], []).prefix(9)))
        assertDataError(cut, "header of 12 bytes for 2 axes, found 9 bytes", "cut short") { try IDX.read(cut) }
    }

    func testTruncatedElements() throws {
        let cut = try file("cut", idx(0x0b, [2, 3], .init(repeating: 0, count: 11)))
        assertDataError(cut, "shape (2, 3) of int16, 12 bytes, found 11", "cut short") { try IDX.read(cut) }
        let none = try file("none", idx(0x08, [1], []))
        assertDataError(none, "1 bytes, found 0") { try IDX.read(none) }
    }

    func testTrailingBytes() throws {
        let long = try file("long", idx(0x08, [2], [1, 2, 3, 4, 5]))
        assertDataError(long, "2 bytes, found 5", "3 bytes too many") { try IDX.read(long) }
    }

    func testAbsurdShapes() throws {
        let overflowing = try file("o", idx(0x0e, [.max, .max, .max], [0]))
        assertDataError(overflowing, "more than memory can hold") { try IDX.read(overflowing) }
        let large = try file("l", idx(0x08, [.max, 1000], [0]))
        assertDataError(large, "found 1", "cut short") { try IDX.read(large) }
    }

    func testDamagedGzipMissingDirectoryEmpty() throws {
        var bytes = try golden(GoldenFiles.gzip, "one member")
        bytes[bytes.count - 6] ^= 1
        let damaged = try file("x.gz", bytes)
        assertDataError(damaged, "gzip stream is damaged") { try IDX.read(damaged) }
        assertDataError(path("none"), "no such file") { try IDX.read(path("none")) }
        assertDataError(directory, "directory") { try IDX.read(directory) }
        let empty = try file("empty", [])
        assertDataError(empty, "empty") { try IDX.read(empty) }
    }

    /// The real files, where they are at hand.
    func testMNIST() throws {
        guard let root = ProcessInfo.processInfo.environment["LOCKSTEP_DATA"] else { return }
        let images = try IDX.read(root + "/mnist/train-images-idx3-ubyte.gz")
        XCTAssertEqual(images.shape, [60000, 28, 28])
        XCTAssertEqual(images.dtype, .uint8)
        let labels = try Column(labels: IDX.read(root + "/mnist/train-labels-idx1-ubyte.gz"))
        try labels.validateLabels(classes: 10)
        XCTAssertEqual(Array(labels.tensor.int32Scalars.prefix(10)), [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    }
}
