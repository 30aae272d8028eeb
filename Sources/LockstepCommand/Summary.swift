import ArgumentParser
import Lockstep

/// `lockstep summary`: a model's layers and parameters.
struct Summary: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints a model's layers, shapes and parameters, as Keras' summary does.",
        discussion: """
            Examples:
              lockstep summary configs/mnist_mlp.yaml
              lockstep summary runs/mnist_mlp/model.keras
            """)

    @Argument(help: "A model file, .keras or .h5, or a config, .yaml.") var model: String
    @Option(name: .customLong("set"), help: ArgumentHelp("Replaces a value of the config; may be repeated.", valueName: "key=value"))
    var overrides: [String] = []
    @Flag(help: "Print the layers of models inside the model, too.") var expandNested = false
    @Flag(help: "Print whether training changes a layer's weights.") var showTrainable = false
    @Option(help: "The table's width in characters.") var lineLength: Int?
    @Flag(help: "Print the numbers of parameters as one JSON object.") var json = false

    func validate() throws { try ModelArgument(model, overrides).validate() }

    func run() {
        Job.run { job in
            let model = ModelArgument(self.model, overrides).make(job)
            guard json else {
                return job.write(model.summaryText(lineLength: lineLength, expandNested: expandNested, showTrainable: showTrainable))
            }
            let trainable = model.trainableWeights.reduce(0) { $0 + $1.shape.count }
            job.write(json: [
                .init("name", .string(model.name)), .init("layers", .int(model.layers.count)), .init("params", .int(model.countParams())),
                .init("trainable_params", .int(trainable)), .init("non_trainable_params", .int(model.countParams() - trainable)),
            ])
        }
    }
}

/// The model that a command is about: a file, or what a config says.
struct ModelArgument {
    private let path: String
    private let overrides: [String]
    private var isConfig: Bool { path.hasSuffix(".yaml") || path.hasSuffix(".yml") }

    init(_ path: String, _ overrides: [String]) { (self.path, self.overrides) = (path, overrides) }

    func validate() throws {
        if !isConfig, !overrides.isEmpty { throw ValidationError("--set changes a config; \(path) is none") }
    }

    /// Makes it on every rank. Collective.
    func make(_ job: Job) -> Model {
        job.agree(about: path) {
            isConfig
                ? try RunConfig(ConfigFile(path, overrides: overrides)).makeModel() : try loadModel(path, compile: .fromFileIfKnown)
        }
    }
}
