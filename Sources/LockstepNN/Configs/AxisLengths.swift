import LockstepTensor

/// A length for each spatial axis, or one for all of them: `kernelSize: 3`, `strides: [2, 1]`.
public protocol AxisLengths {
    /// The lengths of `count` axes; `nil` where they are as many as that neither by number nor by being one for all.
    func lengths(ofAxes count: Int) -> [Int]?
}
extension Int: AxisLengths {
    public func lengths(ofAxes count: Int) -> [Int]? { [Int](repeating: self, count: count) }
}
extension [Int]: AxisLengths {
    public func lengths(ofAxes count: Int) -> [Int]? { self.count == count ? self : nil }
}

extension AxisLengths {
    /// The lengths that a program gave to `owner`; others than so many of at least `least` stop.
    func resolved(_ argument: String, for owner: String, axes count: Int, least: Int = 1) -> [Int] {
        guard let lengths = lengths(ofAxes: count), lengths.allSatisfy({ $0 >= least }) else {
            Failure.report("\(owner): expected \(expectedLengths(count, least)) for \(argument), got \(self)")
        }
        return lengths
    }
}

private func expectedLengths(_ count: Int, _ least: Int) -> String {
    let number = least > 0 ? "a positive whole number" : "a whole number that is not negative"
    return count == 1 ? number : "\(number), or \(count) of them"
}

extension Config {
    /// A length for each of `count` axes, as one number for all or as a list; `nil` where there is none.
    func optionalLengths(_ key: String, axes count: Int, least: Int = 1) throws -> [Int]? {
        try read(key) { try Self.lengths($0, axes: count, least: least) }
    }

    func lengths(_ key: String, axes count: Int, default fallback: Int? = nil) throws -> [Int] {
        if let lengths = try optionalLengths(key, axes: count) { return lengths }
        if let lengths = fallback?.lengths(ofAxes: count) { return lengths }
        throw ConfigError("missing \(key): expected \(expectedLengths(count, 1))")
    }

    static func lengths(_ value: ConfigValue, axes count: Int, least: Int) throws -> [Int] {
        let items: [ConfigValue] = if case .array(let items) = value { items } else { [ConfigValue](repeating: value, count: count) }
        guard items.count == count else { throw ConfigError("expected \(expectedLengths(count, least)), found \(items.count) of them") }
        return try items.map { item in
            guard case .int(let length) = item, length >= least, length <= Int(Int32.max) else {
                throw ConfigError("expected \(expectedLengths(count, least)), found \(item.kind)")
            }
            return length
        }
    }

    /// Refuses channels in front of the spatial axes.
    func requireChannelsLast() throws {
        let format = try string("data_format", default: "channels_last")
        guard format == "channels_last" else {
            throw ConfigError("expected channels_last, the only order of axes that there is here; found \"\(format)\"", at: ["data_format"])
        }
    }
}

extension ConfigValue {
    /// Numbers as a list.
    init(_ lengths: [Int]) { self = .array(lengths.map { .int($0) }) }
}
