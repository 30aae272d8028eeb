import Foundation
import LockstepNN
import XCTest

/// What is read and refused is what Python's `json` reads and refuses, but for the limits, keys that are there twice and halves of
/// surrogate pairs, which Swift's text cannot hold.
final class JSONTests: XCTestCase {
    private func read(_ text: String) throws -> ConfigValue { try ConfigValue(json: Data(text.utf8)) }

    private func refused(_ text: String, _ problem: String, line: UInt = #line) {
        XCTAssertThrowsError(try read(text), text, line: line) {
            XCTAssertTrue("\($0)".contains(problem), "no '\(problem)' in: \($0)", line: line)
        }
    }

    func testValues() throws {
        XCTAssertEqual(try read(" null "), .null)
        XCTAssertEqual(try read("[true,false, []\t,\r\n{}]"), .array([true, false, .array([]), .object([])]))
        XCTAssertEqual(try read("\u{feff}{\"b\": 1, \"a\": {\"c\": [2]}}"), .object(["b": 1, "a": .object(["c": .array([2])])]))
        // Keys keep the order that they are written in.
        XCTAssertEqual(try read(#"{"z":1,"y":2,"x":3}"#).json, #"{"z": 1, "y": 2, "x": 3}"#)
    }

    func testNumbers() throws {
        XCTAssertEqual(try read("[0, -0, 12, -34]"), .array([0, 0, 12, -34]))
        XCTAssertEqual(
            try read("[0.5, -1e3, 1E-2, 2e+0, 1.5e300]"), .array([0.5, .double(-1000), .double(0.01), .double(2), .double(1.5e300)]))
        XCTAssertEqual(try read("[9223372036854775807, -9223372036854775808]"), .array([.int(.max), .int(.min)]))
        // Beyond 64 bits: the nearest double.
        XCTAssertEqual(try read("9223372036854775808"), .double(9_223_372_036_854_775_808))
        XCTAssertEqual(try read("[Infinity, -Infinity]"), .array([.double(.infinity), .double(-.infinity)]))
        guard case .double(let nan) = try read("NaN") else { return XCTFail("NaN is no number") }
        XCTAssertTrue(nan.isNaN)
        for text in ["01", "+1", "1.", ".5", "1e", "0x1", "-", "1_000", "inf", "nan", "-NaN", "- 1"] { refused(text, "line 1, column ") }
        refused("1e999", "the number 1e999 is beyond what a double holds")
        refused(String(repeating: "9", count: 400), "beyond what a double holds")
        refused(String(repeating: "9", count: 5000), "a number of 5000 figures")
    }

    func testTexts() throws {
        XCTAssertEqual(try read(#""\"\\\/\b\f\n\r\t\u0041\u00e4\u20AC""#), .string("\"\\/\u{8}\u{c}\n\r\tAä€"))
        XCTAssertEqual(try read(#""x\ud83d\ude00y😀""#), .string("x😀y😀"))
        XCTAssertEqual(try read(#""\u0000""#), .string("\0"))
        for half in [#""\ud83d""#, #""\ude00""#, #""\ud83dx""#, #""\ud83d\u0041""#] { refused(half, "half of a surrogate pair") }
        for short in [#""\u12""#, #""\u+123""#, #""\u-000""#, #""\ud83d\u12""#] { refused(short, "hexadecimal figures") }
        refused(#""\x""#, "one of")
        refused("\"a\nb\"", "control character 0xa")
        refused("\"abc", "at the end of the text, found the end of the text")
        for bytes in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf5, 0x80, 0x80, 0x80]] as [[UInt8]] {
            XCTAssertThrowsError(try ConfigValue(json: Data([0x22] + bytes + [0x22]))) {
                XCTAssertTrue("\($0)".contains("not valid UTF-8"), "\($0)")
            }
        }
    }

    func testWhatIsNoJSONIsNamedByLineAndColumn() {
        refused("", "line 1, column 1: expected a value, found the end of the text")
        refused("[1,\n 2,\n  ]", "line 3, column 3: expected a value, found ]")
        refused("{\"a\": 1,}", "line 1, column 9: expected a key in quotation marks, found }")
        refused("{\"a\" 1}", "line 1, column 6: expected : after the key, found 1")
        refused("[1 2]", "line 1, column 4: expected , or ], found 2")
        refused("[1] x", "line 1, column 5: expected the end of the text, found x")
        refused("{'a': 1}", "line 1, column 2: expected a key in quotation marks, found '")
        refused("\u{1b}", "found the byte 0x1b")
        refused("{\"a\": 1,\n\"a\": 2}", "line 2, column 1: the key \"a\" is there twice")
    }

    func testDepthAndWidthHaveLimits() throws {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        XCTAssertNoThrow(try read(nested(512)))
        refused(nested(513), "more than 512 levels")
        refused(String(repeating: "[", count: 1_000_000), "more than 512 levels")
        refused(String(repeating: "{\"a\":", count: 1_000_000), "more than 512 levels")
        refused("[" + String(repeating: "0,", count: 1_048_576) + "0]", "more than 1048576 values")
    }

    /// Python reads its words for what is not finite; others read null.
    func testNumbersThatAreNotFinite() throws {
        let value: ConfigValue = .object(["a": .array([.double(.nan), .double(.infinity)]), "b": .double(-.infinity)])
        XCTAssertEqual(value.json, #"{"a": [NaN, Infinity], "b": -Infinity}"#)
        XCTAssertEqual(value.strictJSON, #"{"a": [null, null], "b": null}"#)
        XCTAssertEqual(try read(value.json).json, value.json)
    }

    func testWhatIsWrittenIsReadBack() throws {
        let value: ConfigValue = .object([
            "text \"\\\n\u{1}\u{7f}": "ä€😀", "numbers": .array([.int(.min), 1e-7, 123456789.125, 1e-300]),
            "nothing": nil, "yes": true, "inner": .object(["list": .array([])]),
        ])
        XCTAssertEqual(try read(value.json), value)
    }
}
