import Lockstep

/// Wide and deep (Cheng et al. 2016): one part of the input goes straight to the output, the other through hidden layers. Once as a
/// graph of layers, once as a class; both come to the same.
func trainWideAndDeep() throws {
    let wide = Tensor.randomNormal([512, 5], seed: 1), deep = Tensor.randomNormal([512, 6], seed: 2)
    let y = wide.sum(axes: [1], keepDims: true) * 0.3 + tanh(deep[0..., 0 ..< 1] * deep[0..., 1 ..< 2])

    let (a, b) = (Input([5], name: "wide"), Input([6], name: "deep"))
    let hidden = Dense(30, activation: "relu", name: "hidden2")(Dense(30, activation: "relu", name: "hidden1")(b))
    let main = Dense(1, name: "main")(concatenate([a, hidden]))
    let graph = Model(inputs: [a, b], outputs: [main, Dense(1, name: "aux")(hidden)], name: "graph")
    let model = WideAndDeep(name: "class")
    // The same start.
    let _: [Tensor] = model([wide[0 ..< 1], deep[0 ..< 1]])
    model.setWeights(["hidden1", "hidden2", "main", "aux"].flatMap { graph.layer(named: $0)!.getWeights() })

    for model in [graph, model] as [Model] {
        try model.compile(
            optimizer: SGD(learningRate: 0.05), loss: ["mse", "mse"], lossWeights: [0.9, 0.1], metrics: ["mae", "mae"])
        try model.fit([wide, deep], [y, y], epochs: 4, verbose: 0, seed: 3)
        report(model.name, try model.evaluate([wide, deep], [y, y], verbose: 0))
    }
}

/// Layers are properties; `call` says how they are used.
final class WideAndDeep: Model {
    private let hidden1 = Dense(30, activation: "relu"), hidden2 = Dense(30, activation: "relu")
    private let main = Dense(1), aux = Dense(1)

    override var outputNames: [String]? { ["main", "aux"] }

    override func call(_ inputs: [Tensor], training: Bool) -> [Tensor] {
        let (wide, deep) = (inputs[0], inputs[1]), hidden: Tensor = hidden2(hidden1(deep))
        return [main(concatenate([wide, hidden], axis: -1)), aux(hidden)]
    }
}
