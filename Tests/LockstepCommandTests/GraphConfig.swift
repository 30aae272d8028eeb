import Lockstep

/// A run of a model of two inputs and two outputs, of which age is a number and income one of three classes.
struct GraphConfig {
    /// Lines 1 to 17.
    static let model = """
        model:
          class_name: Functional
          config:
            name: people
            layers:
              - {class_name: InputLayer, config: {batch_shape: [null, 4], name: posts}, inbound_nodes: []}
              - {class_name: InputLayer, config: {batch_shape: [null, 3], name: tags}, inbound_nodes: []}
              - {class_name: Dense, config: {units: 8, activation: tanh, name: hidden}, inbound_nodes: [[[posts, 0, 0]]]}
              - {class_name: Concatenate, config: {name: joined}, inbound_nodes: [[[hidden, 0, 0], [tags, 0, 0]]]}
              - {class_name: Dropout, config: {rate: 0.1, name: dropout}, inbound_nodes: [[[joined, 0, 0]]]}
              - {class_name: Dense, config: {units: 1, name: age}, inbound_nodes: [[[dropout, 0, 0]]]}
              - {class_name: Dense, config: {units: 3, activation: softmax, name: income}, inbound_nodes: [[[dropout, 0, 0]]]}
            input_layers: [[posts, 0, 0], [tags, 0, 0]]
            output_layers: [[age, 0, 0], [income, 0, 0]]
        """
    var model = Self.model
    /// Line 15.
    var data = "data: {train: {npz: train.npz}, validation: {split: 0.25}, test: {npz: test.npz}}"
    /// Lines 16 to 20.
    var compile = """
        compile:
          optimizer: {SGD: {learning_rate: 0.05, momentum: 0.9}}
          loss: {age: mse, income: sparse_categorical_crossentropy}
          loss_weights: {age: 0.25, income: 1}
          metrics: {income: [accuracy], age: mae}
        """
    var fit = "fit: {epochs: 3, batch_size: 10, seed: 1}"
    var rest = ""

    var text: String { [model, data, compile, fit, rest].joined(separator: "\n") + "\n" }

    /// Arrays by their names: age is a sum of inputs, income says which of three is the largest.
    static func arrays(_ count: Int, seed: Int) -> [(name: String, tensor: Tensor)] {
        var state = UInt64(seed)
        func number() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24) - 0.5
        }
        let posts = (0 ..< 4 * count).map { _ in number() }, tags = (0 ..< 3 * count).map { _ in number() }
        let age = (0 ..< count).map { (row: Int) -> Float in posts[4 * row] + tags[3 * row] + 0.5 }
        let income = (0 ..< count).map { (row: Int) -> Int32 in
            let own = tags[3 * row ..< 3 * row + 3]
            return Int32(own.firstIndex(of: own.max()!)! - 3 * row)
        }
        return [
            ("x_posts", Tensor(posts, shape: [count, 4])), ("tags", Tensor(tags, shape: [count, 3])), ("y_age", Tensor(age)),
            ("y_income", Tensor(income)), ("sample_weight_age", Tensor((0 ..< count).map { (row: Int) -> Float in Float(1 + row % 3) })),
        ]
    }

    /// Writes the config, and its data.
    func write(to folder: Folder) throws -> String {
        try NPZ.write(Self.arrays(64, seed: 1), to: folder["train.npz"])
        try NPZ.write(Self.arrays(30, seed: 2), to: folder["test.npz"])
        return try folder.write("people.yaml", text)
    }
}
