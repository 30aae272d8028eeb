import CKernels
import COpenBLAS

// Matrix products: OpenBLAS, and for thin ones on one thread our own kernel.

/// y = a·b over the last two axes, either operand transposed: [..., m, k]·[..., k, n] = [..., m, n].
///
/// The leading axes are equal, or `b` is a single matrix that all of `a` is multiplied by.
struct MatMul: Operation {
    var transposeA = false
    var transposeB = false
    var name: String { "matmul" }
    var sumsOuterProducts: Bool { transposeA && !transposeB }

    func outputs(_ inputs: [Spec]) -> [Spec] {
        let (a, b) = (inputs[0].shape, inputs[1].shape)
        check(inputs.allSatisfy { $0.dtype == .float32 }, "matmul: types \(inputs[0].dtype) and \(inputs[1].dtype); both must be float32")
        check(a.rank >= 2 && b.rank >= 2, "matmul: shapes \(a) and \(b); both need at least two axes")
        let (m, k) = transposeA ? (a[-1], a[-2]) : (a[-2], a[-1])
        let (kb, n) = transposeB ? (b[-1], b[-2]) : (b[-2], b[-1])
        check(
            k == kb,
            "matmul: shapes \(a)\(transposeA ? " transposed" : "") and \(b)\(transposeB ? " transposed" : "") do not fit: \(k) columns, \(kb) rows"
        )
        let (leadingA, leadingB) = (a.dimensions.dropLast(2), b.dimensions.dropLast(2))
        check(leadingA == leadingB || leadingB.isEmpty, "matmul: leading axes of \(a) and \(b) differ")
        return [Spec(shape: Shape(leadingA + [m, n]))]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (a, b, y) = (inputs[0], inputs[1], outputs[0])
        var (m, n) = (y.shape[-2], y.shape[-1])
        let k = transposeA ? a.shape[-2] : a.shape[-1]
        var count = y.shape.product(of: 0 ..< y.shape.rank - 2)
        if b.shape.rank == 2 && !transposeA {
            // One matrix for all: the leading axes are more rows.
            m *= count
            count = count == 0 ? 0 : 1
        }
        guard m * n > 0, count > 0 else { return {} }
        let (stepA, stepB) = (m * k, b.shape.rank == 2 ? 0 : k * n)
        let (pa, pb, py) = (a.floats, b.floats, y.floats)
        return { [m, n, count, transposeA, transposeB] in
            for i in 0 ..< count {
                multiply(
                    m, n, k, pa + i * stepA, row: transposeA ? m : k, transposed: transposeA, pb + i * stepB, transposed: transposeB,
                    py + i * m * n)
            }
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (a, b, g) = (record.inputs[0], record.inputs[1], upstream[0]!)
        // A matrix that all of `a` is multiplied by: no leading axes, and its gradient sums over all rows.
        let shared = b.shape.rank == 2 && a.shape.rank > 2
        let ga = { () -> Tensor in
            if shared && transposeA { return g.matmul(b, transposeB: !transposeB).swappingLastAxes() }
            return transposeA ? b.matmul(g, transposeA: transposeB, transposeB: true) : g.matmul(b, transposeB: !transposeB)
        }
        let gb = { () -> Tensor in
            if shared {
                let rows = (transposeA ? a.swappingLastAxes() : a).reshaped([-1, b.shape[transposeB ? 1 : 0]]),
                    g = g.reshaped([-1, g.shape.last])
                return transposeB ? g.matmul(rows, transposeA: true) : rows.matmul(g, transposeA: true)
            }
            return transposeB ? g.matmul(a, transposeA: true, transposeB: transposeA) : a.matmul(g, transposeA: !transposeA)
        }
        return [needed[0] ? ga() : nil, needed[1] ? gb() : nil]
    }
}

/// y = a·b: [m, k]·[k, n] = [m, n], either operand transposed.
///
/// Each may be some columns of a wider matrix.
///
/// - Parameters:
///   - row: floats from one row of `a`, as it is stored, to the next.
///   - rowB, rowY: the same of `b` and of `y`; by default they are no part of others.
///   - adding: to what `y` holds.
package func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Float>, row: Int, transposed transposeA: Bool, _ b: UnsafePointer<Float>,
    row rowB: Int? = nil, transposed transposeB: Bool, _ y: UnsafeMutablePointer<Float>, row rowY: Int? = nil, adding: Bool = false
) {
    let rowB = rowB ?? (transposeB ? k : n), rowY = rowY ?? n
    if Threads.count == 1 && isThin(m, n, k) {
        return lk_product(
            Int64(m), Int64(n), Int64(k), a, Int64(row), transposeA, b, Int64(rowB), transposeB, adding, y, Int64(rowY))
    }
    let longest = Int(Int32.max)
    check(
        m <= longest && n <= longest && k <= longest && max(row, rowB, rowY) <= longest,
        "matmul: OpenBLAS takes no axis longer than \(longest), got \(m), \(k) and \(n)")
    cblas_sgemm(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k),
        1, a, Int32(max(1, row)), b, Int32(max(1, rowB)), adding ? 1 : 0, y, Int32(max(1, rowY)))
}

/// Whether `lk_product` computes [m, k]·[k, n] faster than OpenBLAS 0.3.21, as it does for the products that the
/// batch of one rank makes: few rows going forward, a short sum in the gradient of the weights. On one thread of a
/// Xeon with AVX-512 that is 1.1 to 1.7 times the speed; on larger products, or a few columns, it is slower.
private func isThin(_ m: Int, _ n: Int, _ k: Int) -> Bool {
    hasThinProducts && m >= 4 && n >= 32 && min(m, k) <= 256
}
private let hasThinProducts = Threads.vectorUnit == "x86-64-v4"

extension Tensor {
    /// Each matrix of the last two axes transposed.
    fileprivate func swappingLastAxes() -> Tensor {
        transposed(Array(0 ..< shape.rank - 2) + [shape.rank - 1, shape.rank - 2])
    }

    /// The matrix product over the last two axes; `b` is a matrix, or has the same leading axes.
    public func matmul(_ b: Tensor, transposeA: Bool = false, transposeB: Bool = false) -> Tensor {
        apply(MatMul(transposeA: transposeA, transposeB: transposeB), self, b)
    }
}

/// The matrix product over the last two axes.
public func matmul(_ a: Tensor, _ b: Tensor) -> Tensor { a.matmul(b) }
