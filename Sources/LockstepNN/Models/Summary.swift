import Foundation
import LockstepSystem
import LockstepTensor

extension Model {
    /// Keras' table of layers, output shapes and parameter counts, as text. A graph that is more than a chain of calls has a column
    /// that says from which calls a layer takes its inputs: `dense[0][1]` is the second output of the first call of `dense`.
    ///
    /// - Parameters:
    ///   - lineLength: the table's width in characters; Keras' by default: 88, or 108 with connections, 12 more with `showTrainable`,
    ///     less where `columns` are fewer.
    ///   - columns: the terminal's width; from `COLUMNS`, else 80. A table is no narrower than its columns need, four characters each;
    ///     below that Keras prints none.
    ///   - expandNested: whether the layers of models inside the model have rows, too.
    ///   - showTrainable: whether a column says if training changes a layer's weights: Y or N.
    public func summaryText(lineLength: Int? = nil, columns: Int? = nil, expandNested: Bool = false, showTrainable: Bool = false) -> String
    {
        // As Python's `get_terminal_size`: a width that is no positive number is none.
        let given = columns ?? ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 80, columns = given > 0 ? given : 80
        let graph = self is Sequential || self.graph?.isChain != false ? nil : self.graph
        var heads: [Table.Column] = [
            .init("Layer (type)", .left, end: graph == nil ? 0.45 : 0.3), .init("Output Shape", .left, end: graph == nil ? 0.8 : 0.56),
            .init("Param #", .right, end: graph == nil ? 1 : 0.74),
        ]
        if graph != nil { heads.append(.init("Connected to", .left, end: 1)) }
        if showTrainable {
            for index in heads.indices { heads[index].end *= 0.9 }
            heads.append(.init("Trainable", .center, end: 1))
        }
        let width = lineLength ?? min((graph == nil ? 88 : 108) + (showTrainable ? 12 : 0), columns - 4)
        var table = Table(width: width, columns: heads)
        func add(_ layer: Layer, level: Int) {
            let prefix = level == 0 ? "" : String(repeating: "   ", count: level) + "└ "
            var row = ["\(prefix)\(layer.name) (\(layer.className))", layer.outputShapesText]
            // Keras builds some layers when they are made, those whose shape it does not save.
            row.append(layer.built || !layer.savesBuildShape ? grouped(layer.countParams()) : "0 (unbuilt)")
            if let graph { row.append(graph.connections(of: layer)) }
            if showTrainable { row.append(layer.weights.isEmpty ? "-" : layer.trainable ? "Y" : "N") }
            table.rows.append(row)
            if expandNested, let model = layer as? Model { for layer in model.layers { add(layer, level: level + 1) } }
        }
        for layer in self is Sequential ? layers : self.graph?.operations ?? layers { add(layer, level: 0) }
        // Keras counts an optimizer's scalars (iteration, learning rate) as parameters too.
        let optimizer = compilation?.optimizer
        let state = optimizer?.state.map { (optimizer?.schedule == nil ? 2 : 1) + $0.numberCount }
        let (trainable, frozen) = (
            trainableWeights.reduce(0) { $0 + $1.shape.count }, nonTrainableWeights.reduce(0) { $0 + $1.shape.count }
        )
        var text = "Model: \"\(name)\"\n" + table.text
        text += line("Total", trainable + frozen + (state ?? 0)) + line("Trainable", trainable) + line("Non-trainable", frozen)
        if let state { text += line("Optimizer", state) }
        return text
    }

    /// Prints `summaryText`.
    public func summary(lineLength: Int? = nil, expandNested: Bool = false, showTrainable: Bool = false) {
        Console.write(summaryText(lineLength: lineLength, expandNested: expandNested, showTrainable: showTrainable))
    }

    private func line(_ kind: String, _ count: Int) -> String { " \(kind) params: \(grouped(count)) (\(SystemMemory.text(count * 4)))\n" }

    private func grouped(_ count: Int) -> String {
        var digits = Array(String(count))
        var index = digits.count - 3
        while index > 0 {
            digits.insert(",", at: index)
            index -= 3
        }
        return String(digits)
    }
}

extension FunctionalGraph {
    /// Whether each call takes the one output of the call before it, each layer called once: what Keras shows as it shows a `Sequential`.
    fileprivate var isChain: Bool {
        operations.count == nodes.count
            && zip(nodes, nodes.dropFirst()).allSatisfy { before, node in node.sources.count == 1 && node.sources[0].node === before }
    }

