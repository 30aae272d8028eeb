import LockstepTensor

/// The intersection over the union of the places of a class in truth and prediction, TP / (TP + FP + FN), mean over some classes that
/// occur. `keras.metrics.IoU`.
///
/// The state is a matrix of counts, truths by predictions, which adds up over ranks. Counts are exact up to 2²⁴.
public class IoU: Metric {
    public let numClasses: Int, targetClassIDs: [Int], ignoreClass: Int?
    /// Whether targets, and predictions, are classes: else the largest number along `axis` is.
    public let sparseYTrue: Bool, sparseYPred: Bool
    public let axis: Int
    /// Of weights: with `.int32`, Keras' default, a weight of 1.5 counts as 1.
    public let dtype: DType
    private var counts: Variable!
    private static let mostClasses = 1 << 15

    /// - Parameters:
    ///   - numClasses: classes are 0 ..< numClasses; others count for nothing.
    ///   - targetClassIDs: the classes of whose values the metric is the mean.
    ///   - ignoreClass: a class of targets that counts for nothing.
    ///   - sparseYTrue: whether targets are classes, one axis fewer than distributions over them.
    ///   - sparseYPred: the same of predictions.
    ///   - axis: along which the classes of what is not sparse lie.
    ///   - name: by default that of the class.
    public init(
        numClasses: Int, targetClassIDs: [Int], name: String? = nil, dtype: DType = .int32, ignoreClass: Int? = nil,
        sparseYTrue: Bool = true,
        sparseYPred: Bool = true, axis: Int = -1
    ) {
        check(
            numClasses > 0 && numClasses <= Self.mostClasses,
            "\(Self.self): numClasses must lie between 1 and \(Self.mostClasses), got \(numClasses)")
        check(
            !targetClassIDs.isEmpty && targetClassIDs.allSatisfy { 0 ..< numClasses ~= $0 },
            "\(Self.self): targetClassIDs must be some of 0 ..< \(numClasses), got \(targetClassIDs)")
        check(dtype == .int32 || dtype == .float32, "\(Self.self): dtype must be int32 or float32, got \(dtype)")
        (self.numClasses, self.targetClassIDs, self.ignoreClass) = (numClasses, targetClassIDs, ignoreClass)
        (self.sparseYTrue, self.sparseYPred, self.axis, self.dtype) = (sparseYTrue, sparseYPred, axis, dtype)
        super.init(name: name ?? Naming.unique(String(describing: Self.self)))
        counts = addWeight("total_confusion_matrix", shape: [numClasses, numClasses])
    }

    convenience init(config: Config) throws {
        let classes = try Self.classes(config)
        self.init(
            numClasses: classes, targetClassIDs: try Self.targets(config, of: classes) ?? Self.missingTargets(),
            name: try config.optionalString("name"), dtype: try Self.dtype(config), ignoreClass: try config.optionalInt("ignore_class"),
            sparseYTrue: try config.bool("sparse_y_true", default: true), sparseYPred: try config.bool("sparse_y_pred", default: true),
            axis: try config.int("axis", default: -1))
    }

    public override func problem(yTrue: Shape, yPred: Shape) -> String? {
        func places(_ shape: Shape, _ isSparse: Bool) -> Shape? {
            if isSparse { return shape }
            let place = axis < 0 ? axis + shape.rank : axis
            guard 0 ..< shape.rank ~= place else { return nil }
            return Shape(shape.dimensions.enumerated().filter { $0.offset != place }.map(\.element))
        }
        let fits =
            if let truth = places(yTrue, sparseYTrue), let prediction = places(yPred, sparseYPred) {
                TargetFit.elementwise.wayOut(truth, prediction) == nil
            } else { false }
        if fits { return nil }
        func kind(_ isSparse: Bool) -> String { isSparse ? "classes" : "scores of classes along axis \(axis)" }
        return
            "targets of shape \(yTrue) for predictions of shape \(yPred); expected \(kind(sparseYTrue)) and \(kind(sparseYPred)), or other sparse_y_true and sparse_y_pred"
    }

