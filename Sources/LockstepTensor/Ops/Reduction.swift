import CKernels

// Sums, means and extremes along axes.

/// Reduces one run of adjacent axes, seen as the middle of [outer, n, inner].
struct Reduce: Operation {
    enum Function: String { case sum, prod, max, min }
    let function: Function
    /// The axes reduced: adjacent, counted from the front.
    let axes: Range<Int>
    let keepDims: Bool
    var name: String { function.rawValue }

    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(inputs[0].dtype == .float32, "\(name): a tensor of \(inputs[0].dtype); cast(to: .float32) first")
        var dimensions = inputs[0].shape.dimensions
        if function == .max || function == .min {
            check(dimensions[axes].allSatisfy { $0 > 0 }, "\(name): shape \(inputs[0].shape) has nothing along axes \(axes)")
        }
        dimensions.replaceSubrange(axes, with: keepDims ? axes.map { _ in 1 } : [])
        return [Spec(shape: Shape(dimensions))]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (outer, n, inner) = inputs[0].shape.split(around: axes)
        let (x, y) = (inputs[0].floats, outputs[0].floats)
        let kernel =
            switch function {
            case .sum: lk_reduce_sum
            case .prod: lk_reduce_prod
            case .max: lk_reduce_max
            case .min: lk_reduce_min
            }
        return { kernel(outer, n, inner, x, y) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (x, g) = (record.input, upstream[0]!)
        var kept = x.shape
        for axis in axes { kept[axis] = 1 }
        let spreadG = g.reshaped(kept).broadcast(to: x.shape)
        switch function {
        case .sum: return [spreadG]
        case .prod:
            // The product of those in front times the product of those behind: right at zeros too, and so are its gradients.
            let (outer, n, inner) = x.shape.split(around: axes)
            let middle = x.reshaped([Int(outer), Int(n), Int(inner)])
            return [spreadG * (middle.productsOfOthers(fromFront: true) * middle.productsOfOthers(fromFront: false)).reshaped(x.shape)]
        case .max, .min:
            // Shared evenly among equals, as in JAX.
            let hits = (x .== record.output.reshaped(kept)).cast(to: .float32)
            return [spreadG * hits / hits.sum(axes: Array(axes), keepDims: true)]
        }
    }
}

extension Tensor {
    /// For each element of axis 1 of three the product of those in front of it, or of those behind; by doubling (Hillis & Steele
    /// 1986).
    fileprivate func productsOfOthers(fromFront: Bool) -> Tensor {
        let n = shape[1]
        func shifted(_ x: Tensor, by distance: Int) -> Tensor {
            let ones = Tensor.ones([shape[0], distance, shape[2]])
            return fromFront
                ? concatenate([ones, x[all, 0 ..< n - distance]], axis: 1) : concatenate([x[all, distance...], ones], axis: 1)
        }
        if n < 2 { return .ones(shape) }
        var products = shifted(self, by: 1), distance = 1
        while distance < n - 1 {
            products = products * shifted(products, by: distance)
            distance *= 2
        }
        return products
    }
}

extension Shape {
    /// The number of elements before, along and behind `axes`.
    func split(around axes: Range<Int>) -> (outer: Int64, n: Int64, inner: Int64) {
        (
            Int64(product(of: 0 ..< axes.lowerBound)), Int64(product(of: axes)), Int64(product(of: axes.upperBound ..< rank))
        )
    }
}

extension Tensor {
    /// The sum over `axes`, all by default. Axes may be negative.
    public func sum(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor { reduced(.sum, axes, keepDims) }
    public func prod(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor { reduced(.prod, axes, keepDims) }
    public func max(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor { reduced(.max, axes, keepDims) }
    public func min(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor { reduced(.min, axes, keepDims) }

    /// The mean over `axes`, all by default.
    public func mean(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
        let total = sum(axes: axes, keepDims: keepDims)
        return total / (Float(shape.count) / Float(total.shape.count))
    }

    /// The mean squared distance from the mean over `axes`, all by default.
    public func variance(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
        square(self - mean(axes: axes, keepDims: true)).mean(axes: axes, keepDims: keepDims)
    }

    /// The index of the first largest element along `axis`, int32.
    public func argmax(axis: Int = -1) -> Tensor { apply(ArgExtreme(largest: true, axis: shape.resolve(axis: axis, in: "argmax")), self) }
    /// The index of the first smallest element along `axis`, int32.
    public func argmin(axis: Int = -1) -> Tensor { apply(ArgExtreme(largest: false, axis: shape.resolve(axis: axis, in: "argmin")), self) }

    private func reduced(_ function: Reduce.Function, _ axes: [Int]?, _ keepDims: Bool) -> Tensor {
        var remaining = Set((axes ?? Array(0 ..< shape.rank)).map { shape.resolve(axis: $0, in: function.rawValue) })
        var result = self
        // From the back, one run of adjacent axes at a time, so that axes in front keep their numbers.
        while let last = remaining.max() {
            var first = last
            while remaining.contains(first - 1) { first -= 1 }
            result = apply(Reduce(function: function, axes: first ..< last + 1, keepDims: keepDims), result)
            remaining.subtract(first ... last)
        }
        return result
    }
}

/// The sum over `axes`, all by default.
public func sum(_ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false) -> Tensor { x.sum(axes: axes, keepDims: keepDims) }

/// The mean over `axes`, all by default.
public func mean(_ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false) -> Tensor { x.mean(axes: axes, keepDims: keepDims) }

/// The position of the largest or smallest element along one axis.
struct ArgExtreme: Operation {
    let largest: Bool
    let axis: Int
    var name: String { largest ? "argmax" : "argmin" }

    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(inputs[0].dtype == .float32, "\(name): a tensor of \(inputs[0].dtype); cast(to: .float32) first")
        check(inputs[0].shape[axis] > 0, "\(name): shape \(inputs[0].shape) has nothing along axis \(axis)")
        var dimensions = inputs[0].shape.dimensions
        dimensions.remove(at: axis)
        return [Spec(shape: Shape(dimensions), dtype: .int32)]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (outer, n, inner) = inputs[0].shape.split(around: axis ..< axis + 1)
        let (x, y, kernel) = (inputs[0].floats, outputs[0].int32s, largest ? lk_argmax : lk_argmin)
        return { kernel(outer, n, inner, x, y) }
    }
}
