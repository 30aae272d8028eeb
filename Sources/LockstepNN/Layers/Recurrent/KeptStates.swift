import LockstepTensor

/// The states that a `stateful` layer goes on with: a row for each sample of the global batch, whatever parts it is cut into. They are no
/// weights: files do not hold them, as Keras' do not.
///
/// Not a layer's property by itself, so that `LayerContents` does not find the variables.
final class KeptStates {
    let variables: [Variable]

    init(_ batch: Int, units: Int, count: Int) {
        variables = (0 ..< count).map { _ in
            let variable = Variable(.zeros([batch, units]), name: "rnn_state", trainable: false)
            variable.path = NameScope.path("rnn_state")
            variable.hasRowPerSample = true
            return variable
        }
    }

    /// Those of the samples at hand.
    func values(_ rows: Int) -> [Tensor] { variables.map { $0.value.batchRows(rows, path: $0.path) } }

    func assign(_ states: [Tensor]) {
        for (variable, state) in zip(variables, states) {
            variable.assign(variable.value.replacingBatchRows(with: state, path: variable.path))
        }
    }

    func reset() { for variable in variables { variable.assign(.zeros(variable.shape)) } }
}

extension Layer {
    /// Whether it, or a layer inside of it, goes on with the states of the batch before.
    package var isStateful: Bool { (self as? RecurrentLayer)?.stateful ?? false || sublayers.contains(where: \.isStateful) }
}
