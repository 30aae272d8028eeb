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
        let bytes = format == .dot ? text : try Graphviz.draw(text, format)
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

/// Graphviz' program `dot`, which places boxes and arrows.
private enum Graphviz {
    /// The picture of a drawing in Graphviz' language.
    ///
    /// - Throws: `Files.Failure` where the program is not there, or fails.
    static func draw(_ text: Data, _ format: PlotFormat) throws -> Data {
        let process = Process()
        process.executableURL = try program
        process.arguments = ["-T\(format)"]
        // Files without names, not pipes: no end waits for another, and nothing is left behind.
        let (input, output, errors) = (try temporaryFile(), try temporaryFile(), try temporaryFile())
        do {
            try input.write(contentsOf: text)
            try input.seek(toOffset: 0)
            (process.standardInput, process.standardOutput, process.standardError) = (input, output, errors)
            try process.run()
            process.waitUntilExit()
            for file in [output, errors] { try file.seek(toOffset: 0) }
            let picture = try output.readToEnd() ?? Data()
            guard process.terminationReason == .exit, process.terminationStatus == 0, !picture.isEmpty else {
                let reason =
                    String(decoding: try errors.readToEnd() ?? Data(), as: UTF8.self).split(separator: "\n").first ?? "it says not why"
                throw Files.Failure("Graphviz' dot has made no picture (status \(process.terminationStatus)): \(reason)")
            }
            return picture
        } catch let error as CocoaError {
            throw Files.Failure("Graphviz' dot cannot be run: \(error.localizedDescription)")
        }
    }

    private static var program: URL {
        get throws {
            for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
                let path = "\(folder)/dot"
                if access(path, X_OK) == 0, Files.isDirectory(path) == false { return URL(fileURLWithPath: path) }
            }
            throw Files.Failure(
                "Graphviz is not installed: there is no program dot on the PATH; install it (apt-get install graphviz), or write a .dot file"
            )
        }
    }

    private static func temporaryFile() throws -> FileHandle {
        guard let file = tmpfile() else { throw Files.Failure("no temporary file can be made: \(String(cString: strerror(errno)))") }
        // The handle has a descriptor of its own, and closes it.
        let descriptor = dup(fileno(file))
        fclose(file)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
