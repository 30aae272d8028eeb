import LockstepTensor

/// TP / (TP + mistakes of one kind); 0 where there is neither: what precision and recall have in common.
public class TruePositiveShare: ConfusionMetric {
    class var mistakes: Outcome { Failure.report("metric \(self) does not override mistakes") }

    /// - Parameters:
    ///   - thresholds: one result each; 0.5 by default, none with `topK`.
    ///   - topK: positive are the `topK` largest predictions of each row.
    ///   - classID: look at this class alone.
    public init(thresholds: [Float]? = nil, topK: Int? = nil, classID: Int? = nil, name: String? = nil) {
        super.init(
            [.truePositives: Outcome.truePositives.rawValue, Self.mistakes: Self.mistakes.rawValue], thresholds: thresholds, topK: topK,
            classID: classID, name: name)
    }
    convenience init(config: Config) throws {
        self.init(
            thresholds: try Self.thresholds(config), topK: try Self.index(config, "top_k", from: 1),
            classID: try Self.index(config, "class_id", from: 0), name: try config.optionalString("name"))
    }
    public override func result() -> Tensor {
        perThreshold(zip(counts(.truePositives), counts(Self.mistakes)).map { ratio($0, $0 + $1) })
    }
    public override var direction: Direction? { .up }
    public override var config: [ConfigValue.Entry] { super.config + classEntries }
}

/// How much of what is predicted positive is: TP / (TP + FP); 0 where nothing is. `keras.metrics.Precision`.
public final class Precision: TruePositiveShare {
    override class var mistakes: Outcome { .falsePositives }
}

/// How much of what is positive is predicted to be: TP / (TP + FN); 0 where nothing is. `keras.metrics.Recall`.
public final class Recall: TruePositiveShare {
    override class var mistakes: Outcome { .falseNegatives }
}
