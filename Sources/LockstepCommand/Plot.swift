import ArgumentParser
import Lockstep

/// `lockstep plot`: a picture of a model's layers.
struct Plot: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draws a model's layers and their connections, as Keras' plot_model does, with Graphviz.",
        discussion: """
            Examples:
              lockstep plot configs/mnist_mlp.yaml model.svg --show-shapes
              lockstep plot runs/mnist_mlp/model.keras model.png --show-layer-names --expand-nested
            """)

    @Argument(help: "A model file, .keras or .h5, or a config, .yaml.") var model: String
    @Argument(help: "The file to write: .svg, .png, or .dot for Graphviz' own text.") var output: String
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
        if model.lowercased().hasSuffix(".csv") { throw ValidationError("\(model): expected a model or a config, .keras or .yaml") }
        try ModelArgument(model, overrides).validate()
        do { _ = try PlotFormat(of: output) } catch { throw ValidationError("\(error)") }
    }

    func run() {
        Job.run { job in
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
