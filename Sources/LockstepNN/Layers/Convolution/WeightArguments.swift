import LockstepTensor

/// What a layer is told of one of its weights: how it begins, what it is penalized for and what it is held to. In configurations
/// `<name>_initializer`, `<name>_regularizer` and `<name>_constraint`.
struct WeightArguments {
    let name: String
    let initializer: any Initializer
    let regularizer: Regularizer?
    let constraint: Constraint?

    init(
        _ name: String, of owner: String, _ initializer: any InitializerSpec, _ regularizer: (any RegularizerSpec)?,
        _ constraint: (any ConstraintSpec)?
    ) {
        self.name = name
        self.initializer = initializer.resolved(for: owner)
        self.regularizer = regularizer?.resolved(for: owner)
        self.constraint = constraint?.resolved(for: owner)
    }

    var entries: [ConfigValue.Entry] {
        [
            .init("\(name)_initializer", initializer.serialized), .init("\(name)_regularizer", regularizer.serialized),
            .init("\(name)_constraint", constraint.serialized),
        ]
    }
}

extension Layer {
    /// Makes a weight by its arguments; for `build`.
    func addWeight(_ name: String, shape: Shape, _ arguments: WeightArguments) -> Variable {
        addWeight(
            name, shape: shape, initializer: arguments.initializer, regularizer: arguments.regularizer, constraint: arguments.constraint)
    }
}
