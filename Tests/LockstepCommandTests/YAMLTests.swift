import Foundation
import RankJob
import XCTest

/// How the text of a config is read, by what `lockstep summary` makes of a model.
final class YAMLTests: XCTestCase {
    private func summary(_ text: String, environment: [String: String] = [:]) throws -> RankJob.Result {
        let folder = try Folder()
        return try CommandRun.run(["summary", folder.write("config.yaml", text)], environment: environment)
    }

    private func check(_ text: String, environment: [String: String] = [:], says parts: String..., line: UInt = #line) throws {
        expectRefusal(try summary(text, environment: environment), parts, line: line)
    }

    /// A model of `layers`, which may refer to anchors in `before`.
    private func model(_ layers: String, before: String = "") -> String {
        "model:\n  layers:\n    - Input: {shape: [4]}\n\(before)\(layers)"
    }

    /// The keys of a mapping, or of several, are taken over; a key of one's own wins, then the first mapping that has it.
    func testMergeKeys() throws {
        let result = try summary(
            model(
                """
                    - Dense: {<<: *small, name: one}
                    - Dense: {<<: [*named, *small], name: three}
                    - Dense: {"units": 2, <<: {<<: *small}}

                """, before: "    - Dense: &small {units: 3, use_bias: false}\n    - Dense: &named {name: two, units: 5}\n"))
        XCTAssertEqual(result.status, 0, result.report)
        XCTAssertEqual(result.output.split(separator: "(None, 5)").count, 3, result.output)
        for part in ["one (Dense)", "three (Dense)", "(None, 2)"] {
            XCTAssertTrue(result.output.contains(part), "no \(part) in \(result.output)")
        }
    }

    func testMergeKeysOfWhatIsNoMapping() throws {
        try check(
            model("    - Dense: {<<: 3}\n"),
            says: "config.yaml:4:19: expected a mapping after <<, or a list of mappings, found the number 3")
        try check(model("    - Dense: {<<: [{units: 3}, x]}\n"), says: "or a list of mappings, found a list")
        try check(model("    - Dense: {<<: {units: 3}, <<: {units: 4}}\n"), says: "config.yaml:4:31: the key \"<<\" is there twice")
    }

    func testAliases() throws {
        let result = try summary(model("    - Dense: *dense\n    - Dense: *dense\n", before: "    - Dense: &dense {units: 3}\n"))
        XCTAssertEqual(result.status, 0, result.report)
        try check(model("    - Dense: *dense\n"), says: "config.yaml:4:14: *dense: there is no &dense that is complete before it")
        try check("model: &m {layers: [*m]}\n", says: "config.yaml:1:21: *m: there is no &m that is complete before it")
    }

    /// Ten levels of ten aliases are ten thousand million values; as keys they would be compared.
    func testAliasesOfAliases() throws {
        func bomb(_ item: (Int) -> String) -> String {
            (0 ..< 12).map { level in "a\(level): &a\(level) [\(Array(repeating: item(level), count: 10).joined(separator: ", "))]\n" }
                .joined()
        }
        try check(bomb { $0 == 0 ? "x" : "*a\($0 - 1)" }, says: "more than 1048576 values, those that aliases repeat included")
        try check(
            "a0: &a0 {x: 1}\n" + (1 ..< 40).map { "a\($0): &a\($0) {<<: *a0, l: *a\($0 - 1), r: *a\($0 - 1)}\n" }.joined(),
            says: "more than 1048576 values")
        try check("a: &a [x, y]\n? *a\n: 1\n", says: "config.yaml:2:3: expected a word as a key, found something else")
    }

    func testDepth() throws {
        for open in ["[", "{a: ", "- ", "? "] {
            try check(String(repeating: open, count: 100_000), says: "config.yaml:1:")
        }
    }

    func testDirectives() throws {
        try check(
            (0 ..< 200_000).map { "%TAG !a\($0)! x\n" }.joined() + "--- a\n", says: "200000 lines that begin with %; expected at most 100")
    }

    func testNumbers() throws {
        func units(_ text: String) -> String { model("    - Dense: {units: \(text)}\n") }
        try check(units("1e999"), says: "config.yaml:4:22: 1e999: is beyond what a number can be")
        try check(units("99999999999999999999"), says: "Dense.units: expected a whole number")
        try check(units("!!str 3"), says: "Dense.units: expected a whole number, found \"3\"")
        try check(units("!size 3"), says: "config.yaml:4:22: the tag !size is not read")
        XCTAssertEqual(try summary(units("!!int \"3\"")).status, 0)
        XCTAssertEqual(try summary(units("1_0")).status, 0)
    }

    func testEnvironmentThatGrows() throws {
        let environment = ["LOCKSTEP_TEST_LONG": String(repeating: "x", count: 60_000)]
        let name = "${LOCKSTEP_TEST_LONG}"
        try check(
            "model: \(String(repeating: name, count: 20))\n", environment: environment,
            says: "config.yaml:1:8: is longer than 1048576 bytes with what ${…} stands for")
        try check(
            "model:\n\(String(repeating: "- \(name)\n", count: 1200))", environment: environment,
            says: "longer than 64 MB with what ${…} stands for")
    }

    func testFilesThatAreNoText() throws {
        let folder = try Folder()
        XCTAssertEqual(mkfifo(folder["pipe.yaml"], 0o600), 0)
        expectRefusal(try CommandRun.run(["summary", folder["pipe.yaml"]]), ["pipe.yaml: expected a regular file"])
        try check("a: \u{1}\n", says: "config.yaml: not YAML: control characters are not allowed")
        try check("a: 1\n---\nb: 2\n", says: "config.yaml:2:1: expected one document, found another")
        let key = (0 ..< 70).map { _ in "a" }.joined(separator: ".")
        expectRefusal(
            try CommandRun.run(["train", folder.write("c.yaml", "fit: {epochs: 1}\n"), "--set", "\(key)=1"]),
            ["70 keys deep; expected at most 64"])
    }
}
