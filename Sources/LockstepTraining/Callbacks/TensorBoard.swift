import Foundation
import LockstepCommunication
import LockstepNN
import LockstepSystem
import LockstepTensor
import LockstepTensorBoard

/// Writes what TensorBoard shows of a training: figures, weights, the model, and where the time goes. `keras.callbacks.TensorBoard`.
///
///     tensorboard --logdir logs
///
/// The directory has a run for training, `train`, and one for validation, `validation`, with Keras' names in each: `epoch_loss`,
/// `epoch_learning_rate`, `batch_loss`, `evaluation_loss_vs_iterations`, `dense/kernel/histogram`. Beside them stand the seconds that each
/// rank has spent in each phase of an epoch, `time/forward/rank_0`, and `epoch_samples_per_second`. Events are written by a thread of its
/// own (`SummaryWriter`).
public final class TensorBoard: Callback {
    /// How often losses and metrics are written besides the end of each epoch.
    public enum UpdateFrequency: Equatable, Sendable {
        case epoch
        /// Every so many batches, counted over the whole training.
        case batches(Int)
        public static let batch = batches(1)
    }

    private let directory: String
    private let histogramFreq: Int, embeddingsFreq: Int
    private let writeGraph: Bool, writeImages: Bool, writeStepsPerSecond: Bool
    private let updateFreq: UpdateFrequency
    private let profileBatch: ClosedRange<Int>?
    private let embeddingsMetadata: [String: String]
    /// What the page of hyper-parameters shows of this run.
    public var hyperParameters: ConfigValue
    /// Texts by name, such as the config of the run.
    public var texts: [(name: String, text: String)]

    private var train: SummaryWriter?, validation: SummaryWriter?, run: SummaryWriter?
    private var globalTrainBatch = 0
    private var batchStart = 0.0, lastTimes: [Profile.RankTimes] = []
    /// Names of the figures of a batch, as they are written: made once.
    private var batchTags: [String] = []

    /// - Parameters:
    ///   - logDir: a directory for this callback alone.
    ///   - histogramFreq: epochs from one histogram of all weights, and of the gradients of the epoch's last batch, to the next; 0: none.
    ///   - writeGraph: the model as a graph of layers, if it is not one of the user's own class.
    ///   - writeImages: with the histograms, weights of up to three axes as images.
    ///   - writeStepsPerSecond: the speed, by epoch and as often as `updateFreq` says.
    ///   - profileBatch: the steps of the training, from 1, of which the phases are written to `train/batch_N.trace.json`, which Perfetto
    ///     opens.
    ///   - embeddingsFreq: epochs from one picture of the tables of all `Embedding` layers to the next; 0: none. The vectors go to
    ///     `train/<layer>-<epoch>.tsv`, which TensorBoard's projector reads.
    ///   - embeddingsMetadata: by name of such a layer, the file with a line for each row of its table.
    ///   - hyperParameters: what the page of hyper-parameters shows of this run.
    ///   - texts: by name, such as the config of the run.
    public init(
        logDir: String = "logs", histogramFreq: Int = 0, writeGraph: Bool = true, writeImages: Bool = false,
        writeStepsPerSecond: Bool = false, updateFreq: UpdateFrequency = .epoch, profileBatch: ClosedRange<Int>? = nil,
        embeddingsFreq: Int = 0, embeddingsMetadata: [String: String] = [:], hyperParameters: ConfigValue = .object([]),
        texts: [(name: String, text: String)] = []
    ) {
        (directory, self.histogramFreq, self.writeGraph, self.writeImages) = (logDir, histogramFreq, writeGraph, writeImages)
        (self.writeStepsPerSecond, self.updateFreq, self.profileBatch) = (writeStepsPerSecond, updateFreq, profileBatch)
        (self.embeddingsFreq, self.embeddingsMetadata) = (embeddingsFreq, embeddingsMetadata)
        (self.hyperParameters, self.texts) = (hyperParameters, texts)
    }

