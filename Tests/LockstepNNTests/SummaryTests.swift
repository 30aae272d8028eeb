import LockstepNN
import LockstepTensor
import XCTest

final class SummaryTests: XCTestCase {
    /// Every stack of layers at every width, character by character as Keras prints it.
    func testAgainstKeras() throws {
        for test in try golden("summaries").items { try compare(TestModel(rawValue: test["model"]!.text!)!.make(), test) }
    }

    /// Graphs, with what their layers are connected to; models inside of models; what training changes.
    func testGraphsAgainstKeras() throws {
        for test in try golden("graph_summaries").items { try compare(TestGraph(rawValue: test["model"]!.text!)!.make(), test) }
    }

    /// The same of models that are read from Keras' configurations; the last are those of a ticket classifier, before and after it has
    /// grown a third output.
    func testReadModelsAgainstKeras() throws {
        let file = try goldenGraphs()
        for graph in file["graphs"]!.items {
            let model = try Model.make(graph["config"]!)
            for (key, isExpanded) in [("summary", false), ("summary_nested", true)] {
                guard let want = graph[key]?.text else { continue }
                let got = model.summaryText(columns: 80, expandNested: isExpanded)
                if got != want { XCTFail("\(graph["name"]!.text!), \(key): \(difference(got, want))") }
            }
        }
        for ticket in file["tickets"]!.items {
            let model = try Model.make(ticket["config"]!)
            for summary in ticket["summaries"]!.entries {
                let got = model.summaryText(columns: Int(summary.key)!), want = summary.value.text!
                if got != want { XCTFail("ticket, \(summary.key) columns: \(difference(got, want))") }
            }
        }
    }

    private func compare(_ model: Model, _ test: ConfigValue) {
        let lineLength = test["line_length"]!.number.map { Int($0) }, columns = Int(test["columns"]!.number!)
        let got = model.summaryText(
            lineLength: lineLength, columns: columns, expandNested: test["expand_nested"] == true,
            showTrainable: test["show_trainable"] == true)
        let want = test["text"]!.text!
        if got != want { XCTFail("\(test["model"]!.text!), line length \(lineLength ?? 0), \(columns) columns: \(difference(got, want))") }
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

    /// A table with connections needs more room: Keras 3.15.1 refuses 18 and 20 characters, and prints 19 and 21.
    func testNarrowGraphs() throws {
        let model = try TestGraph.twoInputs.make()
        XCTAssertEqual(model.summaryText(lineLength: 18), model.summaryText(lineLength: 19))
        XCTAssertEqual(model.summaryText(lineLength: 20), model.summaryText(lineLength: 21))
        XCTAssertEqual(model.summaryText(lineLength: 1, showTrainable: true), model.summaryText(lineLength: 31, showTrainable: true))
    }

    /// Sizes in steps of 1024, thousands with commas.
    func testCounts() {
        clearSession()
        let model = Sequential([Input([1000]), Dense(1000, useBias: false)])
        let text = model.summaryText(columns: 80)
        XCTAssertTrue(text.contains(" Total params: 1,000,000 (3.81 MB)\n"), text)
    }
}
