import LockstepSystem
import XCTest

final class LineTests: XCTestCase {
    func testALineIsOneLineAndMovesNoCursor() {
        XCTAssertEqual("a\nb\r\n\tc".asLine(), "a b   c")
        XCTAssertEqual("\u{1b}[2J\u{7}\u{202e}x".asLine(), "\\u{1b}[2J\\u{7}\\u{202e}x")
        XCTAssertEqual("Größe – 数".asLine(), "Größe – 数")
    }

    func testALongLineKeepsItsEnds() {
        let line = ("model.keras: " + String(repeating: "x", count: 5000) + "; copy it again").asLine()
        XCTAssertLessThan(line.count, 810)
        XCTAssert(line.hasPrefix("model.keras: xxx") && line.hasSuffix("; copy it again"))
    }
}
