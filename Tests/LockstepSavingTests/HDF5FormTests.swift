import Foundation
import LockstepData
import LockstepSaving
import LockstepTensor
import XCTest

/// The forms that HDF5 has for the same thing, in files by h5py (see golden_hdf5.py).
final class HDF5FormTests: SavingTestCase {
    private func root(_ text: String) throws -> HDF5Group {
        try HDF5File(ByteBuffer(contentsOf: golden("f.h5", text)), source: "f.h5").root
    }
    private func message(_ body: () throws -> Any?) -> String { do { return "read \(try body() as Any)" } catch { return "\(error)" } }
    private func floats(_ group: HDF5Group, _ name: String, _ shape: Shape) throws -> [Float] {
        try XCTUnwrap(group.dataset(name), name).read(shape, .float32).scalars
    }

    private func checkAttributes(_ root: HDF5Group) throws {
        XCTAssertEqual(try root.attribute("text"), ["größe"])
        XCTAssertEqual(try root.attribute("fixed"), ["ascii"])
        XCTAssertEqual(try root.attribute("names"), ["dense", "", "dense_1"])
        XCTAssertEqual(try root.attribute("layer_names"), ["conv", "pool_12"])
        XCTAssertNil(try root.attribute("none"))
        XCTAssertTrue(try root.hasAttribute("number"))
        XCTAssertEqual(message { try root.attribute("number") }, "f.h5: expected attribute number to be a text, found int64")
    }

