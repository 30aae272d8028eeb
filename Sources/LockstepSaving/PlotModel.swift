import Foundation
import LockstepNN
import LockstepSystem

/// Draws a model's layers and their connections into a file. `keras.utils.plot_model`.
///
/// Graphviz makes the picture: its program `dot` must be on the `PATH`. Graphviz' own text, `.dot`, needs nothing. The file appears
/// whole or not at all. A model with a `call` of its own is drawn as a single box.
///
/// - Parameters:
///   - path: ends in `.png`, `.svg` or `.dot`.
///   - showShapes: of what each layer takes and gives, at its first call.
///   - showDtype: the type of what it gives.
///   - showLayerNames: beside their classes.
///   - rankdir: where the inputs are.
///   - expandNested: whether models inside the model are drawn with their layers.
///   - dpi: dots per inch.
///   - showTrainable: of layers with weights, whether training changes them.
///   - splines: how arrows run.
/// - Throws: `SavingError` where the name has another ending, the model is not built, there is no Graphviz, or writing fails.
public func plotModel(
    _ model: Model, to path: String = "model.png", showShapes: Bool = false, showDtype: Bool = false, showLayerNames: Bool = false,
    rankdir: PlotDirection = .topToBottom, expandNested: Bool = false, dpi: Int = 200, showLayerActivations: Bool = false,
    showTrainable: Bool = false, splines: PlotLines = .ortho
) throws {
    let format = try PlotFormat(of: path)
    guard dpi >= 1, dpi <= 10_000 else { throw SavingError(path, "dpi \(dpi): expected 1 to 10000 dots per inch") }
    var drawing = ModelDrawing()
    (drawing.showShapes, drawing.showDtype, drawing.showLayerNames) = (showShapes, showDtype, showLayerNames)
    (drawing.showLayerActivations, drawing.showTrainable) = (showLayerActivations, showTrainable)
    (drawing.rankdir, drawing.expandNested, drawing.dpi, drawing.splines) = (rankdir, expandNested, dpi, splines)
    try savingErrors(path) {
        let text = Data(try drawing.dot(model).utf8)
        let bytes =
            format == .dot
            ? text : try Program("dot", package: "graphviz", otherwise: "write a .dot file").run(["-T\(format)"], input: text)
        try bytes.withUnsafeBytes { try Files.replace(path, with: [$0]) }
    }
}

/// What a model can be drawn as, by the name of the file.
package enum PlotFormat: String, CaseIterable {
    case svg, png, dot

    /// - Throws: `SavingError` for a name with another ending.
    package init(of path: String) throws {
        guard let format = PlotFormat.allCases.first(where: { path.lowercased().hasSuffix(".\($0)") }) else {
            throw SavingError(path, "expected a name that ends in .svg, .png or .dot")
        }
        self = format
    }
}