    public override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        if let problem = problem(yTrue: yTrue.shape, yPred: yPred.shape) { Failure.report("metric \(name): \(problem)") }
        func classes(_ x: Tensor, _ isSparse: Bool) -> Tensor { isSparse ? x.cast(to: .int32) : x.cast(to: .float32).argmax(axis: axis) }
        let (truth, prediction) = matchingRanks(classes(yTrue, sparseYTrue), classes(yPred, sparseYPred))
        // Whole weights, by default: of a type that is an integer.
        let weight = sampleWeight.map { (dtype == .int32 ? $0.cast(to: .int32) : $0).cast(to: .float32) }
        counts.assignAdd(
            confusionMatrix(
                truth, prediction, weight: weight.map { aligned($0, with: truth).broadcast(to: truth.shape) }, classes: numClasses,
                ignored: ignoreClass))
    }

    public override func result() -> Tensor {
        let matrix = counts.value.scalars.map { Double($0) }, n = numClasses
        let values = targetClassIDs.compactMap { id -> Double? in
            let row = (0 ..< n).reduce(0) { $0 + matrix[id * n + $1] }, column = (0 ..< n).reduce(0) { $0 + matrix[$1 * n + id] }
            let union = row + column - matrix[id * n + id]
            return union > 1e-9 ? matrix[id * n + id] / (union + 1e-7) : nil
        }
        return Tensor(Float(values.reduce(0, +) / (Double(values.count) + 1e-7)))
    }

    public override var direction: Direction? { .up }
    public override var config: [ConfigValue.Entry] {
        nameEntries + [.init("num_classes", .int(numClasses)), targetEntry] + classEntries
    }

    // MARK: Configurations of this and its kin

    var nameEntries: [ConfigValue.Entry] { [.init("name", .string(name)), .init("dtype", .string(dtype.rawValue))] }
    var targetEntry: ConfigValue.Entry { .init("target_class_ids", ConfigValue(targetClassIDs)) }
    var classEntries: [ConfigValue.Entry] {
        [
            .init("ignore_class", ConfigValue(ignoreClass)), .init("sparse_y_true", .bool(sparseYTrue)),
            .init("sparse_y_pred", .bool(sparseYPred)), .init("axis", .int(axis)),
        ]
    }

    static func classes(_ config: Config) throws -> Int {
        let classes = try config.int("num_classes")
        guard 1 ... mostClasses ~= classes else {
            throw ConfigError("expected a number between 1 and \(mostClasses), found \(classes)", at: ["num_classes"])
        }
        return classes
    }
    static func targets(_ config: Config, of classes: Int) throws -> [Int]? {
        try config.optionalArray("target_class_ids").map { items in
            guard !items.isEmpty else { throw ConfigError("expected classes, found an empty list", at: ["target_class_ids"]) }
            return try items.enumerated().map { index, item in
                guard case .int(let id) = item, 0 ..< classes ~= id else {
                    throw ConfigError("expected a class, 0 to \(classes - 1), found \(item.kind)", at: ["target_class_ids", String(index)])
                }
                return id
            }
        }
    }
    private static func missingTargets() throws -> [Int] { throw ConfigError("missing target_class_ids: expected a list of classes") }
    static func dtype(_ config: Config) throws -> DType {
        switch try config.string("dtype", default: "int32") {
        case "int", "int32", "int64": .int32
        case "float32", "float": .float32
        case let other: throw ConfigError("expected int32 or float32, found \"\(other)\"", at: ["dtype"])
        }
    }
}

/// `IoU` of all classes. `keras.metrics.MeanIoU`.
public class MeanIoU: IoU {
    /// As of `IoU`.
    public convenience init(
        numClasses: Int, name: String? = nil, dtype: DType = .int32, ignoreClass: Int? = nil, sparseYTrue: Bool = true,
        sparseYPred: Bool = true, axis: Int = -1
    ) {
        self.init(
            numClasses: numClasses, targetClassIDs: Array(0 ..< max(0, numClasses)), name: name, dtype: dtype, ignoreClass: ignoreClass,
            sparseYTrue: sparseYTrue, sparseYPred: sparseYPred, axis: axis)
    }
    convenience init(config: Config) throws {
        self.init(
            numClasses: try Self.classes(config), name: try config.optionalString("name"), dtype: try Self.dtype(config),
            ignoreClass: try config.optionalInt("ignore_class"), sparseYTrue: try config.bool("sparse_y_true", default: true),
            sparseYPred: try config.bool("sparse_y_pred", default: true), axis: try config.int("axis", default: -1))
    }
    public override var config: [ConfigValue.Entry] { nameEntries + [.init("num_classes", .int(numClasses))] + classEntries }
}

