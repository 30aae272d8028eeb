import LockstepData
import XCTest

final class PythonLiteralTests: XCTestCase {
    func testLiterals() {
        XCTAssertEqual(PythonLiteral(" 'a b' "), .string("a b"))
        XCTAssertEqual(PythonLiteral("\"it's\""), .string("it's"))
        XCTAssertEqual(PythonLiteral("-12"), .integer(-12))
        XCTAssertEqual(PythonLiteral("10L"), .integer(10))
        XCTAssertEqual(PythonLiteral("True"), .boolean(true))
        XCTAssertEqual(PythonLiteral("None"), PythonLiteral.none)
        XCTAssertEqual(PythonLiteral("()"), .sequence([]))
        XCTAssertEqual(PythonLiteral("(3,)"), .sequence([.integer(3)]))
        XCTAssertEqual(PythonLiteral("[('a', '<f4'), ]"), .sequence([.sequence([.string("a"), .string("<f4")])]))
        XCTAssertEqual(
            PythonLiteral("{'descr': '<f4', 'fortran_order': False,\n 'shape': (2, 3), }   \n"),
            .dictionary(["descr": .string("<f4"), "fortran_order": .boolean(false), "shape": .sequence([.integer(2), .integer(3)])]))
    }

    func testWhatIsNone() {
        for text in [
            "", "'a", "'a\\n'", "(1", "(1 2)", "(,)", "{'a' 1}", "{1: 2}", "{'a': }", "{'a': 1", "tru", "-", "1 2", "99999999999999999999",
            "{'a': 1}x",
            String(repeating: "(", count: 100_000), "é", "1.5",
        ] { XCTAssertNil(PythonLiteral(text), text.prefix(20).description) }
    }
}
