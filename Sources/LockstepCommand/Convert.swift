import ArgumentParser
import Lockstep

/// `lockstep convert`: a model in another form of file.
struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a model as another form of file: .keras, .h5 or, weights alone, .weights.h5.",
        discussion: """
            Layers, weights, and how the model is compiled, with the optimizer's state. Reads what Lockstep and Keras have written, .h5 files \
            of Keras 2 included. Of a checkpoint the model is taken, without the run.

            Examples:
              lockstep convert old.h5 model.keras
              lockstep convert runs/quickstart/model.keras model.h5
            """)

    @Argument(help: "A model file, .keras or .h5.") var input: String
    @Argument(help: "The file to write: .keras, .h5 or .weights.h5.") var output: String
    @Flag(help: "Leave out loss, metrics and optimizer: for models whose are not known here.") var withoutCompilation = false

    func validate() throws {
        guard output.hasSuffix(".keras") || output.hasSuffix(".h5") else {
            throw ValidationError("\(output): expected a name that ends in .keras, .h5 or .weights.h5")
        }
    }

    func run() {
        Job.run { job in
            job.agreeOnRankZero {
                try Files.at(output, "; name another file") { try Files.checkWritable(output) }
                if Files.isSame(input, output) { throw InputError("\(output): is the model itself; name another file") }
                let model = try convertible()
                if output.hasSuffix(".weights.h5") { try model.saveWeights(output) } else { try model.save(output) }
            }
        }
    }

    private func convertible() throws -> Model {
        do { return try loadModel(input, compile: withoutCompilation ? CompileSource.none : .fromFile) } catch let error as SavingError
            where error.subject == .compilation
        {
            throw error.advising("--without-compilation converts the layers and weights")
        }
    }
}
