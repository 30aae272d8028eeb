import ArgumentParser
import Foundation
import Lockstep

/// `lockstep evaluate`: a trained model's loss and metrics.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints a trained model's loss and metrics on test data.",
        discussion: """
            Examples:
              lockstep evaluate runs/quickstart/model.keras --config configs/quickstart.yaml
              lockstep evaluate model.keras --input test.npz --json
              lockstep evaluate model.keras --input test.npz --confusion confusion.svg
            """)

    @Argument(help: "A model file, .keras or .h5.") var model: String
    @Option(help: "A config, whose data.test is taken.") var config: String?
    @Option(help: "An .npz file with arrays x and y, or x_<input> and y_<output> for each.") var input: String?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Replaces a value of the config, such as data.test.take=100; may be repeated.", valueName: "key=value"))
    var overrides: [String] = []
    @Option(help: "With --input: what inputs are divided by, as scale in the data of a config (default: 1).") var scale: Float?
    @Option(help: "Of a model that tells classes apart: draw which it takes for which, in a file .svg or .png.") var confusion: String?
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        if let confusion { do { try SVG.requireName(confusion) } catch { throw ValidationError("\(error)") } }
        if let scale { try validateScale(scale) }
        if input == nil, scale != nil { throw ValidationError("--scale goes with --input; a config says it in its data") }
        guard (config == nil) != (input == nil) else { throw ValidationError("expected --config or --input, and not both") }
        if config == nil, !overrides.isEmpty { throw ValidationError("--set changes a config; name one with --config") }
    }

    func run() {
        Job.run { job in
            if json { Console.people = STDERR_FILENO }
            let (model, data, batchSize) = job.agree(about: model, load)
            if let confusion {
                job.agreeOnRankZero { try Files.at(confusion, "; name another file") { try Files.checkWritable(confusion) } }
            }
            if job.size > 1 { Identity(config: nil, model, ["data": data]).requireSame(job) }
            // Progress may be lost, a result may not: it is written apart.
            let logs = try model.evaluate(data, batchSize: batchSize, verbose: !json && Terminal.isThere ? 1 : 0)
            job.write(logs, json: json)
            if let confusion { try draw(model, data, batchSize, to: confusion, job) }
        }
    }

    private func draw(_ model: Model, _ data: Dataset, _ batchSize: Int, to path: String, _ job: Job) throws {
        let outputs = try model.predict(data, batchSize: batchSize)
        job.agreeOnRankZero {
            guard outputs.count == 1, data.targets.count == 1 else {
                throw InputError("--confusion: expected a model of one output, found \(outputs.count)")
            }
            try SVG.write(ConfusionMatrix(data.targets[0].column.tensor, outputs[0]).svg, to: path)
        }
    }

    private func load() throws -> (Model, Dataset, batchSize: Int) {
        let run = try config.map { try RunConfig(ConfigFile($0, overrides: overrides)) }
        let model =
            try run?.load(self.model)
            ?? loadModel(
                self.model, compile: .evaluation(by: .null), otherwise: "name others under compile in a config, with --config")
        guard model.compilation != nil else {
            throw InputError("\(self.model): was saved without an optimizer and a loss; name them under compile in a config")
        }
        let data: Dataset
        if let run {
            guard let test = run.data.test else {
                throw InputError("\(run.file.path): data.test: missing; expected the data to evaluate on")
            }
            data = try test.load(for: model)
        } else {
            let arrays = try Arrays(file: input!, model)
            try arrays.requireTargets(model)
            data = try arrays.dataset(scale: scale ?? 1, model)
        }
        let batchSize = run?.fit.batchSize ?? 32
        try model.validate(data, batchSize: batchSize)
        return (model, data, batchSize)
    }
}
