import Foundation

/// How long a training step takes on any number of ranks, from a few measurements on few.
///
///     step(b, n)  = compute(b) + max(0, reduce(n) - overlap(b))
///     compute(b)  = c₀ + c₁ b                                          b samples on the busiest rank
///     reduce(n)   = 2 log₂(n) α + 2 (n - 1)/n · bytes · β              none for one rank
///     overlap(b)  = h · compute(b)
///
/// `reduce` is Rabenseifner's all-reduce, a reduce-scatter and an all-gather: Thakur, Rabenseifner and Gropp, "Optimization of
/// Collective Communication Operations in MPICH", International Journal of High Performance Computing Applications 19(1),
/// 2005. Its time of adding is part of β here, since both are measured together. α is the latency of one message and β the
/// time of one byte; both come from `bench allreduce` on two ranks. c₀ and c₁ come from steps of one process at several batch
/// sizes. h is what the first run on several ranks did not wait for.
///
/// It assumes that every rank has a core of its own as fast as that of one process alone, that ranks are never late, and
/// that every pair of ranks can talk at the measured bandwidth at once.
package struct ScalingModel: Equatable {
    /// α, seconds.
    package var latency: Double
    /// β, seconds.
    package var secondsPerByte: Double
    /// c₀, seconds: what a step costs whatever its batch, such as the optimizer's update.
    package var fixedCompute: Double
    /// c₁, seconds.
    package var computePerSample: Double
    /// h: the share of the computation behind which reduction was hidden, 0 … 1.
    package var overlapShare: Double
    /// Bytes of one rank's gradients.
    package var gradientBytes: Int

    package init(
        latency: Double, secondsPerByte: Double, fixedCompute: Double, computePerSample: Double, overlapShare: Double = 0,
        gradientBytes: Int
    ) {
        (self.latency, self.secondsPerByte, self.fixedCompute) = (latency, secondsPerByte, fixedCompute)
        (self.computePerSample, self.overlapShare, self.gradientBytes) = (computePerSample, overlapShare, gradientBytes)
    }

    /// How the batch grows with the ranks.
    package enum Mode: String, CaseIterable {
        /// Each rank keeps its batch: the global batch grows.
        case weak
        /// The global batch stays: each rank's part shrinks.
        case strong

        /// Samples of the global batch for `ranks`, where one process takes `batch`.
        package func globalBatch(_ batch: Int, ranks: Int) -> Int { self == .weak ? batch * ranks : batch }
    }

    /// Seconds of one rank's forward and backward pass, update and whatever else it does alone.
    package func compute(batch: Int) -> Double { fixedCompute + computePerSample * Double(batch) }

    /// 1/β in 10⁹ bytes a second; `nil` if the measurements show no time of a byte.
    package var gigabytesPerSecond: Double? { secondsPerByte > 0 ? 1e-9 / secondsPerByte : nil }

    /// Seconds to sum gradients over `ranks`, with nothing else going on.
    package func reduce(ranks: Int) -> Double {
        let n = Double(ranks)
        return 2 * log2(n) * latency + 2 * (n - 1) / n * Double(gradientBytes) * secondsPerByte
    }

    /// Seconds of a step with a global batch of `globalBatch` samples.
    package func step(globalBatch: Int, ranks: Int) -> Double {
        let compute = compute(batch: (globalBatch + ranks - 1) / ranks)
        return compute + max(0, reduce(ranks: ranks) - overlapShare * compute)
    }

    /// Samples a second on `ranks`, over `ranks` times those of one process: 1 is perfect.
    package func efficiency(_ mode: Mode, batch: Int, ranks: Int) -> Double {
        let globalBatch = mode.globalBatch(batch, ranks: ranks)
        let one = Double(batch) / step(globalBatch: batch, ranks: 1)
        return Double(globalBatch) / step(globalBatch: globalBatch, ranks: ranks) / (Double(ranks) * one)
    }
}

// MARK: From measurements

extension ScalingModel {
    /// - Parameters:
    ///   - steps: seconds of a step of one process by its batch.
    ///   - reductions: seconds of an all-reduce on two ranks by its bytes.
    ///   - gradientBytes: of one rank.
    package init(steps: [(batch: Int, seconds: Double)], reductions: [(bytes: Int, seconds: Double)], gradientBytes: Int) {
        let compute = ScalingModel.line(steps.map { (Double($0.batch), $0.seconds) })
        // On two ranks reduce(2) = 2 α + bytes · β.
        let network = ScalingModel.line(reductions.map { (Double($0.bytes), $0.seconds) })
        self.init(
            latency: network.intercept / 2, secondsPerByte: network.slope, fixedCompute: compute.intercept,
            computePerSample: compute.slope, gradientBytes: gradientBytes)
    }

    /// Notes how much of the reduction was hidden in a run on `ranks` with `batch` samples each, where a step waited
    /// `exposed` seconds for it.
    package mutating func setOverlap(exposed: Double, batch: Int, ranks: Int) {
        overlapShare = min(1, max(0, reduce(ranks: ranks) - exposed) / compute(batch: batch))
    }

    /// The line with the least squares of relative errors, neither intercept nor slope below zero. Relative, as the times
    /// span orders of magnitude and all count alike.
    package static func line(_ points: [(x: Double, y: Double)]) -> (intercept: Double, slope: Double) {
        // Minimise Σ (a u + b v - 1)² with u = 1/y, v = x/y.
        let (uu, uv, vv) = points.reduce((0.0, 0.0, 0.0)) { sum, point in
            let (u, v) = (1 / point.y, point.x / point.y)
            return (sum.0 + u * u, sum.1 + u * v, sum.2 + v * v)
        }
        let (u, v) = points.reduce((0.0, 0.0)) { ($0.0 + 1 / $1.y, $0.1 + $1.x / $1.y) }
        let determinant = uu * vv - uv * uv
        // One point alone, or several at one place, says nothing of the slope: all of it is taken as fixed.
        guard determinant > 1e-12 * uu * vv else { return (u / uu, 0) }
        let (intercept, slope) = ((u * vv - v * uv) / determinant, (v * uu - u * uv) / determinant)
        if intercept < 0 { return (0, v / vv) }
        if slope < 0 { return (u / uu, 0) }
        return (intercept, slope)
    }
}
