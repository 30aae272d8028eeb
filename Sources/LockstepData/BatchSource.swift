import LockstepTensor

/// Where the batches of an epoch come from: arrays in memory, files too large for it, a generator that ends when it ends.
///
/// Every rank has the same source, and asks it for the parts of each batch that it computes itself. A run goes through an epoch
/// batch by batch:
///
///     source.begin(epoch: 3, seed: 0)
///     while case let count = source.select(batch: index), count > 0 { source.fill(part, into: arrays) … }
///
/// Between `begin` and the end of the epoch nothing here should take memory from the heap: a step does not.
public protocol BatchSource: AnyObject {
    /// The arrays of every batch.
    var specs: BatchSpecs { get }
    /// Samples of the largest batch.
    var batchSize: Int { get }
    /// Batches of an epoch; `nil` where that is known only when it ends.
    var batchCount: Int? { get }

    /// Begins an epoch. The order of its samples depends on nothing but these two numbers.
    func begin(epoch: Int, seed: Int)
    /// Turns to a batch of the epoch, most often the one behind the last; a run that is resumed begins with a later one.
    ///
    /// - Returns: samples of the *global* batch, over all ranks; 0 behind the last batch.
    func select(batch: Int) -> Int
    /// Writes some samples of that batch into memory, which has room for them.
    ///
    /// - Parameter part: places in the global batch; may be empty.
    func fill(_ part: Range<Int>, into arrays: BatchArrays)
    /// The sum of a target's weights over all of that global batch; its number of samples where it has none.
    func weightSum(ofTarget index: Int) -> Float
}

/// What each batch is made of.
public struct BatchSpecs {
    /// One array: what it is called, where it comes from, and what one sample of it is.
    public struct Column {
        public let name: String
        /// The file or array that the values come from, for messages.
        public let source: String
        /// Shape and type of one sample.
        public let sample: Spec

        public init(name: String, source: String, sample: Spec) { (self.name, self.source, self.sample) = (name, source, sample) }
    }

    public let inputs: [Column]
    /// Empty to predict.
    public let targets: [Column]
    /// For each target the shape of a sample's weights: `()` for one, or as the target's losses have it; `nil` where it has none.
    public let weights: [Shape?]
    /// Whether inputs and targets are those of a model of these names. Otherwise they go in order, unless each has such a name.
    public let inputsAreNamed: Bool, targetsAreNamed: Bool

    public init(inputs: [Column], targets: [Column], weights: [Shape?], inputsAreNamed: Bool = false, targetsAreNamed: Bool = false) {
        (self.inputs, self.targets, self.weights) = (inputs, targets, weights)
        (self.inputsAreNamed, self.targetsAreNamed) = (inputsAreNamed, targetsAreNamed)
    }

    /// Whether programs for batches of these can be used for batches of `other`.
    public func hasLayout(of other: BatchSpecs) -> Bool {
        inputs.map(\.name) == other.inputs.map(\.name) && targets.map(\.name) == other.targets.map(\.name)
            && inputs.map(\.sample) == other.inputs.map(\.sample) && targets.map(\.sample) == other.targets.map(\.sample)
            && weights == other.weights
    }
}

/// Where the arrays of a batch are to be written, in the order of the specs; `nil` for weights that a target does not have.
public struct BatchArrays {
    public var inputs: [UnsafeMutableRawPointer]
    public let targets: [UnsafeMutableRawPointer]
    public let weights: [UnsafeMutableRawPointer?]

    public init(inputs: [UnsafeMutableRawPointer], targets: [UnsafeMutableRawPointer], weights: [UnsafeMutableRawPointer?]) {
        (self.inputs, self.targets, self.weights) = (inputs, targets, weights)
    }
}
