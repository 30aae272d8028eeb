import LockstepTensor

/// Each sample's axes in another order. `keras.layers.Permute`.
///
/// - Input: `[batch, d₁, d₂, …]`.
/// - Output: `[batch, d(dims[0]), d(dims[1]), …]`.
public final class Permute: Layer {
    /// Numbers of axes, from 1 on; 0 is the batch, which stays in front.
    public let dims: [Int]

    public init(_ dims: [Int], name: String? = nil) {
        self.dims = dims
        super.init(name: name)
        check(
            dims.sorted() == dims.indices.map { $0 + 1 },
            "Permute: dims must name each of the axes 1 to \(dims.count) once, got \(dims)")
    }

    convenience init(config: Config) throws {
        guard let given = try config.optionalArray("dims") else { throw ConfigError("missing dims: expected axes such as [2, 1]") }
        let dims = given.compactMap { if case .int(let axis) = $0 { axis } else { nil } }
        guard dims.count == given.count, dims.sorted() == dims.indices.map({ $0 + 1 }) else {
            throw ConfigError("expected each of the axes 1 to \(given.count) once", at: ["dims"])
        }
        self.init(dims, name: try config.optionalString("name"))
    }

    private func order(_ shape: Shape) -> [Int] {
        check(
            shape.rank == dims.count + 1,
            "Permute: dims \(dims) for an input of shape \(shape), which has \(shape.rank - 1) axes behind the batch")
        return [0] + dims
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor { input.transposed(order(input.shape)) }
    public override var config: [ConfigValue.Entry] { [.init("dims", .array(dims.map { .int($0) }))] }
}
