import LockstepTensor

/// A stored property that holds layers or variables, as Keras' files name it.
package struct LayerAttribute {
    package indirect enum Content {
        case layer(Layer)
        case variable(Variable)
        /// A list, or the values of a dictionary in the order of its keys.
        case list([Content])

        /// The layers in it, in order.
        package var layers: [Layer] {
            switch self {
            case .layer(let layer): [layer]
            case .variable: []
            case .list(let contents): contents.flatMap(\.layers)
            }
        }

        fileprivate var variables: [Variable] {
            switch self {
            case .layer: []
            case .variable(let variable): [variable]
            case .list(let contents): contents.flatMap(\.variables)
            }
        }
    }

    /// The property's name in snake case: `forward_layer`.
    package let name: String
    package let content: Content
}

/// The layers and variables among a layer's stored properties, found by reflection: a property, an array, a dictionary, an optional,
/// inside of each other too. Keras finds them as they are set; here the order is that in which properties are declared.
package struct LayerContents {
    package private(set) var attributes: [LayerAttribute] = []

    package init(_ layer: Layer) {
        // From the most general class on, as initializers run.
        var levels: [Mirror] = [], level: Mirror? = Mirror(reflecting: layer)
        while let mirror = level, mirror.subjectType != Layer.self, mirror.subjectType != Model.self, mirror.subjectType != Sequential.self
        {
            levels.insert(mirror, at: 0)
            level = mirror.superclassMirror
        }
        for case (let label?, let value) in levels.flatMap(\.children) {
            let name = label.hasPrefix("$__lazy_storage_$_") ? String(label.dropFirst("$__lazy_storage_$_".count)) : label
            if let content = LayerContents.content(value) { attributes.append(LayerAttribute(name: snakeCase(name), content: content)) }
        }
    }

    private static func content(_ value: Any) -> LayerAttribute.Content? {
        if let layer = value as? Layer { return .layer(layer) }
        if let variable = value as? Variable { return .variable(variable) }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.flatMap { content($0.value) }
        case .collection, .tuple:
            // Not a long array of numbers.
            if mirror.children.first?.value is any Numeric { return nil }
            return list(mirror.children.map(\.value))
        case .dictionary:
            let entries = mirror.children.compactMap { child -> (key: String, value: Any)? in
                let pair = Array(Mirror(reflecting: child.value).children)
                return pair.count == 2 ? ("\(pair[0].value)", pair[1].value) : nil
            }
            return list(entries.sorted { $0.key < $1.key }.map(\.value))
        default: return nil
        }
    }

    private static func list(_ values: [Any]) -> LayerAttribute.Content? {
        let contents = values.compactMap(content)
        return contents.isEmpty ? nil : .list(contents)
    }

    /// Each layer once.
    var layers: [Layer] { attributes.flatMap(\.content.layers).uniqueObjects }

    var variables: [Variable] { attributes.flatMap(\.content.variables) }
}
