import Foundation
import LockstepData
import XCTest

final class ByteBufferTests: FileTestCase {
    func testReadsAWholeFile() throws {
        let content = (0 ..< 70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let buffer = try ByteBuffer(contentsOf: file("content", content))
        XCTAssertEqual(buffer.withBytes(Array.init), content)
        XCTAssertEqual(Int(bitPattern: buffer.pointer) % 64, 0)
    }

    /// A terabyte of holes, of which only the first bytes are looked at.
    func testAFileThatIsLargerThanMemory() throws {
        for (first, error) in [("\u{1}", "expected an"), ("\u{1f}", "bytes of memory")] {
            let large = try file("large", Array(first.utf8) + [0x8b])
            guard truncate(large, 1 << 40) == 0 else { continue }
            assertDataError(large, error) { try IDX.read(large) }
            assertDataError(large, "expected an .npy array") { try NPY.read(large) }
            assertDataError(large, "expected an .npz file") { try NPZ.read(large) }
        }
    }

    func testGrowingKeepsWhatIsInUse() throws {
        let buffer = try ByteBuffer([1, 2, 3])
        try buffer.grow(to: 100_000, source: "x")
        XCTAssertEqual(buffer.withBytes(Array.init), [1, 2, 3])
        XCTAssertEqual(buffer.capacity, 100_000)
    }

    func testMissingDirectoryEmptyAndDevice() throws {
        assertDataError(path("none"), "no such file") { try ByteBuffer(contentsOf: path("none")) }
        assertDataError(directory, "found a directory") { try ByteBuffer(contentsOf: directory) }
        let empty = try file("empty", [])
        assertDataError(empty, "is empty") { try ByteBuffer(contentsOf: empty) }
        assertDataError("/dev/null", "device or a pipe") { try ByteBuffer(contentsOf: "/dev/null") }
    }

    func testMemoryThatIsNotThere() {
        assertDataError("x", "needs \(Int.max / 2) bytes of memory") { try ByteBuffer(capacity: Int.max / 2, source: "x") }
    }
}
