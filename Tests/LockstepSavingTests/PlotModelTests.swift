import Foundation
import LockstepNN
import LockstepSaving
import XCTest

final class PlotModelTests: SavingTestCase {
    /// Picture and text, over what was there; the text is the drawing itself.
    func testFiles() throws {
        let model = classifier()
        let text = path("model.dot"), picture = path("model.PNG"), drawn = path("model.svg")
        try plotModel(model, to: text, showShapes: true, showLayerNames: true, rankdir: .leftToRight, dpi: 96, splines: .curved)
        var drawing = ModelDrawing()
        (drawing.showShapes, drawing.showLayerNames, drawing.rankdir, drawing.dpi, drawing.splines) = (
            true, true, .leftToRight, 96, .curved
        )
        XCTAssertEqual(String(decoding: try bytes(of: "model.dot"), as: UTF8.self), try drawing.dot(model))
        _ = try file("model.PNG", Data("old".utf8))
        try plotModel(model, to: picture, dpi: 72)
        let small = try bytes(of: "model.PNG")
        XCTAssertEqual(small.prefix(4), Data([0x89, 0x50, 0x4e, 0x47]))
        try plotModel(model, to: picture, dpi: 144)
        XCTAssertGreaterThan(try width(bytes(of: "model.PNG")), try width(small) * 19 / 10, "twice the dots")
        try plotModel(model, to: drawn, showLayerActivations: true)
        XCTAssert(String(decoding: try bytes(of: "model.svg"), as: UTF8.self).contains(">tanh</text>"))
        XCTAssertEqual(try files(), ["model.PNG", "model.dot", "model.svg"])
    }

    /// Of a PNG's header, in pixels.
    private func width(_ png: Data) throws -> Int { png[16 ..< 20].reduce(0) { $0 << 8 | Int($1) } }

    func testRefusals() throws {
        assertSavingError(path("model.pdf"), "ends in .svg, .png or .dot") { try plotModel(classifier(), to: path("model.pdf")) }
        assertSavingError(path("model.svg"), "is not built", "build(inputShape:)") {
            try plotModel(Sequential([Dense(2)]), to: path("model.svg"))
        }
        assertSavingError(path("model.svg"), "dpi -1: expected 1 to 10000") { try plotModel(classifier(), to: path("model.svg"), dpi: -1) }
        assertSavingError(path("none/model.svg"), "there is no directory") { try plotModel(classifier(), to: path("none/model.svg")) }
        XCTAssertEqual(try files(), [])
    }
}
