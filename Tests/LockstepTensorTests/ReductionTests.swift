import LockstepTensor
import XCTest

final class ReductionTests: XCTestCase {
    /// Every set of axes of each shape, by its numbers from the front.
    private func forEachCase(_ body: (_ shape: Shape, _ axes: [Int]) -> Void) {
        for shape: Shape in [[], [1], [17], [3, 5], [1, 33], [2, 3, 4], [3, 1, 5], [2, 3, 2, 5], [0, 3], [1023]] {
            for set in 0 ..< 1 << shape.rank { body(shape, (0 ..< shape.rank).filter { set >> $0 & 1 == 1 }) }
        }
    }

    /// The elements that each element of the result is made of, row-major.
    private func groups(_ x: Tensor, _ axes: [Int]) -> [[Double]] {
        var kept = x.shape
        for axis in axes { kept[axis] = 1 }
        var groups = [[Double]](repeating: [], count: kept.count)
        let scalars = x.scalars
        forEachPlace(x.shape) { groups[offset(of: $1, in: kept)].append(Double(scalars[$0])) }
        return groups
    }

    func testReductions() {
        typealias Reduction = (Tensor, [Int]?, Bool) -> Tensor
        let table: [(String, Reduction, ([Double]) -> Double, Bool)] = [
            ("sum", { $0.sum(axes: $1, keepDims: $2) }, { $0.reduce(0, +) }, true),
            ("prod", { $0.prod(axes: $1, keepDims: $2) }, { $0.reduce(1, *) }, true),
            ("max", { $0.max(axes: $1, keepDims: $2) }, { $0.max()! }, false),
            ("min", { $0.min(axes: $1, keepDims: $2) }, { $0.min()! }, false),
            ("mean", { $0.mean(axes: $1, keepDims: $2) }, { $0.reduce(0, +) / Double($0.count) }, false),
            (
                "variance", { $0.variance(axes: $1, keepDims: $2) },
                { group in
                    let mean = group.reduce(0, +) / Double(group.count)
                    return group.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(group.count)
                }, false
            ),
        ]
        var numbers = Numbers(1)
        for (name, reduce, naive, takesNothing) in table {
            forEachCase { shape, axes in
                guard takesNothing || shape.count > 0 else { return }
                let x = name == "prod" ? numbers.tensor(shape, in: 0.9 ... 1.1) : numbers.tensor(shape)
                let want = groups(x, axes).map(naive)
                var kept = shape
                for axis in axes { kept[axis] = 1 }
                let dropped = Shape(shape.dimensions.indices.filter { !axes.contains($0) }.map { shape[$0] })
                assertClose(reduce(x, axes, true), want, shape: kept, tolerance: 5e-6, "\(name) of \(shape) over \(axes)")
                assertClose(
                    reduce(x, axes.map { $0 - shape.rank }, false), want, shape: dropped, tolerance: 5e-6,
                    "\(name) of \(shape) over \(axes), negative")
                if axes.count == shape.rank {
                    assertClose(reduce(x, nil, false), want, shape: [], tolerance: 5e-6, "\(name) of all \(shape)")
                }
            }
        }
    }

    func testIndicesOfExtremes() {
        var numbers = Numbers(2)
        for shape: Shape in [[1], [17], [3, 5], [2, 3, 4], [4, 1, 3]] {
            for axis in 0 ..< shape.rank {
                let x = numbers.labels(shape, below: 4).cast(to: .float32)  // few values: the first of equals is asked for
                let groups = groups(x, [axis])
                XCTAssertEqual(x.argmax(axis: axis).int32Scalars, groups.map { Int32($0.firstIndex(of: $0.max()!)!) }, "\(shape) \(axis)")
                XCTAssertEqual(
                    x.argmin(axis: axis - shape.rank).int32Scalars, groups.map { Int32($0.firstIndex(of: $0.min()!)!) }, "\(shape) \(axis)")
            }
        }
        XCTAssertEqual(Tensor([[1, 3], [4, 2]] as [[Float]]).argmax().int32Scalars, [1, 0])
    }

    /// One at a time in float32, the tenths would come to 100,958, and ones never to more than 2²⁴ = 16,777,216.
    func testLongSumsAreAccurate() {
        XCTAssertEqual(Tensor.constant(Float(0.1), shape: [1_000_000]).sum().scalar, 100_000, accuracy: 0.1)
        XCTAssertEqual(Tensor.ones([20_000_000]).sum().scalar, 20_000_000)
    }
}