    private func checkTypes(_ types: HDF5Group) throws {
        for name in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"] {
            XCTAssertEqual(try floats(types, name, [3]), [1.5, -2.25, .infinity], name)
        }
        for name in ["i1", "u1", "<i2", ">i2", "<u4", ">i4", "<i8", ">u8"] {
            let dataset = try XCTUnwrap(types.dataset(name))
            XCTAssertEqual(try dataset.read([3], .int32).int32Scalars, [1, 0, 100], name)
            XCTAssertEqual(try dataset.read([3], .uint8).scalars, [1, 0, 100], name)
        }
        XCTAssertEqual(try types.dataset("negative")?.read([2], .int32).int32Scalars, [-1, -128])
        let lost = "which %@ cannot hold; the file was saved from another model"
        for (name, shape, dtype, expected) in [
            ("negative", [2], .uint8, "element 0 is -1, " + String(format: lost, "uint8")),
            ("large", [1], .int32, "element 0 is 1099511627776, " + String(format: lost, "int32")),
            ("double", [2], .float32, "element 1 is 1e+300, " + String(format: lost, "float32")),
            ("text", [2], .float32, "expected float32, found text; in Keras, save the model as float32"),
        ] as [(String, Shape, DType, String)] {
            XCTAssertEqual(message { try types.dataset(name)?.read(shape, dtype) }, "f.h5, types/\(name): \(expected)")
        }
        XCTAssertEqual(
            message { try types.dataset("unsigned")?.readInteger() },
            "f.h5, types/unsigned: element 0 is 18446744073709551615, \(String(format: lost, "int64"))")
        XCTAssertEqual(try types.dataset("large")?.readInteger(), 1 << 40)
    }

    private func checkLayouts(_ layouts: HDF5Group) throws {
        XCTAssertEqual(try floats(layouts, "scalar", []), [2.5])
        XCTAssertEqual(try floats(layouts, "empty", [0, 3]), [])
        XCTAssertEqual(try floats(layouts, "unwritten", [2, 2]), [0.5, 0.5, 0.5, 0.5])
        XCTAssertEqual(try floats(layouts, "unwritten_zeros", [2]), [0, 0])
        XCTAssertEqual(try floats(layouts, "compact", [2]), [3, 4])
        XCTAssertEqual(try floats(layouts, "whole", [7, 10]), GoldenHDF5.plane)
        XCTAssertEqual(
            message { try layouts.dataset("null")?.read([], .float32) },
            "f.h5, layouts/null: expected shape (), found no elements (a null dataspace); the file was saved from another model")
        XCTAssertEqual(
            message { try layouts.dataset("null")?.readInteger() },
            "f.h5, layouts/null: expected a whole number, found float32 of no elements (a null dataspace)")
    }

    private func checkLinks(_ group: HDF5Group) throws {
        for name in ["soft", "external"] {
            XCTAssertTrue(try group.names().contains(name))
            XCTAssertEqual(message { try group.group(name) }, "f.h5, \(group.path)/\(name): is a link, which is not followed")
            XCTAssertEqual(message { try group.dataset(name) }, "f.h5, \(group.path)/\(name): is a link, which is not followed")
        }
    }

    func testTheOldestForm() throws {
        let root = try root(GoldenHDF5.earliest)
        XCTAssertEqual(try root.names(), ["chunks", "layouts", "links", "many", "types"])
        try checkAttributes(root)
        try checkTypes(try XCTUnwrap(root.group("types")))
        try checkLayouts(try XCTUnwrap(root.group("layouts")))
        try checkLinks(try XCTUnwrap(root.group("links")))
        XCTAssertEqual(try root.group("links/own/own/own")?.names(), ["external", "own", "soft"])
        XCTAssertEqual(try root.group("many")?.names().count, 100)
        XCTAssertNotNil(try root.group("many/layer_77"))

        let chunks = try XCTUnwrap(root.group("chunks")), plane = GoldenHDF5.plane, cube = GoldenHDF5.cube
        for name in ["plain", "gzip"] { XCTAssertEqual(try floats(chunks, name, [7, 10]), plane, name) }
        XCTAssertEqual(try floats(chunks, "all", [3, 5, 4]), cube)
        XCTAssertEqual(try floats(chunks, "checksum", [5, 4]), Array(cube.prefix(20)))
        XCTAssertEqual(try chunks.dataset("bytes")?.read([7], .int32).int32Scalars, [0, 1, 2, 3, 4, 5, 6])
        XCTAssertEqual(try floats(chunks, "part", [4, 4]), [Float](repeating: -1, count: 8) + [7, 7, -1, -1, 7, 7, -1, -1])
        XCTAssertEqual(try floats(chunks, "large_chunk", [2, 3]), Array(plane[0 ..< 3] + plane[10 ..< 13]))
        XCTAssertEqual(try chunks.dataset("many")?.read([300], .int32).int32Scalars, (0 ..< 300).map { Int32($0) })
        XCTAssertTrue(
            message { try self.floats(chunks, "lzf", [7, 10]) }.contains(
                "f.h5, chunks/lzf: is compressed by filter 32000, which is not read"))
    }

    func testTheNewestForm() throws {
        let root = try root(GoldenHDF5.latest), group = try XCTUnwrap(root.group("layers/dense")), plane = GoldenHDF5.plane
        XCTAssertEqual(try root.attribute("text"), ["größe"])
        XCTAssertEqual(try root.attribute("names"), ["dense", "", "dense_1"])
        for name in ["plain", "whole", "whole_gzip"] { XCTAssertEqual(try floats(group, name, [7, 10]), plane, name) }
        XCTAssertEqual(try floats(group, "unwritten", [2, 2]), [0.5, 0.5, 0.5, 0.5])
        XCTAssertEqual(
            message { try self.floats(group, "chunked", [7, 10]) },
            "f.h5, layers/dense/chunked: keeps its blocks in an index of HDF5 1.10, which is not read; \(wayOut)")
        try checkLinks(group)
        let ordered = try self.root(GoldenHDF5.ordered)
        XCTAssertEqual(try ordered.group("a")?.names(), ["b"])
    }

    private let wayOut = "save it with Keras 3, or with h5py's defaults"

    func testWhatIsNotReadIsSaid() throws {
        let root = try root(GoldenHDF5.dense)
        for name in ["many", "types"] {
            XCTAssertEqual(
                message { try root.group(name)?.names() },
                "f.h5, \(name): keeps what it holds in a fractal heap, which is not read; \(wayOut)")
        }
    }
}
