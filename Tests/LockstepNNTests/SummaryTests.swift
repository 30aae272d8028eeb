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

    /// Sizes in steps of 1024, thousands with commas.
    func testCounts() {
        clearSession()
        let model = Sequential([Input([1000]), Dense(1000, useBias: false)])
        let text = model.summaryText(columns: 80)
        XCTAssertTrue(text.contains(" Total params: 1,000,000 (3.81 MB)\n"), text)
    }
}
