import LockstepTensor

/// What stands between a symbolic tensor's brackets, as Keras' files write it: `x[..., 1]`, `x[:, 2:-1]`.
struct TensorKey {
    private enum Item {
        case index(Int)
        /// From `start` up to `stop`, which count from the end if negative.
        case slice(start: Int?, stop: Int?)
        /// As many whole axes as are left.
        case ellipsis
    }

    private let items: [Item]

    /// - Throws: `ConfigError` for steps, new axes and tensors as indices.
    init(_ key: ConfigValue) throws {
        let values = if case .array(let values) = key { values } else { [key] }
        items = try values.map { value in
            if case .int(let index) = value, Int(Int32.min) ... Int(Int32.max) ~= index { return .index(index) }
            if value["class_name"] == "__ellipsis__" { return .ellipsis }
            guard value["class_name"] == "__slice__", let slice = value["config"] else {
                throw ConfigError("expected numbers, slices and an ellipsis as an index, found \(value.kind)")
            }
            func end(_ key: String) throws -> Int? {
                switch slice[key] ?? .null {
                case .null: nil
                case .int(let place) where Int(Int32.min) ... Int(Int32.max) ~= place: place
                case let other: throw ConfigError("expected a whole number as \(key) of a slice, found \(other.kind)")
                }
            }
            guard try end("step") ?? 1 == 1 else { throw ConfigError("slices with a step are not supported yet") }
            return .slice(start: try end("start"), stop: try end("stop"))
        }
        guard items.count(where: { if case .ellipsis = $0 { true } else { false } }) < 2 else {
            throw ConfigError("expected at most one ellipsis in an index")
        }
    }

    func part(of x: Tensor) -> Tensor {
        var axis = 0, indices: [any TensorIndex] = []
        for item in items {
            switch item {
            case .index(let index): indices.append(index)
            case .slice(let start, let stop):
                check(axis < x.shape.rank, "an index of \(items.count) parts for a tensor of shape \(x.shape)")
                let count = x.shape[axis]
                // As Python does: ends beyond the axis are its ends.
                func place(_ end: Int) -> Int { min(count, max(0, end < 0 ? end + count : end)) }
                let first = place(start ?? 0)
                indices.append(first ..< max(first, place(stop ?? count)))
            case .ellipsis:
                let whole = max(0, x.shape.rank - items.count + 1)
                indices += [any TensorIndex](repeating: all, count: whole)
                axis += whole - 1
            }
            axis += 1
        }
        return x.slice(indices)
    }

    /// What Swift's brackets hold, as Keras writes it.
    static func written(_ indices: [any TensorIndex]) -> ConfigValue {
        func slice(_ start: Int?, _ stop: Int?) -> ConfigValue {
            func end(_ place: Int?) -> ConfigValue { place.map { .int($0) } ?? nil }
            return .object(["class_name": "__slice__", "config": .object(["start": end(start), "stop": end(stop), "step": nil])])
        }
        return .array(
            indices.map { index in
                switch index {
                case let index as Int: .int(index)
                case is AllIndices: slice(nil, nil)
                case let range as Range<Int>: slice(range.lowerBound, range.upperBound)
                case let range as ClosedRange<Int>: slice(range.lowerBound, range.upperBound + 1)
                case let range as PartialRangeFrom<Int>: slice(range.lowerBound, nil)
                case let range as PartialRangeUpTo<Int>: slice(nil, range.upperBound)
                case let range as PartialRangeThrough<Int>: slice(nil, range.upperBound + 1)
                default: Failure.report("an index of a symbolic tensor must be a number, a range or all; got \(type(of: index))")
                }
            })
    }
}
