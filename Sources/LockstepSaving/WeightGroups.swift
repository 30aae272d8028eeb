import LockstepNN
import LockstepTensor

/// The variables of one layer, and where Keras' files keep them: datasets `0`, `1`, … of the group `path/vars`.
struct WeightGroup {
    let path: String
    let layer: Layer
    let variables: [Variable]

    /// Trainable variables come first, as in Keras' `save_own_variables`.
    init(_ layer: Layer, path: String) {
        (self.path, self.layer) = (path, layer)
        variables = layer.ownVariables.filter(\.trainable) + layer.ownVariables.filter { !$0.trainable }
    }

    /// From the root of the file.
    var variablesPath: String { path.isEmpty ? "vars" : "\(path)/vars" }
}

extension Model {
    /// Where the variables of this model and its layers lie in a file, as Keras 3 walks them (`_walk_saveable`).
    ///
    /// Layers of a stack or a graph are named after their class, with a number from the second of a class on: `layers/dense`,
    /// `layers/dense_1`. Others go by the property that holds them, in the order of names: `forward_layer`, `blocks/dense_1` in a list or a
    /// dictionary, `blocks/container/dense` in a list in one. A model with a `call` of its own has both: its `layers`, all of them, stand
    /// among its properties by name, and have those that come behind. A layer that occurs twice is kept where it occurs first.
    var weightGroups: [WeightGroup] {
        typealias Content = LayerAttribute.Content
        var groups: [WeightGroup] = [], visited: Set<ObjectIdentifier> = []
        func visit(_ layer: Layer, _ path: String) {
            guard visited.insert(ObjectIdentifier(layer)).inserted else { return }
            groups.append(WeightGroup(layer, path: path))
            let inside = path.isEmpty ? "" : path + "/"
            var attributes = LayerContents(layer).attributes.map { (name: $0.name, content: $0.content) }
            // Private ones last.
            attributes.sort { ($0.name.hasPrefix("_") ? "~" : "", $0.name) < ($1.name.hasPrefix("_") ? "~" : "", $1.name) }
            if let model = layer as? Model {
                let layers = model is Sequential ? model.layers : model.graph?.layers ?? model.layers
                let isFirst = model is Sequential || model.graph != nil
                let place = isFirst ? 0 : attributes.firstIndex { $0.name.hasPrefix("_") || $0.name > "layers" } ?? attributes.endIndex
                attributes.insert(("layers", .list(layers.map { .layer($0) })), at: place)
            }
            for (name, content) in attributes {
                switch content {
                case .layer(let sublayer): visit(sublayer, inside + name)
                case .list(let contents): visit(list: contents, inside + name)
                case .variable: break
                }
            }
        }
        func visit(list: [Content], _ path: String) {
            var counts: [String: Int] = [:]
            func place(_ name: String) -> String {
                let count = counts[name, default: 0]
                counts[name] = count + 1
                return "\(path)/\(name)" + (count == 0 ? "" : "_\(count)")
            }
            for content in list {
                switch content {
                case .layer(let sublayer): visit(sublayer, place(snakeCase(sublayer.className)))
                case .list(let contents): visit(list: contents, place("container"))
                case .variable: break
                }
            }
        }
        visit(self, "")
        return groups
    }

    /// Writes the weights.
    func writeWeights(to file: HDF5Writer) throws {
        for group in weightGroups {
            try file.makeGroup(group.variablesPath, attributes: ["name": group.layer.name])
            for (index, variable) in group.variables.enumerated() { try file.write(variable.value, at: "\(group.variablesPath)/\(index)") }
        }
    }
}

/// Weights as Keras 3 places them: each layer's in the group that `Model.weightGroups` says, in one file or in parts in several.
struct PlacedWeights: StoredWeights {
    private let roots: [HDF5Group]

    /// - Parameter roots: of the files; at least one.
    init(_ roots: HDF5Group...) { self.roots = roots }
    init(shards roots: [HDF5Group]) { self.roots = roots }

    func values(for model: Model) throws -> [(variable: Variable, value: Tensor)] {
        var values: [(variable: Variable, value: Tensor)] = []
        let groups = model.weightGroups
        for group in groups where !group.variables.isEmpty {
            guard let arrays = try arrays(group.variablesPath) else {
                let known = try roots.flatMap { try $0.group("layers")?.names() ?? [] }
                throw ArrayList.misfit(
                    roots[0].source(group.variablesPath), group.variables, of: model.owner(group.layer),
                    "no such group\(known.isEmpty ? "" : "; the file's layers are \(known.joined(separator: ", "))")")
            }
            values += try arrays.values(for: group.variables, of: model.owner(group.layer))
        }
        for root in roots { try checkForOthers(in: root, than: Set(groups.map(\.variablesPath)), model) }
        return values
    }

    func optimizerState(of optimizer: Optimizer) throws -> StoredOptimizer? {
        try (arrays(Optimizer.wrappedPath) ?? arrays(Optimizer.path)).map {
            StoredOptimizer(arrays: $0, hasLearningRate: optimizer.schedule == nil)
        }
    }

    /// The arrays of a group, which go by their places.
    private func arrays(_ path: String) throws -> ArrayList? {
        let groups = try roots.compactMap { try $0.group(path) }
        guard let first = groups.first else { return nil }
        var homes: [String: HDF5Group] = [:]
        for group in groups { for name in try group.names() { homes[name] = group } }
        return ArrayList(first.source(), (0 ..< homes.count).map { (homes[String($0)] ?? first, String($0)) })
    }

    /// Refuses a file with weights of layers that this model does not have.
    private func checkForOthers(in root: HDF5Group, than known: Set<String>, _ model: Model) throws {
        var visited: Set<Int> = []
        let most = 1000 + 10 * known.count
        func search(_ group: HDF5Group, depth: Int) throws {
            // Keras writes each group once; a file in which they lead to each other would be searched for ever.
            guard visited.insert(group.address).inserted else {
                throw SavingError(group.source(), "is a group that the file holds under several names, which no model has")
            }
            guard visited.count <= most else {
                throw SavingError(root.source("layers"), "has more than \(most) groups, far more than model \(model.name) has layers")
            }
            guard depth <= PlacedWeights.deepestGroup else {
                throw SavingError(
                    root.source("layers"), "has groups in groups more than \(PlacedWeights.deepestGroup) deep, which no model has")
            }
            for name in try group.names() {
                // The state of a layer's random numbers, where a file has it; Lockstep's follow from seed, step and sample.
                if name == "seed_generator" { continue }
                guard let inside = try group.group(name) else { continue }
                if name != "vars" {
                    // Inside of `vars` are only datasets.
                    try search(inside, depth: depth + 1)
                } else if !known.contains(inside.path), try !inside.names().isEmpty {
                    throw SavingError(
                        inside.source(),
                        "has weights of a layer that model \(model.name) does not have; the file was saved from another model")
                }
            }
        }
        // Beside what a stack or a graph has, the properties of a model of one's own.
        let inside = Set(known.compactMap { $0.split(separator: "/").first.map(String.init) }).subtracting(["vars"]).union(["layers"])
        for name in inside.sorted() { if let group = try root.group(name) { try search(group, depth: 1) } }
    }

    /// Two groups for a layer in a layer; models are far from being nested as deep.
    private static let deepestGroup = 200
}
