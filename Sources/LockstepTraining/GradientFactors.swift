import LockstepCommunication
import LockstepNN
import LockstepTensor

/// Gradients that the ranks of a host compute together, where otherwise each would compute its own and all would be summed.
///
/// The gradient of a matrix W that samples are multiplied by, y = x·W, is xᵀ·d, with d the gradient of y: a row of x and of d is a
/// sample's, and the sum of the ranks' gradients is the product of all ranks' rows. So ranks leave their rows of x and d, the
/// *factors* of the gradient, under one another in memory of the host, and each computes those rows of xᵀ·d whose update is its
/// own. The multiplications are as many as before. But nothing is summed, a gradient is written and read once for all ranks
/// instead of once for each, and the products are of a shape that processors like better.
///
/// Sending factors in place of gradients is from Xie et al. 2016, "Lighter-Communication Distributed Machine Learning via
/// Sufficient Factor Broadcasting".
///
/// A rank whose part of a batch is short leaves zeros in the rest of its rows.
final class GradientFactors {
    /// Of the variables whose gradients are such products.
    let paths: [String]
    private let rank: Int, ranks: Int
    private let memory: HostMemory
    /// By variable of the layout.
    private var products: [Product?]
    /// The variables whose products this rank computes rows of, by the part of the gradients that these are.
    private let ownParts: [Range<Int>: Int]

    private struct Product {
        let matrix: GradientMatrix
        /// All ranks' rows of x and of d, `capacity` each.
        let x: UnsafeMutablePointer<Float>, d: UnsafeMutablePointer<Float>
        let capacity: Int
        /// This rank's rows that are not zeros.
        var filled = 0
    }

    /// The matrices among the parameters whose gradients are worth it. Small ones cost less to sum than to think about, and
    /// narrow ones make slow products.
    ///
    /// - Parameter count: of the layout's floats those that have a place in arenas of gradients.
    static func candidates(_ layout: ParameterLayout, count: Int) -> [GradientMatrix] {
        zip(layout.variables, layout.offsets).compactMap { variable, offset in
            guard offset < count, variable.shape.rank == 2, variable.shape.count >= 16 * 1024, variable.shape[1] >= 32 else { return nil }
            return GradientMatrix(offset: offset, rows: variable.shape[0], columns: variable.shape[1])
        }
    }

    /// Finds the gradients that are such products, and makes room for their factors. Inputs of the model that are factors
    /// are gathered there from now on. Collective; every rank finds the same.
    ///
    /// - Parameter computation: a step on as many samples as any part of a batch has.
    /// - Returns: `nil` if there are none.
    init?(_ computation: StepComputation, _ sums: any SharedSums, _ communicator: any Communicator) {
        let (graph, layout, ranks) = (Graph(), computation.layout, communicator.localSize)
        let gradients = graph.trace { computation() }
        let found = zip(gradients, layout.offsets).map { gradient, offset -> (matrix: GradientMatrix, x: Tensor, d: Tensor)? in
            guard let matrix = sums.matrices.first(where: { $0.offset == offset }), let (x, d) = graph.factors(of: gradient),
                // With more rows there is more to read of the factors than there would be of gradients.
                x.shape[0] * ranks <= matrix.rows
            else { return nil }
            return (matrix, x, d)
        }
        // For each factor the parts of all ranks, one behind the other.
        var (count, own) = (0, [Range<Int>]())
        for factor in found.compactMap({ $0 }).flatMap({ [$0.x, $0.d] }) {
            let part = factor.shape.count
            own.append(count + communicator.localRank * part ..< count + (communicator.localRank + 1) * part)
            count += ranks * part
        }
        guard count > 0 else { return nil }
        let memory = sums.makeHostMemory(floats: count, own: own)
        var end = memory.floats
        let products = found.map { found -> Product? in
            guard let (matrix, x, d) = found else { return nil }
            let product = Product(matrix: matrix, x: end, d: end + ranks * x.shape.count, capacity: x.shape[0])
            end = product.d + ranks * d.shape.count
            return product
        }
        let ownParts = sums.ownParts.compactMap { part in
            products.firstIndex { $0?.matrix.range.overlaps(part) == true }.map { (part, $0) }
        }
        (self.memory, self.products, self.ownParts) = (memory, products, Dictionary(uniqueKeysWithValues: ownParts))
        (rank, self.ranks) = (communicator.localRank, ranks)
        paths = zip(layout.variables, products).filter { $0.1 != nil }.map(\.0.path)
        for case let (places?, (_, x, _)?) in zip(products.indices.map(places(ofVariable:)), found) {
            computation.buffers.moveInput(graph.source(of: x), to: Memory(places.x, of: memory))
        }
    }

    /// Where this rank's rows of the factors of a variable's gradient go, and how many there can be; `nil` if the gradient
    /// itself is asked for.
    func places(ofVariable index: Int) -> (x: UnsafeMutablePointer<Float>, d: UnsafeMutablePointer<Float>, capacity: Int)? {
        products[index].map {
            let row = rank * $0.capacity
            return ($0.x + row * $0.matrix.rows, $0.d + row * $0.matrix.columns, $0.capacity)
        }
    }

    /// This rank is about to write `rows[i]` rows of the factors of variable i: what stands behind them becomes zero.
    func begin(rows: [Int]) {
        for (index, rows) in rows.enumerated() {
            guard let product = products[index], let (x, d, _) = places(ofVariable: index), rows != product.filled else { continue }
            let behind = max(0, product.filled - rows)
            (x + rows * product.matrix.rows).update(repeating: 0, count: behind * product.matrix.rows)
            (d + rows * product.matrix.columns).update(repeating: 0, count: behind * product.matrix.columns)
            products[index]!.filled = rows
        }
    }

    /// Whether one of this rank's parts of the gradients is to be computed here.
    func hasPart(_ part: Range<Int>) -> Bool { ownParts[part] != nil }

    /// Computes such a part, all ranks having written their factors.
    func compute(_ part: Range<Int>, into place: UnsafeMutablePointer<Float>) {
        guard let index = ownParts[part], let product = products[index] else { return }
        let rows = product.matrix.rows(in: part)
        multiply(
            rows.count, product.matrix.columns, ranks * product.capacity, product.x + rows.lowerBound, row: product.matrix.rows,
            transposed: true, product.d, transposed: false, place)
    }
}
