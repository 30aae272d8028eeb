import Foundation
import LockstepNN
import LockstepSystem
import LockstepTensor
import SwiftProtobuf

/// Writes what TensorBoard shows, by step, into an event file of its own: numbers, histograms, images, texts and sounds.
///
///     let writer = SummaryWriter("logs/train")
///     writer.scalar("learning_rate", 0.01, step: 400)
///     writer.close()
///
/// Nothing here waits for the disk: what is given is put aside, a thread of its own makes events of it and writes them within a second,
/// so that a process that is killed loses no more than that. Where the disk is full, or the directory gone, it is said once, and tried
/// again. The methods may be called from any thread. `tf.summary`.
public final class SummaryWriter: Sendable {
    private let queue: SummaryQueue

    /// - Parameter directory: made with the first event, where it is missing. TensorBoard calls each directory a run.
    public init(_ directory: String) { queue = SummaryQueue(EventFile(in: directory)) }

    deinit { queue.close() }

    /// The event file.
    public var path: String { queue.path }

    /// Notes a number. Takes no memory from the heap in the long run: figures of every batch may be noted.
    ///
    /// - Parameter name: `loss`, or `group/loss` to be shown with others of the group.
    public func scalar(_ name: String, _ data: Float, step: Int) { queue.append(Summary(name, step, .scalar(data))) }

    /// Notes how numbers are distributed: over `buckets` ranges of equal width from the least to the largest, as TensorBoard's
    /// histograms and distributions show. Those that are not finite are left out.
    public func histogram(_ name: String, _ data: Tensor, step: Int, buckets: Int = 30) {
        histogram(name, data.cast(to: .float32).scalars, step: step, buckets: buckets)
    }

    package func histogram(_ name: String, _ numbers: [Float], step: Int, buckets: Int = 30) {
        queue.append(Summary(name, step, .histogram(numbers, buckets: buckets)))
    }

    /// Notes images, `[count, height, width, channels]` of 1 (grey), 2 (grey and opacity), 3 (RGB) or 4 (RGBA) channels: floats from 0 to
    /// 1, or whole numbers from 0 to 255; what lies beyond is cut off. Those behind the first `maxOutputs` are left out.
    ///
    /// - Precondition: the shape is one of these.
    public func image(_ name: String, _ data: Tensor, step: Int, maxOutputs: Int = 3) {
        guard data.shape.rank == 4, (1 ... 4).contains(data.shape.last) else {
            Failure.report("image \(name): expected shape (count, height, width, 1 to 4 channels), found \(data.shape)")
        }
        let isFloat = data.dtype == .float32
        let bytes = data.cast(to: .float32).scalars.map { pixel(isFloat ? $0 * 255 : $0) }
        let (height, width, channels) = (data.shape[1], data.shape[2], data.shape[3])
        let count = min(data.shape[0], maxOutputs), size = height * width * channels
        let images = (0 ..< count).map { Array(bytes[$0 * size ..< ($0 + 1) * size]) }
        queue.append(Summary(name, step, .images(images, width: width, height: height, channels: channels)))
    }

    /// Notes a text; Markdown is shown as such.
    public func text(_ name: String, _ data: String, step: Int) { queue.append(Summary(name, step, .text(data))) }

    /// Notes sounds, `[count, frames, channels]` of 1 or 2 channels, from -1 to 1; kept with 16 bits a number. Those behind the first
    /// `maxOutputs` are left out.
    ///
    /// - Precondition: the shape is one of these.
    /// - Parameter sampleRate: frames a second.
    public func audio(_ name: String, _ data: Tensor, sampleRate: Int, step: Int, maxOutputs: Int = 3) {
        guard data.shape.rank == 3, (1 ... 2).contains(data.shape.last), sampleRate > 0 else {
            Failure.report(
                "audio \(name): expected shape (count, frames, 1 or 2 channels) and a positive rate, found \(data.shape) and \(sampleRate)")
        }
        let samples = data.cast(to: .float32).scalars, size = data.shape[1] * data.shape[2]
        let sounds = (0 ..< min(data.shape[0], maxOutputs)).map {
            WAV.file(samples[$0 * size ..< ($0 + 1) * size], channels: data.shape[2], rate: sampleRate)
        }
        queue.append(Summary(name, step, .sounds(sounds)))
    }

    /// Notes a model in the form of `toJSON`, of which TensorBoard draws a graph of its layers. Keras' `keras_model_summary`.
    public func kerasModel(_ name: String, _ json: String, step: Int) { queue.append(Summary(name, step, .kerasModel(json))) }

    /// Notes a model as a graph: a node for each call of a layer. Nothing of a model of the user's own class, whose calls are not known.
    public func graph(_ model: Model) { if let graph = ModelGraph(model) { queue.append(Summary("", 0, .graph(graph))) } }

    /// Notes that a run with these hyper-parameters begins in this directory; figures of directories inside of it are its own.
    ///
    /// - Parameter values: by name numbers, truth values and texts; what else there is is noted as JSON.
    public func hparams(_ values: ConfigValue) { queue.append(Summary("_hparams_/session_start_info", 0, .runBegins(values))) }

    /// Notes that the run has ended.
    public func endRun(succeeded: Bool) { queue.append(Summary("_hparams_/session_end_info", 0, .runEnds(succeeded: succeeded))) }

    /// Waits until all that was noted so far is written, or was tried to.
    public func flush() { queue.flush() }

    /// Writes what is left. Nothing can be noted from here on.
    public func close() { queue.close() }
}

/// The nearest brightness; that of a number which is none is 0.
private func pixel(_ value: Float) -> UInt8 { value.isNaN ? 0 : UInt8(max(0, min(255, value.rounded()))) }
