// Reads what Golden/golden.py wrote: the values that Keras computes.
import Foundation
import LockstepNN
import LockstepTensor
import XCTest

/// One subject of the script: `try golden("losses")`.
func golden(_ subject: String) throws -> ConfigValue {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden/\(subject).json")
    return try ConfigValue(json: Data(contentsOf: file))
}

/// Graphs of every kind that LockstepTrainingTests/Golden/graphs.py writes: their configurations, and what Keras prints and plots of them.
func goldenGraphs() throws -> ConfigValue {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return try ConfigValue(json: Data(contentsOf: tests.appendingPathComponent("LockstepTrainingTests/Golden/graphs.json")))
}

extension ConfigValue {
    var text: String? { if case .string(let text) = self { text } else { nil } }
    var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
    /// An array of the script: `{"shape": …, "scalars": …}`.
    var tensor: Tensor {
        Tensor(self["scalars"]!.items.map { Float($0.number!) }, shape: Shape(self["shape"]!.items.map { Int($0.number!) }))
    }
}

/// |got - want| within `tolerance` of |want|, or of `floor` where that is smaller.
func assertNear(
    _ got: [Float], _ want: [Float], tolerance: Float = 1e-6, floor: Float = 0.1, _ note: @autoclosure () -> String = "",
    file: StaticString = #filePath, line: UInt = #line
) {
    guard got.count == want.count else { return XCTFail("\(note()): \(got.count) numbers, expected \(want.count)", file: file, line: line) }
    for (index, (got, want)) in zip(got, want).enumerated() where !(Swift.abs(got - want) <= tolerance * Swift.max(floor, Swift.abs(want)))
    {
        return XCTFail("\(note()) [\(index)]: \(got), Keras has \(want)", file: file, line: line)
    }
}

/// Objects in any order of keys; numbers by value.
func assertSame(_ got: ConfigValue, _ want: ConfigValue, at path: String, line: UInt = #line) {
    switch (got, want) {
    case (.object(let a), .object(let b)):
        XCTAssertEqual(Set(a.map(\.key)), Set(b.map(\.key)), path, line: line)
        for entry in b { if let value = got[entry.key] { assertSame(value, entry.value, at: "\(path).\(entry.key)", line: line) } }
    case (.array(let a), .array(let b)):
        XCTAssertEqual(a.count, b.count, path, line: line)
        for (index, pair) in zip(a, b).enumerated() { assertSame(pair.0, pair.1, at: "\(path).\(index)", line: line) }
    default:
        if let a = got.number, let b = want.number { return XCTAssertEqual(Float(a), Float(b), path, line: line) }
        XCTAssertEqual(got, want, path, line: line)
    }
}

/// Both texts, and the first line in which they differ.
func difference(_ got: String, _ want: String) -> String {
    let lines = [got, want].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    let first = zip(lines[0], lines[1]).first { $0 != $1 }
    return "\n\(got)is not what Keras writes:\n\(want)first difference:\n\(first.map { "\($0.0)\n\($0.1)" } ?? "the number of lines")"
}
