import LockstepTensor

extension Layer {
    /// Builds the layer if it is not built, and says what its outputs look like for inputs like these, whose lengths may be unknown.
    ///
    /// The layer's own calls say it, traced without elements: unknown lengths are set to one number and then to another, and what
    /// differs in the outputs is unknown, as Keras does with JAX (`jax.eval_shape`).
    ///
    /// Stops where the shape that the layer declares is another.
    package final func outputSpecs(
        for inputs: [Spec], _ arguments: CallArguments<Spec> = CallArguments(), training: Bool = false
    ) -> [Spec] {
        let fitting = NameScope.with(name) {
            let fitting = self.fitting(inputs)
            buildIfNeeded(inputs.map(\.shape), arguments.without("mask").map(\.shape))
            return fitting
        }
        let fillings = fillings(fitting + arguments.tensors)
        let first = traced(fitting, arguments, filling: fillings.0, training)
        guard (fitting + arguments.tensors).contains(where: { !$0.shape.isKnown }) else { return declared(first, for: inputs) }
        let second = traced(fitting, arguments, filling: fillings.1, training)
        let specs = zip(first, second).map { a, b in
            Spec(shape: Shape(zip(a.shape.dimensions, b.shape.dimensions).map { $0 == $1 ? $0 : Shape.unknown }), dtype: a.dtype)
        }
        return declared(specs, for: inputs)
    }

    /// What stands for lengths that are not known in the first and in the second trace.
    private func fillings(_ specs: [Spec]) -> (Filling, Filling) {
        let unknown = specs.map { $0.shape.dimensions.dropFirst().count { $0 == Shape.unknown } }.max() ?? 0
        // Keras' choice for numbers of samples. Of other axes, numbers that are still different after large strides, and in which wide
        // windows fit; smaller ones where they multiply.
        return unknown > 1
            ? (Filling(rows: 83, others: 131), Filling(rows: 89, others: 263))
            : (Filling(rows: 83, others: 521), Filling(rows: 89, others: 1031))
    }

    private func traced(_ inputs: [Spec], _ arguments: CallArguments<Spec>, filling: Filling, _ training: Bool) -> [Spec] {
        CallContext.alone(training: training) { context in
            if inputs.contains(where: { $0.shape.dimensions.first == Shape.unknown }) { context.placeholderRows = filling.rows }
            func placeholder(_ spec: Spec) -> Tensor { Graph.placeholder(spec.filled(by: filling)) }
            return Graph().trace {
                callAll(inputs.map(placeholder), arguments.map(placeholder), training: training)
                    .map { Spec(shape: $0.shape, dtype: $0.dtype) }
            }
        }
    }

    private func declared(_ specs: [Spec], for inputs: [Spec]) -> [Spec] {
        if inputs.count == 1, specs.count == 1, let declared = computeOutputShape(inputs[0].shape) {
            check(
                declared.matches(specs[0].shape),
                "layer \(name) (\(className)): computeOutputShape declares \(declared) for an input of shape \(inputs[0].shape), its call gives \(specs[0].shape); correct the one that is wrong, or leave computeOutputShape out"
            )
        }
        outputShapes = specs.map(\.shape)
        return specs
    }
}

private struct Filling {
    let rows: Int, others: Int
}

extension Spec {
    /// Lengths that are not known set to those of `filling`.
    fileprivate func filled(by filling: Filling) -> Spec {
        Spec(
            shape: Shape(
                shape.dimensions.enumerated().map { axis, length in
                    length != Shape.unknown ? length : axis == 0 ? filling.rows : filling.others
                }), dtype: dtype)
    }
}
