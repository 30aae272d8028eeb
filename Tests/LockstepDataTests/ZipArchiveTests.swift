import Foundation
import LockstepData
import LockstepTensor
import XCTest

/// Archives whose directories lie are refused before anything is inflated.
final class ZipArchiveTests: FileTestCase {
    private func archive(_ members: ZipMember...) throws -> String { try file("a.npz", zipBytes(members)) }

    /// The file of an array of bytes.
    private func npy(_ shape: String, _ elements: [UInt8]) -> [UInt8] {
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': \(shape), }\n"
        return [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + elements
    }

    func testWhatIsTrueIsRead() throws {
        let arrays = try NPZ.read(
            archive(ZipMember(name: "x.npy", bytes: npy("(2,)", [7, 8])), ZipMember(name: "y.npy", bytes: npy("()", [9]))))
        XCTAssertEqual(arrays.map(\.name), ["x", "y"])
        XCTAssertEqual(arrays[0].tensor.byteScalars, [7, 8])
    }

    func testSizesBeyondTheFile() throws {
        for size: UInt64 in [.max, .max - 63, 1 << 63, 1 << 40, 1000] {
            let path = try archive(ZipMember(name: "x.npy", bytes: npy("(2,)", [7, 8]), claimedStored: size, claimedInflated: size))
            assertDataError("\(path), member x.npy", "takes \(size) bytes of the archive", "damaged") { try NPZ.read(path) }
            let inflated = try archive(
                ZipMember(name: "x.npy", bytes: npy("(2,)", [7, 8]), claimedInflated: size, method: 8))
            guard size > 100_000 else { continue }
            assertDataError("\(inflated), member x.npy", "holds \(size) bytes", "cannot make so many") { try NPZ.read(inflated) }
        }
        let stored = try archive(ZipMember(name: "x.npy", bytes: npy("(2,)", [7, 8]), claimedInflated: 100))
        assertDataError("\(stored), member x.npy", "holds 100 bytes", "cannot make so many") { try NPZ.read(stored) }
    }

    func testMembersThatShareBytes() throws {
        var members = [ZipMember(name: "0.npy", bytes: npy("(3000,)", .init(repeating: 1, count: 3000)))]
        for index in 1 ..< 50 { members.append(ZipMember(name: "\(index).npy", sharing: 0)) }
        let path = try file("a.npz", zipBytes(members))
        XCTAssertThrowsError(try NPZ.read(path)) { XCTAssertTrue("\($0)".contains("bytes of the archive, the directory says"), "\($0)") }
    }

    /// Which of the two a reader takes would be its own choice.
    func testOfTwoMembersOfOneNameNoneIsRead() throws {
        let path = try archive(ZipMember(name: "x.npy", bytes: npy("()", [1])), ZipMember(name: "x.npy", bytes: npy("()", [2])))
        assertDataError("\(path), member x.npy", "is there twice") { try NPZ.read(path) }
        assertDataError("\(path), member x.npy", "is there twice") { try ZipArchive(reading: path, kind: "a .keras file") }
    }

    /// The last member's name is seen before the first one, which is damaged, is inflated.
    func testNamesFirst() throws {
        let path = try archive(
            ZipMember(name: "x.npy", bytes: npy("(2,)", [7, 8]), claimedInflated: 60_000, method: 8), ZipMember(name: "y.txt"))
        assertDataError("\(path), member y.txt", "named ….npy only") { try NPZ.read(path) }
        let other = try archive(ZipMember(name: "x.npy", method: 12))
        assertDataError("\(other), member x.npy", "zip's method 12") { try NPZ.read(other) }
    }

    /// What nobody wants is not inflated either: the first array is damaged.
    func testWantedArraysAlone() throws {
        let path = try archive(
            ZipMember(name: "x.npy", bytes: npy("(2,)", [7, 8]), claimedInflated: 60_000, method: 8),
            ZipMember(name: "y.npy", bytes: npy("()", [9])))
        XCTAssertEqual(try NPZ.open(path) { $0 == "y" }.map(\.name), ["y"])
        assertDataError(path, "no array of this kind") { try NPZ.open(path) { _ in throw DataError(path, "no array of this kind") } }
    }

    /// A member whose header claims more or less than the directory does is not inflated.
    func testTheArraysHeaderAgainstTheDirectory() throws {
        for shape in ["(1000000000000,)", "(1,)", "(4611686018427387904, 4)"] {
            let path = try archive(ZipMember(name: "x.npy", bytes: npy(shape, [7, 8])))
            assertDataError("\(path), member x.npy", "its header says shape") { try NPZ.read(path) }
        }
        let axes = try archive(ZipMember(name: "x.npy", bytes: npy("(" + String(repeating: "1,", count: 70) + ")", [7])))
        assertDataError("\(axes), member x.npy", "70 axes; expected at most 64") { try NPZ.read(axes) }
    }

    /// libzip itself lets no control character through; there are others that turn a line round or break it.
    func testNamesThatWouldSpoilTheLine() throws {
        let path = try archive(ZipMember(name: "\u{202e}x\u{2028}.txt"))
        XCTAssertThrowsError(try NPZ.read(path)) { XCTAssertTrue("\($0)".contains("member \\u{202e}x .txt"), "\($0)") }
        let long = try archive(ZipMember(name: String(repeating: "x", count: 60_000)))
        XCTAssertThrowsError(try NPZ.read(long)) { XCTAssertLessThan("\($0)".count, 1000) }
    }

    func testLargestMember() throws {
        let path = try archive(ZipMember(name: "x.npy", bytes: npy("(2,)", [7, 8])))
        let archive = try ZipArchive(reading: path, kind: "an archive")
        assertDataError("\(path), member x.npy", "expected at most 10") { try archive.member(0, limit: 10) }
    }

    // MARK: Writing

    func testComment() throws {
        try ZipArchive.write([("a", [])], to: path("c.zip"), comment: "sha256 of everything: ä")
        XCTAssertEqual(try ZipArchive(reading: path("c.zip"), kind: "an archive").comment, "sha256 of everything: ä")
        try ZipArchive.write([("a", [])], to: path("c.zip"))
        XCTAssertEqual(try ZipArchive(reading: path("c.zip"), kind: "an archive").comment, "")
        let long = String(repeating: "x", count: 1 << 16)
        assertDataError(path("d.zip"), "65536 bytes") { try ZipArchive.write([("a", [])], to: path("d.zip"), comment: long) }
    }

    /// What is written is read back by libzip, also where the number of members has its place beyond the 16 bits.
    func testManyMembers() throws {
        let bytes = try ByteBuffer([1, 2, 3])
        try withExtendedLifetime(bytes) {
            let part = bytes.withBytes { $0 }, nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            try ZipArchive.write((0 ..< 66_000).map { ("\($0)", [part, nothing, part]) }, to: path("many.zip"))
        }
        let many = try ZipArchive(reading: path("many.zip"), kind: "an archive")
        XCTAssertEqual(many.names.count, 66_000)
        XCTAssertEqual(try many.member(65_999).withBytes(Array.init), [1, 2, 3, 1, 2, 3])
    }

    /// What is at the path stays what it is: a link leads to the file, a device is written to.
    func testLinksAndDevices() throws {
        let x = Tensor([1, 2] as [Float])
        try FileManager.default.createSymbolicLink(atPath: path("link.npz"), withDestinationPath: "target.npz")
        for _ in 0 ..< 2 { try NPZ.write([("x", x)], to: path("link.npz")) }
        XCTAssertEqual(try FileManager.default.destinationOfSymbolicLink(atPath: path("link.npz")), "target.npz")
        XCTAssertEqual(try NPZ.read(path("target.npz"))[0].tensor.scalars, [1, 2])
        try FileManager.default.createSymbolicLink(atPath: path("null.npz"), withDestinationPath: "/dev/null")
        try NPZ.write([("x", x)], to: path("null.npz"))
        try NPY.write(x, to: path("null.npz"))
        var status = stat()
        XCTAssertEqual(stat("/dev/null", &status), 0)
        XCTAssertEqual(status.st_mode & S_IFMT, S_IFCHR)
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: directory).sorted(), ["link.npz", "null.npz", "target.npz"])
    }

    /// A pipe without a writer is refused rather than waited for, whatever it is read as.
    func testPipesAreNotWaitedFor() {
        let pipe = path("pipe")
        XCTAssertEqual(mkfifo(pipe, 0o600), 0)
        for read in [{ _ = try NPY.read(pipe) }, { _ = try NPZ.read(pipe) }, { _ = try IDX.read(pipe) }] as [() throws -> Void] {
            assertDataError(pipe, "found a device or a pipe") { try read() }
        }
    }
}
