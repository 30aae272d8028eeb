extension Tensor: CustomStringConvertible {
    /// The elements as nested rows, long ones abridged, the shape and the type, as TensorFlow prints them:
    ///
    ///     Tensor(
    ///     [[1. 2.]
    ///      [3. 4.]], shape=(2, 2), dtype=float32)
    public var description: String {
        guard isKnown else { return "Tensor(traced, shape=\(shape), dtype=\(dtype))" }
        let text = ArrayText(self).text
        return "Tensor(\(text.contains("\n") ? "\n" : "")\(text), shape=\(shape), dtype=\(dtype))"
    }
}

extension Variable: CustomStringConvertible {
    /// As Keras prints it: `<Variable path=sequential/dense/bias, shape=(3,), dtype=float32, value=[0. 0. 0.]>`.
    public var description: String {
        // What it holds now, also while a graph is traced.
        let value = Graph.untraced { ArrayText(self.value).text }
        return "<Variable path=\(path), shape=\(shape), dtype=\(dtype), value=\(value)>"
    }
}
