import LockstepTensor

/// `x · scale + offset`, in training and otherwise: pixels from 0 to 255 to numbers from 0 to 1 by `Rescaling(1 / 255)`.
///
/// - Input, output: any shape; integers become float32.
///
/// `keras.layers.Rescaling`.
public final class Rescaling: Layer {
    /// One number, or one for each place of the last axis.
    public enum Factor: Equatable, Sendable, ExpressibleByArrayLiteral {
        case one(Float), several([Float])

        public init(arrayLiteral numbers: Float...) { self = .several(numbers) }

        /// A number, a list, or Keras' form of an array of NumPy.
        fileprivate init?(_ value: ConfigValue) {
            switch value {
            case .array(let items):
                let numbers = items.compactMap(\.number)
                guard numbers.count == items.count else { return nil }
                self = .several(numbers.map { Float($0) })
            case .object where value["class_name"] == "__numpy__":
                guard let inner = value["config"]?["value"] else { return nil }
                self.init(inner)
            default:
                guard let number = value.number else { return nil }
                self = .one(Float(number))
            }
        }

        fileprivate var configValue: ConfigValue {
            switch self {
            case .one(let number): ConfigValue(number)
            case .several(let numbers): .array(numbers.map { ConfigValue($0) })
            }
        }

        fileprivate var numbers: [Float] {
            switch self {
            case .one(let number): [number]
            case .several(let numbers): numbers
            }
        }
    }

    public let scale: Factor, offset: Factor

    /// - Parameters: numbers, or lists as long as the last axis of the input.
    public init(_ scale: Factor, offset: Factor = .one(0), name: String? = nil) {
        (self.scale, self.offset) = (scale, offset)
        super.init(name: name)
        for number in scale.numbers + offset.numbers { checkFinite("Rescaling", ["scale and offset": number]) }
    }

    /// As above, by one number for all.
    public convenience init(_ scale: Float, offset: Float = 0, name: String? = nil) {
        self.init(.one(scale), offset: .one(offset), name: name)
    }

    convenience init(config: Config) throws {
        func factor(_ key: String) throws -> Factor? {
            try config.read(key) { value in
                guard let factor = Factor(value), factor.numbers.allSatisfy(\.isFinite) else {
                    throw ConfigError("expected a finite number, or a list of them, found \(value.kind)")
                }
                return factor
            }
        }
        guard let scale = try factor("scale") else { throw ConfigError("missing scale: expected a number, or a list of numbers") }
        self.init(scale, offset: try factor("offset") ?? .one(0), name: try config.optionalString("name"))
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let x = input.cast(to: .float32)
        for factor in [scale, offset] {
            if case .several(let numbers) = factor {
                check(
                    x.shape.rank > 0 && (numbers.count == 1 || numbers.count == x.shape.last),
                    "Rescaling: \(numbers.count) numbers for the last axis of an input of shape \(x.shape)")
            }
        }
        let scaled =
            switch scale {
            case .one(let number): x * number;
            case .several(let numbers): x * Tensor(numbers)
            }
        return switch offset {
        case .one(let number): scaled + number;
        case .several(let numbers): scaled + Tensor(numbers)
        }
    }

    public override var supportsMasking: Bool { true }
    public override var config: [ConfigValue.Entry] { [.init("scale", scale.configValue), .init("offset", offset.configValue)] }
}
