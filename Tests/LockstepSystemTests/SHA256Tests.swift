import LockstepSystem
import XCTest

/// Against the examples of the standards.
final class SHA256Tests: XCTestCase {
    func testHashes() {
        // FIPS 180-4, examples "abc" and the empty message.
        XCTAssertEqual(
            SHA256.hexadecimal(Array("abc".utf8).withUnsafeBytes(SHA256.hash)),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        XCTAssertEqual(
            SHA256.hexadecimal([UInt8]().withUnsafeBytes(SHA256.hash)),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    func testKeyedHashes() {
        // RFC 4231, test case 2.
        XCTAssertEqual(
            SHA256.hexadecimal(SHA256.keyedHash(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }
}
