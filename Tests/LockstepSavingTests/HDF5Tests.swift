import Foundation
import LockstepData
import LockstepSaving
import LockstepTensor
import XCTest

final class HDF5Tests: XCTestCase {
    private func written(_ fill: (HDF5Writer) throws -> Void) throws -> HDF5File {
        let file = try HDF5Writer(source: "f.h5")
        try fill(file)
        return try HDF5File(ByteBuffer([UInt8](file.image().data)), source: "f.h5")
    }

    func testGroupsDatasetsAndAttributes() throws {
        let root = try written { file in
            try file.makeGroup("a/b", attributes: ["name": "größe"])
            try file.write(Tensor([1, -2, 3] as [Int32]), at: "a/b/int")
            try file.write(Tensor([1.5, .nan] as [Float], shape: [2, 1]), at: "a/b/float")
            try file.write(Tensor([200] as [UInt8], shape: []), at: "a/b/byte")
            try file.write(Tensor([] as [Float], shape: [0, 3]), at: "a/b/empty")
            for index in 0 ..< 200 { try file.makeGroup("many/\(index)", attributes: ["name": "\(index)"]) }
        }.root
        XCTAssertEqual(try root.names(), ["a", "many"])
        XCTAssertEqual(try root.group("many")?.names().count, 200)
        XCTAssertEqual(try root.group("many/137")?.attribute("name"), ["137"])
        let group = try XCTUnwrap(try root.group("a/b"))
        XCTAssertEqual(try group.names(), ["byte", "empty", "float", "int"])
        XCTAssertEqual(try group.attribute("name"), ["größe"])
        XCTAssertNil(try group.attribute("other"))
        XCTAssertNil(try root.group("a/c"))
        XCTAssertNil(try group.dataset("missing"))
        XCTAssertEqual(try group.dataset("int")?.read([3], .int32).int32Scalars, [1, -2, 3])
        XCTAssertEqual(try group.dataset("byte")?.read([], .uint8).scalar, 200)
        XCTAssertEqual(try group.dataset("byte")?.readInteger(), 200)
        XCTAssertEqual(try group.dataset("empty")?.read([0, 3], .float32).shape, [0, 3])
        let float = try XCTUnwrap(try group.dataset("float"))
        XCTAssertEqual(float.shape, [2, 1])
        XCTAssertEqual(float.type, "float32")
        XCTAssertTrue(try float.read([2, 1], .float32).scalars[1].isNaN)
    }

    func testWrongKindsAreErrors() throws {
        let root = try written { file in
            try file.makeGroup("g")
            try file.write(Tensor([1, 2] as [Float]), at: "g/d")
        }.root
        func message(_ body: () throws -> Any?) -> String { do { return "\(try body() as Any)" } catch { return "\(error)" } }
        let group = try XCTUnwrap(try root.group("g")), dataset = try XCTUnwrap(try group.dataset("d"))
        XCTAssertEqual(message { try root.dataset("g") }, "f.h5, g: expected a dataset, found something else")
        XCTAssertEqual(message { try root.group("g/d") }, "f.h5, g/d: expected a group, found something else")
        XCTAssertEqual(
            message { try dataset.read([3], .float32) }, "f.h5, g/d: expected shape (3,), found (2,); the file was saved from another model"
        )
        XCTAssertEqual(
            message { try dataset.read([2], .int32) }, "f.h5, g/d: expected int32, found float32; in Keras, save the model as int32")
        XCTAssertEqual(message { try dataset.readInteger() }, "f.h5, g/d: expected a whole number, found float32 of shape (2,)")
    }

    func testEverythingOpenedIsClosed() throws {
        func once() throws {
            let root = try written { file in
                try file.makeGroup("g", attributes: ["name": "n"])
                try file.write(.zeros([3]), at: "g/d")
                XCTAssertThrowsError(try file.write(.zeros([3]), at: "g/d"))
                XCTAssertThrowsError(try file.makeGroup("g/d/e"))
            }.root
            XCTAssertEqual(try root.group("g")?.dataset("d")?.read([3], .float32).scalars, [0, 0, 0])
        }
        try once()
        XCTAssertEqual(HDF5Writer.openObjects, 0)
        let file = try HDF5Writer(source: "f.h5")
        XCTAssertEqual(withExtendedLifetime(file) { HDF5Writer.openObjects }, 1)
    }
}
