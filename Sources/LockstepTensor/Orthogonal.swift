import COpenBLAS

extension Tensor {
    /// For a matrix A of float32 numbers, `[n, m]` with n ≤ m, the n orthogonal rows of length 1 that Qᵀ has in Aᵀ = Q R, R with a positive
    /// diagonal: this makes them unique.
    ///
    /// By LAPACK's `sgeqrf` and `sorgqr` on one thread: the same numbers however many threads products have.
    package func orthogonalRows() -> Tensor {
        check(
            shape.rank == 2 && shape[0] <= shape[1] && dtype == .float32 && shape[1] <= Int(Int32.max),
            "orthogonalRows: expected a float32 matrix with no more rows than columns, got \(dtype) \(shape)")
        let (n, m) = (shape[0], shape[1]), threads = Threads.count
        Threads.count = 1
        defer { Threads.count = threads }
        return Tensor(shape: shape) { (q: UnsafeMutableBufferPointer<Float>) in
            withElements { (a: UnsafeBufferPointer<Float>) in _ = q.update(from: a) }
            guard n > 0 else { return }
            let a = q.baseAddress!
            // A row-major [n, m] is what Fortran takes for an [m, n].
            var (rows, columns, info) = (Int32(m), Int32(n), Int32(0))
            var tau = [Float](repeating: 0, count: n), best: [Float] = [0]
            var length: Int32 = -1
            sgeqrf_(&rows, &columns, a, &rows, &tau, &best, &length, &info)
            length = Swift.max(columns, Int32(best[0]))
            var work = [Float](repeating: 0, count: Int(length))
            sgeqrf_(&rows, &columns, a, &rows, &tau, &work, &length, &info)
            let signs: [Float] = (0 ..< n).map { a[$0 * m + $0] < 0 ? -1 : 1 }
            sorgqr_(&rows, &columns, &columns, a, &rows, tau, &work, &length, &info)
            check(info == 0, "orthogonalRows: LAPACK's sorgqr refuses its argument \(-info)")
            for row in 0 ..< n where signs[row] < 0 { for i in row * m ..< (row + 1) * m { a[i].negate() } }
        }
    }
}
