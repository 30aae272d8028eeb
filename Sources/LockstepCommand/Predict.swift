import ArgumentParser
import Foundation
import Lockstep

/// `lockstep predict`: a trained model's outputs.
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a trained model's outputs for new inputs.",
        discussion: """
            Example:
              lockstep predict runs/quickstart/model.keras --input digits.npz --output answers.npz
            """)

    @Argument(help: "A model file, .keras or .h5.") var model: String
    @Option(help: "An .npz file with an array x, or x_<input> for each input; or an .npy file.") var input: String
    @Option(help: "The .npz file to write: one array for each output, named after the output layer.") var output: String
    @Option(help: "Samples that are computed at once.") var batchSize = 32
    @Option(help: "What inputs are divided by, such as 255 for bytes of an image, as in the data of the config.") var scale: Float = 1

    func validate() throws {
        try validateScale(scale)
        if batchSize < 1 { throw ValidationError("--batch-size \(batchSize): expected at least 1") }
        if !output.hasSuffix(".npz") { throw ValidationError("--output \(output): expected a name that ends in .npz") }
    }

    func run() {
        Job.run { job in
            // Before hours of computing, not after.
            job.agreeOnRankZero {
                try Files.at(output, "; name another file with --output") { try Files.checkWritable(output) }
                for (option, path) in [("--input", input), ("the model", self.model)] where Files.isSame(path, output) {
                    throw InputError("--output \(output): is \(option) itself, which would be lost; name another file")
                }
            }
            let (model, data) = job.agree(about: model) { () -> (Model, Dataset) in
                let model = try loadModel(self.model, compile: .none)
                let data = try Arrays(file: input, model).forPrediction.dataset(scale: scale, model)
                try model.validate(data, batchSize: batchSize)
                return (model, data)
            }
            if job.size > 1 { Identity(config: nil, model, ["data": data]).requireSame(job) }
            let (names, outputs) = try model.predictNamed(data, batchSize: batchSize)
            job.agreeOnRankZero(status: 1) { try NPZ.write(zip(Pairing.unique(names), outputs).map { ($0, $1) }, to: output) }
        }
    }
}

/// Refuses a scale that nothing can be divided by.
func validateScale(_ scale: Float) throws {
    guard scale.isFinite, scale != 0 else { throw ValidationError("--scale \(scale): expected a number other than 0") }
}

extension Arrays {
    /// The arrays of an `.npz` file, or the only input from an `.npy` file.
    init(file path: String, _ model: Model) throws {
        if path.hasSuffix(".npy") {
            try self.init(npy: path, model)
        } else if path.hasSuffix(".npz") {
            try self.init(npz: path, model)
        } else {
            throw InputError("\(path): expected an .npz or .npy file")
        }
    }
}
