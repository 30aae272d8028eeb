import LockstepNN
import LockstepTensor
import XCTest

final class SummaryTests: XCTestCase {
    /// Every model at every width, character by character as Keras prints it.
    func testAgainstKeras() throws {
        for test in try golden("summaries").items {
            let model = try TestModel(rawValue: test["model"]!.text!)!.make()
            let lineLength = test["line_length"]!.number.map { Int($0) }, columns = Int(test["columns"]!.number!)
            let got = model.summaryText(lineLength: lineLength, columns: columns), want = test["text"]!.text!
            guard got != want else { continue }
            let differing = zip(
                got.split(separator: "\n", omittingEmptySubsequences: false), want.split(separator: "\n", omittingEmptySubsequences: false)
            ).first { $0 != $1 }
            XCTFail(
                """
                \(test["model"]!.text!), line length \(lineLength.map(String.init) ?? "by default"), \(columns) columns:
                \(got)is not what Keras prints:
                \(want)first difference:
                \(differing.map { "\($0.0)\n\($0.1)" } ?? "the number of lines")
                """)
        }
    }

    /// Widths that are none, or too small for a table: Keras' least, with 80 columns where the width is no positive number.
    func testNarrowTerminals() throws {
        clearSession()
        let model = Sequential([Input([28, 28]), Flatten(), Dense(128), Dense(10)])
        let narrow = model.summaryText(columns: 20)
        // As Keras 3.15.1 prints it with COLUMNS=20.
        XCTAssertTrue(
            narrow.hasPrefix(
                """
                Model: "sequential"
                ┏━━━━━━┳━━━┳━━━┓
                ┃ Lay… ┃ … ┃ … ┃
                ┃ (ty… ┃ … ┃ # ┃
                ┡━━━━━━╇━━━╇━━━┩
                │ fla… │ … │ 0 │
                │ (Fl… │ … │   │
                ├──────┼───┼───┤
                │ den… │ … │ … │
                """), narrow)
        for columns in [1, 2, 10, 16, 19] { XCTAssertEqual(model.summaryText(columns: columns), narrow, "\(columns)") }
        for columns in [0, -5, .min] { XCTAssertEqual(model.summaryText(columns: columns), model.summaryText(columns: 80), "\(columns)") }
        XCTAssertEqual(model.summaryText(columns: .max), model.summaryText(columns: 200))
        XCTAssertEqual(model.summaryText(lineLength: .min), narrow)
        XCTAssertGreaterThan(model.summaryText(lineLength: .max).count, 10_000)
    }

    /// Sizes in steps of 1024, thousands with commas.
    func testCounts() {
        clearSession()
        let model = Sequential([Input([1000]), Dense(1000, useBias: false)])
        let text = model.summaryText(columns: 80)
        XCTAssertTrue(text.contains(" Total params: 1,000,000 (3.81 MB)\n"), text)
    }
}
