import LockstepData
import LockstepTensor
import XCTest

/// Files come from NumPy (see golden.py).
final class NPYTests: FileTestCase {
    private func read(_ name: String) throws -> Tensor { try NPY.read(file("a.npy", golden(GoldenFiles.npy, name))) }

    func testFloatsOfAllSizesAndByteOrders() throws {
        for type in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"] {
            let tensor = try read("float \(type)")
            XCTAssertEqual(tensor.shape, [2, 3], type)
            XCTAssertEqual(tensor.dtype, .float32, type)
            XCTAssertEqual(tensor.scalars, [0, -1.5, 3, -4.5, 6, -7.5], type)
        }
    }

    func testIntegersOfAllSizesAndByteOrders() throws {
        for type in ["|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8"] {
            XCTAssertEqual(try read("int \(type)").int32Scalars, [-3, -2, -1, 0, 1, 2], type)
        }
        for type in ["<u2", ">u2", "<u4", ">u4", "<u8", ">u8"] {
            XCTAssertEqual(try read("unsigned \(type)").int32Scalars, [0, 1, 2, 3, 4, 250], type)
        }
        XCTAssertEqual(try read("unsigned |u1").byteScalars, [0, 1, 2, 3, 4, 250])
    }

    func testBooleansScalarsAndEmptyArrays() throws {
        XCTAssertEqual(try read("bool").boolScalars, [true, false, true])
        XCTAssertEqual(try read("scalar").shape, [])
        XCTAssertEqual(try read("scalar").scalar, 2.5)
        XCTAssertEqual(try read("empty").shape, [0, 3])
    }

    /// Swift's `Bool` has no third value.
    func testBooleansOtherThanZeroAndOne() throws {
        var bytes = try golden(GoldenFiles.npy, "bool")
        bytes[bytes.count - 1] = 200
        XCTAssertEqual(
            try NPY.read(file("b.npy", bytes)).withElements { (bools: UnsafeBufferPointer<Bool>) in
                UnsafeRawBufferPointer(bools).map { $0 }
            }, [1, 0, 1])
    }

    func testVersions() throws {
        for version in [2, 3] { XCTAssertEqual(try read("version \(version)").int32Scalars, [0, 1, 2, 3, 4, 5]) }
        var bytes = try golden(GoldenFiles.npy, "version 3")
        bytes[6] = 4
        let unknown = try file("v4.npy", bytes)
        assertDataError(unknown, "version 1.0, 2.0 or 3.0, found 4.0") { try NPY.read(unknown) }
    }

    func testFortranOrderIsRearranged() throws {
        let tensor = try read("fortran float32")
        XCTAssertEqual(tensor.shape, [2, 3, 4])
        XCTAssertEqual(tensor.scalars, (0 ..< 24).map(Float.init))
        XCTAssertEqual(try read("fortran uint8").byteScalars, [0, 1, 2, 3, 4, 5])
        XCTAssertEqual(try read("fortran >f8").scalars, [0, 1, 2, 3, 4, 5])
    }

    /// Python 2's NumPy padded headers to 16, so that elements may lie anywhere, even at an odd address.
    func testElementsAtAnOddAddress() throws {
        let header = Array("{'descr': '<f4', 'fortran_order': False, 'shape': (2L,)}".utf8) + [0x20, 0x0a, 0x0a]
        let magic: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, UInt8(header.count), 0]
        XCTAssertEqual((magic.count + header.count) % 4, 1)
        let elements = [Float(1.5), -2].flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
        XCTAssertEqual(try NPY.read(file("odd.npy", magic + header + elements)).scalars, [1.5, -2])
    }

    // MARK: What is not read

    func testNumbersOutOfRange() throws {
        assertDataError(path("a.npy"), "element 2 is 2147483648", "int64", "int32") { try read("int64 too large") }
        assertDataError(path("a.npy"), "element 3 is -1e+39", "float64", "float32") { try read("float64 too large") }
    }

    func testTypesThatAreNotRead() throws {
        assertDataError(path("a.npy"), "pickled object arrays are not read") { try read("object") }
        assertDataError(path("a.npy"), "strings ('<U2') are not read") { try read("unicode") }
        assertDataError(path("a.npy"), "complex") { try read("complex") }
        assertDataError(path("a.npy"), "structured") { try read("structured") }
    }

    func testEveryCutIsFound() throws {
        let bytes = try golden(GoldenFiles.npy, "float <f4")
        for length in 1 ..< bytes.count {
            let cut = try file("cut.npy", Array(bytes.prefix(length)))
            assertDataError(cut, length < 8 ? "expected an .npy array" : "cut short") { try NPY.read(cut) }
        }
        let long = try file("long.npy", bytes + [0, 0])
        assertDataError(long, "24 bytes, found 26", "2 bytes too many") { try NPY.read(long) }
    }

    func testMalformedHeaders() throws {
        let magic: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]
        for (header, part) in [
            ("{'descr': '<f4', 'fortran_order': False}", "expected a header like"),
            ("{'descr': '<f4', 'fortran_order': 0, 'shape': ()}", "expected a header like"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (2}", "expected a header like"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", "whole numbers from 0"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", "more than memory can hold"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4611686018427387904, 4)}", "more than memory can hold"),
            ("{'descr': '<f16', 'fortran_order': False, 'shape': ()}", "'<f16' are not read"),
            ("{'descr': '', 'fortran_order': False, 'shape': ()}", "'' are not read"),
            ("garbage\u{0}\n", "expected a header like"),
        ] {
            let malformed = try file("m.npy", magic + [UInt8(header.utf8.count), 0] + Array(header.utf8))
            assertDataError(malformed, part) { try NPY.read(malformed) }
        }
        let other = try file("other.npy", [0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0])
        assertDataError(other, "expected an .npy array") { try NPY.read(other) }
    }

    // MARK: Writing

    func testWritesNumPysBytes() throws {
        let tensors: [(String, Tensor)] = [
            ("float32", Tensor([0.5, -1, 2, 3, 4, 1e-3] as [Float], shape: [2, 3])),
            ("int32", Tensor([7, -8] as [Int32])),
            ("uint8", Tensor([9] as [UInt8], shape: [])),
            ("bool", Tensor([true, false], shape: [2, 1])),
        ]
        for (name, tensor) in tensors {
            try NPY.write(tensor, to: path("w.npy"))
            XCTAssertEqual(try bytes(of: "w.npy"), try golden(GoldenFiles.npy, "written \(name)"), name)
        }
    }

    func testNothingIsLeftOfAFailedWrite() throws {
        let target = path("no/such/directory/w.npy")
        assertDataError(target, "cannot be written") { try NPY.write(Tensor([1] as [Float]), to: target) }
        assertDataError(directory, "found a directory") { try NPY.write(Tensor([1] as [Float]), to: directory) }
        try NPY.write(Tensor([1] as [Float]), to: path("w.npy"))
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: directory), ["w.npy"])
        let parent = (directory as NSString).deletingLastPathComponent
        XCTAssertFalse(
            try FileManager.default.contentsOfDirectory(atPath: parent).contains {
                $0.hasPrefix((directory as NSString).lastPathComponent + ".")
            })
    }
}
