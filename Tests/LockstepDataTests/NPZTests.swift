import Foundation
import LockstepData
import LockstepTensor
import XCTest

/// Archives come from NumPy (see golden.py).
final class NPZTests: FileTestCase {
    func testStoredAndDeflated() throws {
        for kind in ["stored", "deflated"] {
            let arrays = try NPZ.read(file("a.npz", golden(GoldenFiles.npz, kind)))
            XCTAssertEqual(arrays.map(\.name), ["x", "y", "a/b"], kind)
            XCTAssertEqual(arrays[0].tensor.shape, [2, 3], kind)
            XCTAssertEqual(arrays[0].tensor.scalars, [0, 1, 2, 3, 4, 5], kind)
            XCTAssertEqual(arrays[1].tensor.int32Scalars, [3, 1, 2], kind)
            XCTAssertEqual(arrays[2].tensor.shape, [0], kind)
        }
    }

    private let arrays: [(name: String, tensor: Tensor)] = [
        ("x", Tensor((0 ..< 1000).map { Float($0) * 0.5 }, shape: [10, 100])),
        ("labels", Tensor([1, -2, 3] as [Int32])),
        ("größe", Tensor([200, 100] as [UInt8])),
        ("mask", Tensor([true, false])),
    ]

    /// A shape that does not fit is known before the elements are read: here there are none that could be.
    func testShapesAreSeenBeforeElements() throws {
        struct Unfit: Error {}
        try NPZ.write([("x", .zeros([3, 100])), ("y", .zeros([3]))], to: path("f.npz"))
        var seen: [String: Shape] = [:]
        XCTAssertEqual(try NPZ.open(path("f.npz"), fits: { seen[$0] = $1 }).map(\.name), ["x", "y"])
        XCTAssertEqual(seen, ["x": [3, 100], "y": [3]])
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path("f.npz")))
        let header = try XCTUnwrap(bytes.range(of: Data("NUMPY".utf8)))
        // Damaged elements, which a checksum tells once they are read.
        bytes[header.upperBound + 300] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path("f.npz")))
        XCTAssertThrowsError(try NPZ.open(path("f.npz"), fits: { _, _ in throw Unfit() })) { XCTAssert($0 is Unfit, "\($0)") }
        XCTAssertThrowsError(try NPZ.open(path("f.npz"))) { XCTAssert($0 is DataError, "\($0)") }
    }

    func testWhatIsWrittenIsReadBack() throws {
        for compressed in [false, true] {
            try NPZ.write(arrays, to: path("w.npz"), compressed: compressed)
            let read = try NPZ.read(path("w.npz"))
            XCTAssertEqual(read.map(\.name), arrays.map(\.name))
            for (read, written) in zip(read, arrays) {
                XCTAssertEqual(read.tensor.shape, written.tensor.shape)
                XCTAssertEqual(read.tensor.dtype, written.tensor.dtype)
                XCTAssertEqual(read.tensor.scalars, written.tensor.scalars)
            }
        }
    }

    /// The members of a stored archive are what NumPy writes, under the names that NumPy looks for.
    func testWritesNumPysMembers() throws {
        try NPZ.write([("w", Tensor([0.5, -1, 2, 3, 4, 1e-3] as [Float], shape: [2, 3]))], to: path("w.npz"))
        let bytes = Data(try bytes(of: "w.npz"))
        XCTAssertEqual(Array(bytes.prefix(4)), [0x50, 0x4b, 3, 4])
        XCTAssertNotNil(bytes.range(of: Data("w.npy".utf8)))
        XCTAssertNotNil(bytes.range(of: Data(try golden(GoldenFiles.npy, "written float32"))))
    }

    func testTheSameArraysMakeTheSameBytes() throws {
        try NPZ.write(arrays, to: path("1.npz"), compressed: true)
        sleep(2)  // zip's clock ticks every two seconds
        try NPZ.write(arrays, to: path("2.npz"), compressed: true)
        XCTAssertEqual(try bytes(of: "1.npz"), try bytes(of: "2.npz"))
    }

    func testCompressionCompresses() throws {
        let zeros: [(name: String, tensor: Tensor)] = [("z", .zeros([10_000]))]
        try NPZ.write(zeros, to: path("s.npz"))
        try NPZ.write(zeros, to: path("c.npz"), compressed: true)
        XCTAssertGreaterThan(try bytes(of: "s.npz").count, 40_000)
        XCTAssertLessThan(try bytes(of: "c.npz").count, 1_000)
    }

    // MARK: What is not read or written

    func testNoArchive() throws {
        assertDataError(path("none.npz"), "no such file") { try NPZ.read(path("none.npz")) }
        let text = try file("text.npz", Array("hello, world; not an archive at all".utf8))
        assertDataError(text, "expected an .npz file") { try NPZ.read(text) }
        assertDataError(directory, "found a directory") { try NPZ.read(directory) }
        let empty = try file("empty.npz", [])
        XCTAssertThrowsError(try NPZ.read(empty))
        let archive = try golden(GoldenFiles.npz, "stored")
        let cut = try file("cut.npz", Array(archive.prefix(archive.count / 2)))
        assertDataError(cut, "cut short") { try NPZ.read(cut) }
    }

    func testErrorsNameTheMember() throws {
        let object = try file("o.npz", golden(GoldenFiles.npz, "object"))
        assertDataError("\(object), member o.npy", "pickled object arrays are not read") { try NPZ.read(object) }
    }

    func testAMemberThatIsNoArray() throws {
        var bytes = Data(try golden(GoldenFiles.npz, "stored"))
        // The name stands in the member's header and in the directory.
        while let place = bytes.range(of: Data("y.npy".utf8)) { bytes.replaceSubrange(place, with: Data("y.txt".utf8)) }
        let other = try file("t.npz", Array(bytes))
        assertDataError("\(other), member y.txt", "named ….npy only") { try NPZ.read(other) }
        while let place = bytes.range(of: Data("y.txt".utf8)) { bytes.replaceSubrange(place, with: Data("x.npy".utf8)) }
        let twice = try file("2.npz", Array(bytes))
        assertDataError("\(twice), member x.npy", "there twice") { try NPZ.read(twice) }
    }

    /// The elements lie between the headers: a flipped byte there leaves a proper `.npy` and is found by its CRC alone.
    func testDamagedElementsAreFound() throws {
        var bytes = try golden(GoldenFiles.npz, "stored")
        let place = try XCTUnwrap(Data(bytes).range(of: Data([0, 0, 0x80, 0x3f])))  // 1.0, the second element of x
        bytes[place.lowerBound + 1] ^= 1
        let damaged = try file("d.npz", bytes)
        assertDataError("\(damaged), member x.npy", "damaged") { try NPZ.read(damaged) }
    }

    func testNothingToWriteAndNamesTwice() throws {
        assertDataError(path("w.npz"), "at least one array") { try NPZ.write([], to: path("w.npz")) }
        let x = Tensor([1] as [Float])
        assertDataError(path("w.npz"), "two arrays are named 'x'") { try NPZ.write([("x", x), ("x", x)], to: path("w.npz")) }
        assertDataError(path("w.npz"), "a name for every array") { try NPZ.write([("", x)], to: path("w.npz")) }
        XCTAssertFalse(FileManager.default.fileExists(atPath: path("w.npz")))
        let nowhere = path("no/such/directory/w.npz")
        assertDataError(nowhere, "cannot be") { try NPZ.write([("x", x)], to: nowhere) }
    }
}