    /// The calls from which a layer's calls in this graph take their inputs: layer, number of its call, number of the call's output.
    fileprivate func connections(of layer: Layer) -> String {
        let tensors = calls(of: layer).flatMap(\.sources)
        return tensors.isEmpty ? "-" : tensors.map { "\($0.node.layer.name)[\($0.node.number)][\($0.index)]" }.joined(separator: ", ")
    }
}

extension Layer {
    fileprivate var outputShapesText: String {
        outputShapes.isEmpty
            ? "?" : outputShapes.count == 1 ? "\(outputShapes[0])" : "[" + outputShapes.map(\.description).joined(separator: ", ") + "]"
    }
}

/// A table in the style of Python's rich, which Keras prints with: heavy lines around the header, words wrapped.
private struct Table {
    struct Column {
        enum Alignment { case left, center, right }
        let head: String
        let alignment: Alignment
        /// Where it ends, as a part of the table's width.
        var end: Double

        init(_ head: String, _ alignment: Alignment, end: Double) { (self.head, self.alignment, self.end) = (head, alignment, end) }
    }

    var rows: [[String]] = []
    private let columns: [Column]
    /// Characters between the vertical lines, padding of one on either side included.
    private let widths: [Int]

    init(width: Int, columns: [Column]) {
        self.columns = columns
        /// Without padding and lines.
        func contents(_ width: Int) -> [Int] {
            let ends = columns.map { Int($0.end * Double(width)) }
            return zip(ends, [0] + ends).map { $0 - $1 }
        }
        var width = min(max(width, 1), 10_000)
        while contents(width).contains(where: { $0 < 4 }) { width += 1 }
        // Keras asks for more than fits, and rich takes the excess from all columns evenly, rounding half to even.
        var widths = contents(width).map { $0 + 2 }
        var excess = widths.reduce(widths.count + 1, +) - width
        for index in widths.indices where excess > 0 {
            let share = Int((Double(excess) / Double(widths.count - index)).rounded(.toNearestOrEven))
            widths[index] -= share
            excess -= share
        }
        self.widths = widths
    }

    var text: String {
        var lines = [rule("┏", "━", "┳", "┓")] + cells(columns.map(\.head), "┃", isHead: true) + [rule("┡", "━", "╇", "┩")]
        for (index, row) in rows.enumerated() {
            if index > 0 { lines.append(rule("├", "─", "┼", "┤")) }
            lines += cells(row, "│")
        }
        return (lines + [rule("└", "─", "┴", "┘")]).joined(separator: "\n") + "\n"
    }

    private func rule(_ left: String, _ line: String, _ cross: String, _ right: String) -> String {
        left + widths.map { String(repeating: line, count: $0) }.joined(separator: cross) + right
    }

    /// A row's lines; heads stand at its foot, other texts at its top.
    private func cells(_ row: [String], _ border: String, isHead: Bool = false) -> [String] {
        let wrapped = zip(row, widths).map { wrap($0, $1 - 2) }, height = wrapped.map(\.count).max() ?? 1
        return (0 ..< height).map { line in
            border
                + wrapped.enumerated().map { index, lines in
                    let line = isHead ? line - (height - lines.count) : line
                    let text = lines.indices.contains(line) ? lines[line] : "", space = widths[index] - 2 - text.count
                    let left =
                        switch columns[index].alignment {
                        case .left: 0
                        case .center: space / 2
                        case .right: space
                        }
                    return " " + String(repeating: " ", count: left) + text + String(repeating: " ", count: space - left) + " "
                }.joined(separator: border) + border
        }
    }

    /// Breaks at spaces; a word that does not fit ends in an ellipsis, and where there is no room at all, nothing is left. Spaces in front of the first word belong to it.
    private func wrap(_ text: String, _ width: Int) -> [String] {
        let indent = text.prefix { $0 == " " }
        var lines: [String] = []
        for (index, part) in text.split(separator: " ").enumerated() {
            let word = (index == 0 ? indent : "") + part
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.isEmpty ? [""] : lines.map { $0.count <= width ? $0 : width == 0 ? "" : $0.prefix(width - 1) + "…" }
    }
}
