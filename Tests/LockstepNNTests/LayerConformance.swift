import LockstepNN
import LockstepTensor
import XCTest

/// Holds one layer to what every layer promises, by way of how Keras' own `run_layer_test` does it:
/// - the shape rule, with a known and an unknown batch, equals the shape of the actual output, in training as well;
/// - the weights have Keras' names and paths, and the order and shapes given;
/// - a layer made from the configuration computes the same with the same weights, and writes the same configuration;
/// - as a program it computes the same bytes as at once;
/// - gradients with respect to weights and input agree with finite differences (by Richardson's extrapolation from steps
///   h and h/2; see GradientConformance.swift beside the tests of tensors).
///
/// - Parameters:
///   - make: a new layer, always with the same arguments.
///   - input: a batch; its elements, and what the layer makes of them, lie away from kinks.
///   - weights: the names and shapes that `build` must make; of layers inside of it their paths: `lstm_cell/kernel`.
func checkLayer(
    _ make: () -> Layer, input: Tensor, weights: [(name: String, shape: Shape)] = [], step: Float = 1 / 16, tolerance: Double = 5e-4,
    file: StaticString = #filePath, line: UInt = #line
) throws {
    try checkLayer(make, inputs: [input], weights: weights, step: step, tolerance: tolerance, file: file, line: line)
}

/// As above, for a layer of several inputs.
func checkLayer(
    _ make: () -> Layer, inputs: [Tensor], weights: [(name: String, shape: Shape)] = [], step: Float = 1 / 16, tolerance: Double = 5e-4,
    file: StaticString = #filePath, line: UInt = #line
) throws {
    clearSession()
    let layer = make(), note = layer.className
    func makeModel(of layer: Layer) -> Model {
        let symbolic = inputs.map { Input($0.shape.sample, dtype: $0.dtype) }
        if inputs.count == 1 { return Sequential([symbolic[0], layer], name: "model") }
        return Model(inputs: symbolic, outputs: layer(symbolic as [KerasTensor]) as KerasTensor, name: "model")
    }
    let model = makeModel(of: layer)

    // Shapes.
    let output: Tensor = layer(inputs)
    XCTAssertEqual((layer(inputs, training: true) as Tensor).shape, output.shape, note, file: file, line: line)
    XCTAssertEqual(
        layer.outputSpecs(for: inputs.map { Spec(shape: $0.shape.sample.batched(), dtype: $0.dtype) }).map(\.shape),
        [output.shape.sample.batched()],
        note, file: file, line: line)
    func part(_ rows: Range<Int>) -> Shape { (layer(inputs.map { $0[rows] }) as Tensor).shape }
    XCTAssertEqual(part(0 ..< 1), output.shape.sample.batched(1), note, file: file, line: line)
    XCTAssertEqual(part(0 ..< 0), output.shape.sample.batched(0), "\(note), an empty part of a batch", file: file, line: line)

    // Weights.
    XCTAssertEqual(
        layer.weights.map(\.name), weights.map { String($0.name.split(separator: "/").last!) }, note, file: file, line: line)
    XCTAssertEqual(layer.weights.map(\.shape), weights.map(\.shape), note, file: file, line: line)
    XCTAssertEqual(layer.weights.map(\.path), weights.map { "model/\(layer.name)/\($0.name)" }, note, file: file, line: line)
    XCTAssertEqual(layer.countParams(), weights.reduce(0) { $0 + $1.shape.count }, note, file: file, line: line)
    layer.trainable = false
    XCTAssertEqual(layer.trainableWeights.count, 0, note, file: file, line: line)
    XCTAssertEqual(layer.nonTrainableWeights.count, weights.count, note, file: file, line: line)
    layer.trainable = true

    // Configuration.
    let copy = try Layers.registry.make(layer.className, .object(layer.config + [.init("name", .string(layer.name))]))
    XCTAssertTrue(type(of: copy) == type(of: layer), note, file: file, line: line)
    XCTAssertEqual(copy.name, layer.name, file: file, line: line)
    _ = makeModel(of: copy)
    // Layers inside of it say what they are built for.
    XCTAssertEqual(copy.config, layer.config, note, file: file, line: line)
    for (a, b) in zip(copy.weights, layer.weights) { a.assign(b.value) }
    for training in [false, true] {
        let (again, once): (Tensor, Tensor) = (copy(inputs, training: training), layer(inputs, training: training))
        XCTAssertEqual(again.scalars, once.scalars, note, file: file, line: line)
    }

    // Traced.
    for training in [false, true] {
        let graph = Graph(), traced: Tensor = graph.trace { model(inputs, training: training) },
            once: Tensor = layer(inputs, training: training)
        Program(graph, outputs: [traced]).run()
        XCTAssertEqual(traced.scalars, once.scalars, "\(note), traced", file: file, line: line)
    }

    // Gradients.
    guard output.dtype == .float32 else { return }
    let mix = Tensor.randomUniform(output.shape, low: -1, high: 1, seed: 1), sources = layer.trainableWeights
    func loss(_ inputs: [Tensor]) -> Double {
        zip((layer(inputs, training: true) as Tensor).scalars, mix.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let tape = GradientTape(persistent: true)
    for input in inputs { tape.watch(input) }
    let target = tape.record { (layer(inputs, training: true) * mix).sum() }
    func compare(_ gradient: Tensor?, _ point: Tensor, _ what: String, _ at: (Tensor) -> Double) {
        let scalars = point.scalars, found = gradient?.scalars ?? [Float](repeating: 0, count: scalars.count)
        for index in scalars.indices {
            func quotient(_ h: Float) -> Double {
                var (up, down) = (scalars, scalars)
                up[index] += h
                down[index] -= h
                return (at(Tensor(up, shape: point.shape)) - at(Tensor(down, shape: point.shape))) / Double(up[index] - down[index])
            }
            let want = (4 * quotient(step / 2) - quotient(step)) / 3
            guard Swift.abs(Double(found[index]) - want) <= tolerance * Swift.max(1, Swift.abs(want)) else {
                return XCTFail("\(note), gradient of \(what)[\(index)]: \(found[index]), differences give \(want)", file: file, line: line)
            }
        }
    }
    for (index, input) in inputs.enumerated() where input.dtype == .float32 {
        compare(tape.gradient(target, input), input, "input \(index)") { moved in
            var inputs = inputs
            inputs[index] = moved
            return loss(inputs)
        }
    }
    for variable in sources {
        let value = variable.value
        compare(tape.gradient(target, variable), value, variable.name) { moved in
            variable.assign(moved)
            defer { variable.assign(value) }
            return loss(inputs)
        }
    }
}
