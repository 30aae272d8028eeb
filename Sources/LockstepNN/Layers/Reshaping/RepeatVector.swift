import LockstepTensor

/// Repeats each sample's vector along a new axis. `keras.layers.RepeatVector`.
///
/// - Input: `[batch, features]`.
/// - Output: `[batch, n, features]`.
public final class RepeatVector: Layer {
    public let n: Int

    public init(_ n: Int, name: String? = nil) {
        self.n = n
        super.init(name: name)
        check(n > 0, "RepeatVector: n must be positive, got \(n)")
    }

    convenience init(config: Config) throws {
        let n = try config.int("n")
        guard n > 0, n <= Int(Int32.max) else { throw ConfigError("expected a positive number, found \(n)", at: ["n"]) }
        self.init(n, name: try config.optionalString("name"))
    }

    public override var inputSpec: InputSpec? { InputSpec(rank: 2) }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        input.expandingDims(axis: 1).broadcast(to: [input.shape[0], n, input.shape[1]])
    }

    public override var config: [ConfigValue.Entry] { [.init("n", .int(n))] }
}
