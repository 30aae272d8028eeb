import LockstepTensor

/// The linear scaling rule for large batches, reached gradually.
///
///     target = baseLearningRate · batchSize / baseBatchSize
///     t < warmupSteps:  baseLearningRate + (target - baseLearningRate) · t / warmupSteps
///     then:             target, or after(t - warmupSteps)
///
/// Goyal et al. 2017, sections 2.1 and 2.2. Not a part of Keras, which cannot open a file that names it.
public final class GradualWarmup: LearningRateSchedule {
    public let baseLearningRate: Float, batchSize: Int, baseBatchSize: Int, warmupSteps: Int
    /// What follows, its steps counted from the end of the warm-up; the target itself if there is none.
    public let after: LearningRateSchedule?

    /// - Parameters:
    ///   - baseLearningRate: a rate that trains well with batches of `baseBatchSize`.
    ///   - batchSize: of the global batch, all ranks together.
    ///   - after: given its rates as they are; most start at `target`.
    public init(
        baseLearningRate: Float, batchSize: Int, baseBatchSize: Int = 256, warmupSteps: Int, after: LearningRateSchedule? = nil
    ) {
        (self.baseLearningRate, self.batchSize, self.baseBatchSize) = (baseLearningRate, batchSize, baseBatchSize)
        (self.warmupSteps, self.after) = (warmupSteps, after)
        check(
            batchSize > 0 && baseBatchSize > 0 && warmupSteps >= 0,
            "GradualWarmup: expected positive sizes of batches, got \(batchSize) and \(baseBatchSize), and \(warmupSteps) steps not negative"
        )
        checkFinite("GradualWarmup", ["baseLearningRate": baseLearningRate])
    }
    convenience init(config: Config) throws {
        self.init(
            baseLearningRate: try config.float("base_learning_rate"), batchSize: try config.steps("batch_size"),
            baseBatchSize: try config.steps("base_batch_size", default: 256), warmupSteps: try config.steps("warmup_steps", from: 0),
            after: try config.schedule("after"))
    }

    /// The rate at the end of the warm-up.
    public var target: Float { Float(Double(baseLearningRate) * Double(batchSize) / Double(baseBatchSize)) }

    public override func value(step: Int) -> Float {
        guard step < warmupSteps else { return after?.value(step: step - warmupSteps) ?? target }
        let (start, end) = (Double(baseLearningRate), Double(baseLearningRate) * Double(batchSize) / Double(baseBatchSize))
        return Float(start + (end - start) * Double(step) / Double(warmupSteps))
    }

    public override var module: String { "lockstep.optimizers.schedules" }
    public override var config: [ConfigValue.Entry] {
        [
            .init("base_learning_rate", ConfigValue(baseLearningRate)), .init("batch_size", .int(batchSize)),
            .init("base_batch_size", .int(baseBatchSize)), .init("warmup_steps", .int(warmupSteps)),
            .init("after", after?.serialized ?? .null),
        ]
    }
}