/// `IoU` of two classes, of which the second holds where a prediction is at least `threshold`. `keras.metrics.BinaryIoU`.
public final class BinaryIoU: IoU {
    public let threshold: Float

    /// - Parameters:
    ///   - targetClassIDs: 0, 1 or, by default, both.
    ///   - threshold: 0.5 by Keras' default.
    public init(targetClassIDs: [Int] = [0, 1], threshold: Float = 0.5, name: String? = nil, dtype: DType = .int32) {
        self.threshold = threshold
        super.init(numClasses: 2, targetClassIDs: targetClassIDs, name: name, dtype: dtype)
        checkFinite("BinaryIoU", ["threshold": threshold])
    }
    convenience init(config: Config) throws {
        self.init(
            targetClassIDs: try Self.targets(config, of: 2) ?? [0, 1], threshold: try config.float("threshold", default: 0.5),
            name: try config.optionalString("name"), dtype: try Self.dtype(config))
    }
    public override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        super.updateState(yTrue, (yPred.cast(to: .float32) .>= threshold).cast(to: .int32), sampleWeight: sampleWeight)
    }
    public override var config: [ConfigValue.Entry] { nameEntries + [targetEntry, .init("threshold", ConfigValue(threshold))] }
}

/// `IoU` of targets that are distributions over the classes, and predictions that are scores. `keras.metrics.OneHotIoU`.
public final class OneHotIoU: IoU {
    /// As of `IoU`.
    public convenience init(
        numClasses: Int, targetClassIDs: [Int], name: String? = nil, dtype: DType = .int32, ignoreClass: Int? = nil,
        sparseYPred: Bool = false, axis: Int = -1
    ) {
        self.init(
            numClasses: numClasses, targetClassIDs: targetClassIDs, name: name, dtype: dtype, ignoreClass: ignoreClass, sparseYTrue: false,
            sparseYPred: sparseYPred, axis: axis)
    }
    convenience init(config: Config) throws {
        let classes = try Self.classes(config)
        guard let targets = try Self.targets(config, of: classes) else {
            throw ConfigError("missing target_class_ids: expected a list of classes")
        }
        self.init(
            numClasses: classes, targetClassIDs: targets, name: try config.optionalString("name"), dtype: try Self.dtype(config),
            ignoreClass: try config.optionalInt("ignore_class"), sparseYPred: try config.bool("sparse_y_pred", default: false),
            axis: try config.int("axis", default: -1))
    }
    public override var config: [ConfigValue.Entry] { super.config.filter { $0.key != "sparse_y_true" } }
}

/// `MeanIoU` of targets that are distributions over the classes, and predictions that are scores. `keras.metrics.OneHotMeanIoU`.
public final class OneHotMeanIoU: MeanIoU {
    /// As of `IoU`.
    public convenience init(
        numClasses: Int, name: String? = nil, dtype: DType = .int32, ignoreClass: Int? = nil, sparseYPred: Bool = false, axis: Int = -1
    ) {
        self.init(
            numClasses: numClasses, name: name, dtype: dtype, ignoreClass: ignoreClass, sparseYTrue: false, sparseYPred: sparseYPred,
            axis: axis)
    }
    convenience init(config: Config) throws {
        self.init(
            numClasses: try Self.classes(config), name: try config.optionalString("name"), dtype: try Self.dtype(config),
            ignoreClass: try config.optionalInt("ignore_class"), sparseYPred: try config.bool("sparse_y_pred", default: false),
            axis: try config.int("axis", default: -1))
    }
    public override var config: [ConfigValue.Entry] { super.config.filter { $0.key != "sparse_y_true" } }
}
