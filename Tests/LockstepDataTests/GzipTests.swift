import LockstepData
import XCTest

/// Streams come from Python's gzip (see golden.py).
final class GzipTests: XCTestCase {
    private let content: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60]

    private func inflate(_ bytes: [UInt8], count: Int = 18) throws -> [UInt8] {
        try Gzip.inflate(ByteBuffer(bytes), count: count, source: "x.gz").withBytes(Array.init)
    }

    func testOneAndSeveralMembers() throws {
        XCTAssertEqual(try inflate(golden(GoldenFiles.gzip, "one member")), content)
        XCTAssertEqual(try inflate(golden(GoldenFiles.gzip, "three members")), content)
    }

    /// The last member says that it holds one byte; the first holds 100,008.
    func testExactlyWhatIsClaimed() throws {
        let stream = try golden(GoldenFiles.gzip, "growing")
        let inflated = try inflate(stream, count: 100_009)
        XCTAssertEqual(inflated.count, 100_009)
        XCTAssertEqual(inflated.last, 7)
        XCTAssertEqual(Array(inflated.prefix(8)), [0, 0, 8, 1, 0, 1, 0x86, 0xa1])
        assertDataError("x.gz", "holds more than the 100008 bytes") { try inflate(stream, count: 100_008) }
        // Fewer are for the caller to find: there may be no header yet.
        XCTAssertEqual(try inflate(stream, count: 100_010).count, 100_009)
        assertDataError("x.gz", "which its \(stream.count) compressed ones cannot make") { try inflate(stream, count: 1 << 40) }
    }

    /// However much a stream holds, no more is inflated than is asked for; from member to member.
    func testFirstBytes() throws {
        func prefix(_ name: String, _ count: Int) throws -> [UInt8] {
            try Gzip.prefix(of: ByteBuffer(golden(GoldenFiles.gzip, name)), count: count, source: "x.gz").withBytes(Array.init)
        }
        for name in ["one member", "three members"] {
            for count in 0 ... 18 { XCTAssertEqual(try prefix(name, count), Array(content.prefix(count)), name) }
            XCTAssertEqual(try prefix(name, 100), content)
        }
        XCTAssertEqual(try prefix("growing", 8), [0, 0, 8, 1, 0, 1, 0x86, 0xa1])
        assertDataError("x.gz", "damaged or cut short") {
            try Gzip.prefix(of: ByteBuffer([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 7, 7, 7]), count: 8, source: "x.gz")
        }
    }

    func testEveryFlippedByteOfContentOrTrailerIsFound() throws {
        let stream = try golden(GoldenFiles.gzip, "one member")
        for i in 10 ..< stream.count {
            var damaged = stream
            damaged[i] ^= 0x10
            assertDataError("x.gz", "damaged") { try inflate(damaged) }
        }
    }

    func testEveryCutIsFound() throws {
        let stream = try golden(GoldenFiles.gzip, "one member")
        for length in 2 ..< stream.count {
            assertDataError("x.gz", "damaged or cut short") { try inflate(Array(stream.prefix(length))) }
        }
    }

    func testWhatFollowsAStreamIsNotIgnored() throws {
        let stream = try golden(GoldenFiles.gzip, "one member")
        assertDataError("x.gz", "from byte \(stream.count)") { try inflate(stream + [1, 2, 3]) }
    }

    func testIsGzip() throws {
        XCTAssertTrue(try ByteBuffer([0x1f, 0x8b]).withBytes(Gzip.isGzip))
        XCTAssertFalse(try ByteBuffer([0x1f]).withBytes(Gzip.isGzip))
        XCTAssertFalse(try ByteBuffer([0x8b, 0x1f]).withBytes(Gzip.isGzip))
    }
}
