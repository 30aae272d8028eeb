import ArgumentParser
import Lockstep

/// `lockstep plot`: a picture of a model's layers, or of how training went.
struct Plot: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draws a model's layers, as Keras' plot_model does, with Graphviz; or the learning curves of runs.",
        discussion: """
            Examples:
              lockstep plot configs/mnist_mlp.yaml model.svg --show-shapes
              lockstep plot runs/mnist_mlp/model.keras model.png --show-layer-names --expand-nested
              lockstep plot runs/a/history.csv runs/b/history.csv curves.svg
            """)

    @Argument(
        help: ArgumentHelp(
            "A model file, .keras or .h5, or a config, .yaml; or histories, .csv. Last the file to write: .svg, .png, or, of a model, .dot for Graphviz' own text.",
            valueName: "file"))
    var files: [String]
    @Option(name: .customLong("set"), help: ArgumentHelp("Replaces a value of the config; may be repeated.", valueName: "key=value"))
    var overrides: [String] = []
    @Flag(help: "Show the shapes of what layers take and give.") var showShapes = false
    @Flag(help: "Show the type of what layers give.") var showDtype = false
    @Flag(help: "Show the names of layers, not only their classes.") var showLayerNames = false
    @Flag(help: "Show the layers' activations.") var showLayerActivations = false
    @Flag(help: "Show whether training changes a layer's weights.") var showTrainable = false
    @Flag(help: "Draw models inside the model with their layers.") var expandNested = false
    @Option(help: "Where the drawing begins and ends: TB from top to bottom, LR from left to right, BT or RL.")
    var rankdir = PlotDirection.topToBottom
    @Option(help: "Dots per inch.") var dpi = 200

    func validate() throws {
        guard files.count >= 2 else { throw ValidationError("expected what to draw, and the file to write") }
        if isOfHistories {
            do { try SVG.requireName(output) } catch { throw ValidationError("\(error)") }
            if let other = files.dropLast().first(where: { !$0.lowercased().hasSuffix(".csv") }) {
                throw ValidationError("\(other): expected a history, .csv, as the others are")
            }
            return
        }
        guard files.count == 2 else { throw ValidationError("\(files[1]): expected one model or config and the file to write") }
        try ModelArgument(model, overrides).validate()
        do { _ = try PlotFormat(of: output) } catch { throw ValidationError("\(error)") }
    }

    private var model: String { files[0] }
    private var output: String { files.last! }
    private var isOfHistories: Bool { files[0].lowercased().hasSuffix(".csv") }

    func run() {
        Job.run { job in
            if isOfHistories {
                return job.agreeOnRankZero {
                    if let same = files.dropLast().first(where: { Files.isSame($0, output) }) {
                        throw InputError("\(output): is the history \(same), which would be lost; name another file")
                    }
                    let runs = try files.dropLast().map { (name: $0, history: try HistoryFile($0)) }
                    try SVG.write(LearningCurves(runs).svg, to: output)
                }
            }
            job.agreeOnRankZero {
                try Files.at(output, "; name another file") { try Files.checkWritable(output) }
                if Files.isSame(self.model, output) {
                    throw InputError("\(output): is the model itself, which would be lost; name another file")
                }
            }
            let model = ModelArgument(self.model, overrides).make(job)
            job.agreeOnRankZero {
                try plotModel(
                    model, to: output, showShapes: showShapes, showDtype: showDtype, showLayerNames: showLayerNames, rankdir: rankdir,
                    expandNested: expandNested, dpi: dpi, showLayerActivations: showLayerActivations, showTrainable: showTrainable)
            }
        }
    }
}

extension PlotDirection: ExpressibleByArgument {}
