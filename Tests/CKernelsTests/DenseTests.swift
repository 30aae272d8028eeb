import CKernels
import XCTest

final class DenseTests: XCTestCase {
    typealias Activation = (name: lk_activation, value: (Double) -> Double, slope: (Double) -> Double)
    /// The slope is a function of the output.
    let activations: [Activation] = [
        (LK_LINEAR, { $0 }, { _ in 1 }), (LK_RELU, { max($0, 0) }, { $0 > 0 ? 1 : 0 }),
        (LK_SIGMOID, { 1 / (1 + exp(-$0)) }, { $0 * (1 - $0) }), (LK_TANH, { tanh($0) }, { 1 - $0 * $0 }),
    ]
    let shapes = [
        (0, 3), (3, 0), (1, 1), (1, 10), (5, 1), (7, 3), (32, 10), (37, 10), (128, 17), (9, 300), (4, 513), (3, 2049),
        (70, 100),
    ]

    func testBiasAndActivation() {
        var numbers = Numbers(1)
        for (rows, cols) in shapes {
            let x = numbers.floats(rows * cols)
            let bias = numbers.floats(cols)
            for (f, value, _) in activations {
                let want = x.indices.map { value(Double(x[$0] + bias[$0 % cols])) }
                let run = { lk_bias_activation(Int64(rows), Int64(cols), $0, bias, f, $1) }
                assertUlps(written(x.count) { run(x, $0) }, want, within: 3, "\(f) \(rows) x \(cols)")
                assertUlps(x.mutated { run($0, $0) }, want, within: 3, "\(f) in place")
                assertUlps(
                    written(x.count) { lk_bias_activation(Int64(rows), Int64(cols), x, nil, f, $0) },
                    x.map { value(Double($0)) }, within: 3, "\(f) without bias")
            }
        }
        assertSame(written(2) { lk_bias_activation(1, 2, [.nan, -1], nil, LK_RELU, $0) }, [.nan, 0])
    }

    func testGradient() {
        var numbers = Numbers(2)
        for (rows, cols) in shapes {
            let dy = numbers.floats(rows * cols)
            for (f, value, slope) in activations {
                let y = numbers.floats(rows * cols).map { Float(value(Double($0))) }
                let want = dy.indices.map { Double(dy[$0]) * slope(Double(y[$0])) }
                let sums = (0 ..< cols).map { c in (0 ..< rows).reduce(0.0) { $0 + want[$1 * cols + c] } }
                let run = { lk_bias_activation_gradient(Int64(rows), Int64(cols), $0, y, f, $1, $2) }
                var dx = [Float]()
                let dbias = written(cols) { dbias in dx = written(dy.count) { run(dy, $0, dbias) } }
                assertClose(dx, want, tolerance: 3e-7, "\(f) \(rows) x \(cols)")
                assertClose(dbias, sums, "\(f) \(rows) x \(cols)")
                assertClose(dy.mutated { run($0, $0, nil) }, want, tolerance: 3e-7, "\(f) in place, no bias")
            }
        }
    }
}
