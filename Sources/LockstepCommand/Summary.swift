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

    @Argument(help: "A model file, .keras, or a config, .yaml.") var model: String
    @Option(name: .customLong("set"), help: ArgumentHelp("Replaces a value of the config; may be repeated.", valueName: "key=value"))
    var overrides: [String] = []
    @Flag(help: "Print the numbers of parameters as one JSON object.") var json = false

    private var isConfig: Bool { model.hasSuffix(".yaml") || model.hasSuffix(".yml") }

    func validate() throws {
        if !isConfig, !overrides.isEmpty { throw ValidationError("--set changes a config; \(model) is none") }
    }

    func run() {
        Job.run { job in
            let model = job.agree(about: self.model) {
                isConfig
                    ? try RunConfig(ConfigFile(self.model, overrides: overrides)).makeModel()
                    : try loadModel(self.model, compile: .fromFileIfKnown)
            }
            guard json else { return job.write(model.summaryText()) }
            let trainable = model.trainableWeights.reduce(0) { $0 + $1.shape.count }
            job.write(json: [
                .init("name", .string(model.name)), .init("layers", .int(model.layers.count)), .init("params", .int(model.countParams())),
                .init("trainable_params", .int(trainable)), .init("non_trainable_params", .int(model.countParams() - trainable)),
            ])
        }
    }
}