    /// - Throws: `TrainingError` if no file can be written there, or metadata is given for a layer that is no embedding.
    public override func validate(_ plan: TrainingPlan) throws {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Files.checkWritable("\(directory)/events")
        } catch {
            throw TrainingError("TensorBoard: \(directory): \(error is Files.Failure ? "\(error)" : "the directory cannot be made")")
        }
    }

    /// Steps are counted on in a run that is gone on with.
    public override var state: CallbackState {
        get { CallbackState(.object(["batches": .int(globalTrainBatch)])) }
        set { globalTrainBatch = newValue.int("batches") }
    }

    // MARK: Training

    public override func onTrainBegin() throws {
        globalTrainBatch = 0
        batchTags = []
        let train = SummaryWriter("\(directory)/train")
        self.train = train
        if writeGraph, let model, ["Sequential", "Functional"].contains(model.className) {
            train.kerasModel("keras", model.toJSON(), step: 0)
            train.graph(model)
        }
        for (name, text) in texts { train.text(name, text, step: 0) }
        if hyperParameters != .object([]) {
            run = SummaryWriter(directory)
            run?.hparams(hyperParameters)
        }
        lastTimes = []
        try requireEmbeddings()
    }

    public override func onTrainEnd(_ logs: Logs) {
        run?.endRun(succeeded: true)
        for writer in [train, validation, run] { writer?.close() }
        (train, validation, run) = (nil, nil, nil)
    }

    public override func onTrainBatchBegin(_ batch: Int) {
        globalTrainBatch += 1
        batchStart = EpochProgress.now
        if let profileBatch, globalTrainBatch == profileBatch.lowerBound { model?.phaseClock?.beginExcerpt(steps: profileBatch.count) }
    }

    public override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) throws {
        if globalTrainBatch == profileBatch?.upperBound { try writeTrace() }
        guard case .batches(let count) = updateFreq, globalTrainBatch % count == 0, let train else { return }
        if writeStepsPerSecond {
            train.scalar("batch_steps_per_second", Float(1 / max(EpochProgress.now - batchStart, 1e-9)), step: globalTrainBatch)
        }
        if batchTags.count != logs.names.count { batchTags = logs.names.map { "batch_\($0)" } }
        for index in batchTags.indices { train.scalar(batchTags[index], logs.allValues[index], step: globalTrainBatch) }
    }

    public override func needsGradients(_ epoch: Int) -> Bool { histogramFreq > 0 && epoch % histogramFreq == 0 }

    public override func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {
        guard let train else { return }
        for (name, value) in zip(logs.names, logs.allValues) {
            if name.hasPrefix("val_") {
                validationWriter.scalar("epoch_\(name.dropFirst(4))", value, step: epoch)
            } else {
                train.scalar("epoch_\(name)", value, step: epoch)
            }
        }
        if let rate = model?.compilation?.optimizer.learningRate, !logs.names.contains("learning_rate") {
            train.scalar("epoch_learning_rate", rate, step: epoch)
        }
        writeSpeed(epoch, train)
        if histogramFreq > 0, epoch % histogramFreq == 0 { writeWeights(epoch, train) }
        if embeddingsFreq > 0, epoch % embeddingsFreq == 0 { try writeEmbeddings(epoch) }
    }

    // MARK: Evaluation

    /// Figures of an evaluation stand by the steps of the optimizer, that of the validation data after an epoch included.
    public override func onTestEnd(_ logs: Logs) {
        guard let optimizer = model?.compilation?.optimizer else { return }
        for (name, value) in zip(logs.names, logs.allValues) {
            validationWriter.scalar("evaluation_\(name)_vs_iterations", value, step: optimizer.iterations)
        }
        // Alone, an evaluation is all there is.
        if train == nil {
            validation?.close()
            validation = nil
        }
    }

    private var validationWriter: SummaryWriter {
        if let validation { return validation }
        let writer = SummaryWriter("\(directory)/validation")
        validation = writer
        return writer
    }

    // MARK: Time

    /// Steps and samples a second, and what each rank has done in the time of the epoch.
    private func writeSpeed(_ epoch: Int, _ train: SummaryWriter) {
        let duration = max(progress.duration, 1e-9)
        train.scalar("epoch_samples_per_second", Float(Double(progress.samples) / duration), step: epoch)
        guard let profile = progress.profile else { return }
        for times in profile.ranks {
            let last = lastTimes.first { $0.rank == times.rank }
            if times.rank == 0, writeStepsPerSecond {
                train.scalar("epoch_steps_per_second", Float(Double(times.steps - (last?.steps ?? 0)) / duration), step: epoch)
            }
            for phase in Phase.allCases {
                train.scalar("time/\(phase)/rank_\(times.rank)", Float(times[phase] - (last?[phase] ?? 0)), step: epoch)
            }
        }
        lastTimes = profile.ranks
    }

    private func writeTrace() throws {
        guard let trace = model?.phaseClock?.endExcerpt() else { return }
        write(
            Profile(rank: 0, host: Distribution.communicator.host, trace).chromeTrace,
            to: "\(directory)/train/batch_\(globalTrainBatch).trace.json")
    }

    // MARK: Weights

    private func writeWeights(_ epoch: Int, _ train: SummaryWriter) {
        for variable in model?.layers.flatMap(\.weights) ?? [] {
            // A copy: the thread that counts them must not see the next step's.
            train.histogram("\(variable.path)/histogram", variable.value.cast(to: .float32).scalars, step: epoch)
            if writeImages, let image = variable.value.asImages { train.image("\(variable.path)/image", image, step: epoch) }
        }
        for (path, gradient) in progress.gradients { train.histogram("\(path)/gradient_histogram", gradient, step: epoch) }
    }

    // MARK: Embeddings

    private var embeddings: [Embedding] { model?.layers.compactMap { $0 as? Embedding } ?? [] }

    private func requireEmbeddings() throws {
        guard embeddingsFreq > 0 else { return }
        let names = embeddings.map(\.name)
        for name in embeddingsMetadata.keys.sorted() where !names.contains(name) {
            throw TrainingError("TensorBoard: embeddingsMetadata: \(unknownName("Embedding layer", name, names))")
        }
    }

    /// The tables as text, and the file that tells the projector of them.
    private func writeEmbeddings(_ epoch: Int) throws {
        var config = ""
        for layer in embeddings {
            guard let table = layer.weights.first else { continue }
            let columns = table.shape.last, values = table.value.scalars
            let lines = stride(from: 0, to: values.count, by: max(columns, 1)).map { row in
                values[row ..< row + columns].map(\.description).joined(separator: "\t")
            }
            let name = "train/\(layer.name)-\(epoch).tsv"
            write(lines.joined(separator: "\n") + "\n", to: "\(directory)/\(name)")
            config += "embeddings {\n  tensor_name: \"\(table.path)\"\n  tensor_path: \"\(name)\"\n"
            config += embeddingsMetadata[layer.name].map { "  metadata_path: \"\($0)\"\n" } ?? ""
            config += "}\n"
        }
        write(config, to: "\(directory)/projector_config.pbtxt")
    }

    private func write(_ text: String, to path: String) {
        var text = text
        do {
            try FileManager.default.createDirectory(atPath: Files.folder(of: path), withIntermediateDirectories: true)
            try text.withUTF8 { try Files.replace(path, with: [UnsafeRawBufferPointer($0)]) }
        } catch { Console.warn("\(path): cannot be written: \(error); training goes on without it") }
    }
}

extension Tensor {
    /// Weights as Keras shows them: vectors and matrices as one grey image, the shorter axis downwards; of three axes an image for each
    /// place of the last. `nil` for others.
    fileprivate var asImages: Tensor? {
        let lengths = shape.dimensions.filter { $0 != 1 }
        switch lengths.count {
        case 1: return reshaped([1, lengths[0], 1, 1])
        case 2:
            let matrix = reshaped(Shape(lengths))
            return lengths[0] > lengths[1]
                ? matrix.transposed().reshaped([1, lengths[1], lengths[0], 1]) : matrix.reshaped([1, lengths[0], lengths[1], 1])
        case 3: return reshaped(Shape(lengths)).transposed([2, 0, 1]).reshaped([lengths[2], lengths[0], lengths[1], 1])
        default: return nil
        }
    }
}
