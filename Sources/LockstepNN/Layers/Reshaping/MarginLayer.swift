import LockstepTensor

/// What is added or taken away at the ends of spatial axes: a number for all of them; one for each axis, `[1, 2]`; or one for each end of
/// each axis, `[[0, 1], [2, 2]]`. Over a single axis `[1, 2]` are its two ends.
public indirect enum Margins: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, CustomStringConvertible {
    case one(Int)
    case list([Margins])

    public init(_ number: Int) { self = .one(number) }
    public init(integerLiteral number: Int) { self = .one(number) }
    public init(arrayLiteral items: Margins...) { self = .list(items) }

    public var description: String {
        switch self {
        case .one(let number): "\(number)"
        case .list(let items): "\(items)"
        }
    }

    init?(_ value: ConfigValue) {
        switch value {
        case .int(let number): self = .one(number)
        case .array(let values):
            let items = values.compactMap { Margins($0) }
            guard items.count == values.count else { return nil }
            self = .list(items)
        default: return nil
        }
    }

    /// Those before and behind each of `count` axes; `nil` where they are not as many, or negative.
    func resolved(axes count: Int) -> [[Int]]? {
        switch self {
        case .one: return ends.map { [[Int]](repeating: $0, count: count) }
        case .list(let items) where count > 1:
            let pairs = items.compactMap(\.ends)
            return items.count == count && pairs.count == count ? pairs : nil
        case .list: return ends.map { [$0] }
        }
    }

    /// Of one axis.
    private var ends: [Int]? {
        switch self {
        case .one(let number): 0 ... Int(Int32.max) ~= number ? [number, number] : nil
        case .list(let items):
            if items.count == 2, case .one = items[0], case .one = items[1], let before = items[0].ends, let behind = items[1].ends {
                [before[0], behind[0]]
            } else {
                nil
            }
        }
    }
}

/// What `ZeroPadding1D` … `Cropping3D` have in common: margins at the ends of one to three spatial axes of
/// `[batch, spatial axes …, channels]`.
public class MarginLayer: Layer {
    /// The number of spatial axes.
    public class var axisCount: Int { 2 }
    class var standard: Margins { 1 }
    /// Keras' name of the margins.
    class var key: String { "padding" }

    /// Before and behind each axis.
    public let margins: [[Int]]

    /// - Parameters:
    ///   - margins: see `Margins`; Keras' default where there are none.
    ///   - inputShape: the shape of one sample, where this is a model's first layer.
    public init(_ margins: Margins? = nil, inputShape: Shape? = nil, name: String? = nil) {
        guard let resolved = (margins ?? Self.standard).resolved(axes: Self.axisCount) else {
            Failure.report("\(String(describing: Self.self)): expected \(Self.expected) for \(Self.key), got \(margins!)")
        }
        self.margins = resolved
        super.init(name: name)
        self.inputShape = inputShape
    }

    convenience init(config: Config) throws {
        try config.requireChannelsLast()
        let margins = try config.read(Self.key) { value in
            guard let margins = Margins(value), margins.resolved(axes: Self.axisCount) != nil else {
                throw ConfigError("expected \(Self.expected), found \(value.json)")
            }
            return margins
        }
        self.init(margins, name: try config.optionalString("name"))
    }

    private static var expected: String {
        "a whole number that is not negative, or "
            + (axisCount == 1 ? "[before, behind]" : "a list of \(axisCount) of them or of pairs [before, behind]")
    }

    public override var inputSpec: InputSpec? { InputSpec(rank: Self.axisCount + 2) }

    /// As Keras has them: pairs, or for one axis a pair.
    var marginValue: ConfigValue { margins.count == 1 ? ConfigValue(margins[0]) : .array(margins.map { ConfigValue($0) }) }

    public override var config: [ConfigValue.Entry] { [.init(Self.key, marginValue), .init("data_format", "channels_last")] }
}
