import LockstepData
import LockstepTensor
import XCTest

/// An array becomes what it is needed as, whatever type a file holds. Expected values are NumPy's `astype`.
final class StoredArrayTests: FileTestCase {
    private func open(_ name: String) throws -> StoredArray { try NPY.open(file("a.npy", golden(GoldenFiles.npy, name))) }

    func testIntegersAsFloats() throws {
        for type in ["|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8"] {
            let array = try open("int \(type)")
            // As often as one likes, in any order.
            for _ in 0 ..< 2 {
                XCTAssertEqual(try array.tensor(as: .float32).scalars, [-3, -2, -1, 0, 1, 2], type)
                XCTAssertEqual(try array.tensor().int32Scalars, [-3, -2, -1, 0, 1, 2], type)
            }
        }
        for type in ["|u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8"] {
            XCTAssertEqual(try open("unsigned \(type)").tensor(as: .float32).dtype, .float32)
            XCTAssertEqual(try open("unsigned \(type)").tensor(as: .float32).scalars, [0, 1, 2, 3, 4, 250], type)
        }
        XCTAssertEqual(try open("bool").tensor(as: .float32).scalars, [1, 0, 1])
        XCTAssertEqual(try open("fortran uint8").tensor(as: .float32).scalars, [0, 1, 2, 3, 4, 5])
    }

    private func int64(_ values: [Int]) throws -> String {
        let header = "{'descr': '<i8', 'fortran_order': False, 'shape': (\(values.count),), }\n"
        return try file(
            "i8.npy",
            [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
                + values.flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } })
    }

    /// Time stamps in milliseconds; numpy.float32(1700000000123) is 1700000038912.
    func testBeyondInt32() throws {
        let path = try int64([1_700_000_000_123, -(1 << 40)])
        XCTAssertEqual(try NPY.read(path, as: .float32).scalars, [1_700_000_038_912, -1_099_511_627_776])
        assertDataError(path, "element 0 is 1700000000123", "int64", "int32", "read it as float32") { try NPY.read(path) }
        let column = try Column(NPY.open(path), as: .float32, divisor: 1000)
        XCTAssertEqual(column.batchDType, .float32)
        XCTAssertEqual(column.tensor.scalars, [1_700_000_000, -1_099_511_627.776])
        assertDataError(path, "element 0 is 1700000000123") { try Column(NPY.open(path), as: .int32) }
    }

    func testFloatsAsIntegers() throws {
        let path = self.path("a.npy")
        XCTAssertEqual(try open("fortran >f8").tensor(as: .int32).int32Scalars, [0, 1, 2, 3, 4, 5])
        assertDataError(path, "element 1 is -1.5", "float64 is read as int32") { try self.open("float <f8").tensor(as: .int32) }
        assertDataError(path, "element 1 is -1.5", "float16 is read as int32") { try self.open("float <f2").tensor(as: .int32) }
    }

    func testColumnsOfTheTypeThatIsNeeded() throws {
        XCTAssertEqual(try Column(open("int <i8"), as: .int32).batchDType, .int32)
        XCTAssertEqual(try Column(open("int <i8"), as: .int32).tensor.int32Scalars, [-3, -2, -1, 0, 1, 2])
        XCTAssertEqual(try Column(open("int <i8"), as: .float32).tensor.scalars, [-3, -2, -1, 0, 1, 2])
        // Bytes stay bytes until a batch is gathered.
        let bytes = try Column(open("unsigned |u1"), as: .float32, divisor: 255, source: "images")
        XCTAssertEqual(bytes.tensor.dtype, .uint8)
        XCTAssertEqual(bytes.source, "images")
        XCTAssertEqual(try Column(open("unsigned |u1"), as: .int32).tensor.int32Scalars, [0, 1, 2, 3, 4, 250])
        XCTAssertEqual(try Column(open("bool"), as: .int32).tensor.int32Scalars, [1, 0, 1])
        // Halves are no whole numbers.
        assertDataError("x", "element 1 is 0.5", "int32") { try Column(self.open("unsigned |u1"), as: .int32, divisor: 2, source: "x") }
    }

    func testLabels() throws {
        XCTAssertEqual(try Column(labels: open("unsigned <u8")).tensor.int32Scalars, [0, 1, 2, 3, 4, 250])
        assertDataError("y", "label 2 is 2147483648", "whole numbers") { try Column(labels: self.open("int64 too large"), source: "y") }
        assertDataError("y", "label 1 is -1.5") { try Column(labels: self.open("float <f8"), source: "y") }
    }
}
