import CKernels
import LockstepTensor

/// How gradients that are too large are made smaller before an update. Keras' `clipnorm`, `global_clipnorm`, `clipvalue`.
public enum GradientClipping: Equatable, Sendable {
    /// The gradient of each variable on its own, to this norm: g · c / max(‖g‖, c).
    case norm(Float)
    /// All gradients together, to this norm: as above, with the norm of all.
    case globalNorm(Float)
    /// Each number, to at most this in magnitude.
    case value(Float)

    /// - Throws: `ConfigError` where more than one is given, or one that is not positive.
    init?(clipnorm: Float?, clipvalue: Float?, globalClipnorm: Float?) throws {
        let given = [("clipnorm", clipnorm), ("clipvalue", clipvalue), ("global_clipnorm", globalClipnorm)].compactMap { name, value in
            value.map { (name, $0) }
        }
        guard let (name, value) = given.first else { return nil }
        guard given.count == 1 else {
            throw ConfigError(
                "only one of clipnorm, clipvalue and global_clipnorm can be set; found \(given.map { "\($0) \($1)" }.joined(separator: ", "))"
            )
        }
        guard value > 0, value.isFinite else { throw ConfigError("expected a positive number, found \(value)", at: [name]) }
        self = clipnorm != nil ? .norm(value) : clipvalue != nil ? .value(value) : .globalNorm(value)
    }
}

/// What happens to summed gradients before the update: they are gathered over batches, then clipped.
///
/// What comes in is shared with other ranks, which read it too; what is changed is written to an arena of this rank's own.
/// Norms are taken over the gradients of all parameters, variable by variable in the layout's order and in double, so that
/// every rank finds the same bits; elements are changed in the given runs only. Neither allocates.
struct GradientPreparation {
    private let layout: ParameterLayout
    private let clipping: GradientClipping?
    private let accumulationSteps: Int?
    /// What is gathered, then what is clipped. The floats between variables stay zero.
    let arena: Memory
    private let scales: Memory

    /// - Parameter arena: in the layout, with what was gathered so far; zeros at first.
    init(_ layout: ParameterLayout, _ clipping: GradientClipping?, _ accumulationSteps: Int?, arena: Memory) {
        (self.layout, self.clipping, self.accumulationSteps, self.arena) = (layout, clipping, accumulationSteps, arena)
        scales = Memory(repeating: 1, count: layout.variables.count)
    }

    var floats: UnsafeMutablePointer<Float> { arena.floats }

    /// The gradients to update with, in an arena of the layout; `nil` where this step (they count from 1) only gathers.
    func prepare(_ gradients: UnsafePointer<Float>, runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)], step: Int)
        -> UnsafePointer<Float>?
    {
        guard let accumulationSteps else { return clip(gradients, runs) }
        forEachGathered(runs) { lk_add_vv(Int64($0.count), floats + $0.lowerBound, gradients + $0.lowerBound, floats + $0.lowerBound) }
        guard step % accumulationSteps == 0 else { return nil }
        forEachGathered(runs) { lk_div_vs(Int64($0.count), floats + $0.lowerBound, Float(accumulationSteps), floats + $0.lowerBound) }
        return clip(floats, runs)
    }

    private func clip(_ gradients: UnsafePointer<Float>, _ runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)])
        -> UnsafePointer<Float>
    {
        switch clipping {
        case nil: return gradients
        case .value(let bound):
            for run in runs { lk_clamp(Int64(run.count), gradients + run.offset, -bound, bound, floats + run.offset) }
        case .norm, .globalNorm:
            // Most steps need no clipping: no copy either.
            guard findScales(gradients) else { return gradients }
            let scales = scales.floats
            for run in runs {
                for index in layout.offsets.indices {
                    let part = layout.elements(ofVariable: index, in: run.offset ..< run.offset + run.count)
                    lk_mul_vs(Int64(part.count), gradients + part.lowerBound, scales[index], floats + part.lowerBound)
                }
            }
        }
        return UnsafePointer(floats)
    }

    /// Forgets what was gathered, after an update.
    func reset(runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)]) {
        guard accumulationSteps != nil else { return }
        forEachGathered(runs) { lk_fill(Int64($0.count), 0, floats + $0.lowerBound) }
    }

    /// A norm needs the gathered gradients of all parameters, everything else those of the runs.
    private func forEachGathered(
        _ runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)], _ body: (Range<Int>) -> Void
    ) {
        switch clipping {
        case .norm, .globalNorm: body(0 ..< layout.count)
        case .value, nil: for run in runs { body(run.offset ..< run.offset + run.count) }
        }
    }

    /// Sets what each variable's gradient is multiplied with; false where all of that is 1.
    private func findScales(_ gradients: UnsafePointer<Float>) -> Bool {
        let scales = scales.floats
        switch clipping {
        case .norm(let bound):
            var clips = false
            for index in layout.offsets.indices {
                let norm = Float(sumOfSquares(index, gradients).squareRoot())
                // Written so that the norm may be NaN: then so is all of the gradient.
                scales[index] = norm <= bound ? 1 : bound / norm
                if scales[index] != 1 { clips = true }
            }
            return clips
        case .globalNorm(let bound):
            var sum = 0.0
            for index in layout.offsets.indices { sum += sumOfSquares(index, gradients) }
            let norm = Float(sum.squareRoot())
            guard !(norm <= bound) else { return false }
            // As in Keras, a norm that is not finite makes every gradient NaN: seen, rather than trained on.
            for index in layout.offsets.indices { scales[index] = norm.isFinite ? bound / norm : .nan }
            return true
        default: return false
        }
    }

    private func sumOfSquares(_ index: Int, _ gradients: UnsafePointer<Float>) -> Double {
        lk_sum_squares(Int64(layout.lengths[index]), gradients + layout.offsets[index])
    }
}
