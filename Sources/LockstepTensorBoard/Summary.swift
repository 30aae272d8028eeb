import Foundation
import LockstepNN
import SwiftProtobuf

/// One thing to be shown, and the event that it becomes.
struct Summary {
    enum Content {
        case scalar(Float)
        case histogram([Float], buckets: Int)
        case images([[UInt8]], width: Int, height: Int, channels: Int)
        case text(String)
        /// Files in the form of WAV.
        case sounds([[UInt8]])
        case kerasModel(String)
        case graph(ModelGraph)
        case runBegins(ConfigValue)
        case runEnds(succeeded: Bool)
    }
    let tag: String, step: Int, content: Content
    let time = EventFile.now

    init(_ tag: String, _ step: Int, _ content: Content) { (self.tag, self.step, self.content) = (tag, step, content) }

    /// In the form that TensorFlow 2 writes: a tensor and, with the first of a tag in a file, the name of the plugin that shows it.
    func event(isFirst: Bool) -> ProtoEvent {
        .with {
            $0.wallTime = time
            $0.step = Int64(step)
            if case .graph(let graph) = content {
                $0.graphDef = try! graph.definition.serializedData()
                return
            }
            $0.summary.value = [
                .with {
                    $0.tag = tag
                    if isFirst { $0.metadata = metadata }
                    $0.tensor = tensor
                }
            ]
        }
    }

    private var metadata: ProtoSummaryMetadata {
        let (plugin, dataClass): (String, ProtoDataClass) =
            switch content {
            case .scalar: ("scalars", .scalar)
            case .histogram: ("histograms", .tensor)
            case .images: ("images", .blobSequence)
            case .text: ("text", .tensor)
            case .sounds: ("audio", .blobSequence)
            case .kerasModel: ("graph_keras_model", .unknown)
            case .runBegins, .runEnds: ("hparams", .unknown)
            case .graph: ("graphs", .unknown)
            }
        return .with {
            $0.pluginData.pluginName = plugin
            $0.pluginData.content = pluginContent
            $0.dataClass = dataClass
        }
    }

    private var pluginContent: Data {
        switch content {
        case .sounds: Data([0x10, 11])  // AudioPluginData: encoding = WAV
        case .kerasModel: Data("1".utf8)
        case .runBegins(let values):
            hparams {
                $0.sessionStartInfo = .with {
                    $0.hparams = Dictionary(values.entries.map { ($0.key, $0.value.hyperParameter) }) { first, _ in first }
                    $0.groupName = "\(ProcessInfo.processInfo.globallyUniqueString)"
                    $0.startTimeSecs = time
                }
            }
        case .runEnds(let succeeded):
            hparams {
                $0.sessionEndInfo = .with {
                    $0.status = succeeded ? .success : .failure
                    $0.endTimeSecs = time
                }
            }
        default: Data()
        }
    }

    private func hparams(_ body: (inout ProtoHParamsPluginData) -> Void) -> Data { try! ProtoHParamsPluginData.with(body).serializedData() }

    private var tensor: ProtoTensorProto {
        switch content {
        case .scalar(let value):
            return .with {
                $0.dtype = .dtFloat
                $0.tensorShape = ProtoTensorShapeProto()
                $0.floatVal = [value]
            }
        case .histogram(let numbers, let bucketCount):
            let buckets = Histogram(numbers, bucketCount: bucketCount).buckets
            return .with {
                $0.dtype = .dtDouble
                $0.tensorShape = shape([buckets.count, 3])
                $0.tensorContent = buckets.flatMap { [$0.left, $0.right, $0.count] }.withUnsafeBytes { Data($0) }
            }
        case .images(let images, let width, let height, let channels):
            let files = images.map { Data(PNG.file($0, width: width, height: height, channels: channels)) }
            return strings([Data("\(width)".utf8), Data("\(height)".utf8)] + files, shape: [2 + files.count])
        case .text(let text): return strings([Data(text.utf8)], shape: [])
        case .kerasModel(let json): return strings([Data(json.utf8)], shape: [])
        case .sounds(let files): return strings(files.flatMap { [Data($0), Data()] }, shape: [files.count, 2])
        case .graph: return ProtoTensorProto()
        case .runBegins, .runEnds:
            return .with {
                $0.dtype = .dtFloat
                $0.tensorShape = shape([1])
                $0.floatVal = [0]
            }
        }
    }

    private func strings(_ values: [Data], shape lengths: [Int]) -> ProtoTensorProto {
        .with {
            $0.dtype = .dtString
            $0.tensorShape = shape(lengths)
            $0.stringVal = values
        }
    }

    private func shape(_ lengths: [Int]) -> ProtoTensorShapeProto {
        .with { $0.dim = lengths.map { length in .with { $0.size = Int64(length) } } }
    }
}

extension ConfigValue {
    /// A number, a truth value or a text: hyper-parameters are nothing else.
    fileprivate var hyperParameter: Google_Protobuf_Value {
        switch self {
        case .int(let number): Google_Protobuf_Value(numberValue: Double(number))
        case .double(let number): Google_Protobuf_Value(numberValue: number)
        case .bool(let flag): Google_Protobuf_Value(boolValue: flag)
        case .string(let text): Google_Protobuf_Value(stringValue: text)
        default: Google_Protobuf_Value(stringValue: json)
        }
    }
}
