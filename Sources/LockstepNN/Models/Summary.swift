import Foundation
import LockstepSystem
import LockstepTensor

extension Model {
    /// Keras' table of layers, output shapes and parameter counts, as text.
    ///
    /// - Parameter lineLength: the table's width in characters; Keras' 88 by default, less where `columns` are fewer.
    /// - Parameter columns: the terminal's width; from `COLUMNS`, else 80. A table is no narrower than 16 characters, below which
    ///   Keras prints none.
    public func summaryText(lineLength: Int? = nil, columns: Int? = nil) -> String {
        // As Python's `get_terminal_size`: a width that is no positive number is none.
        let given = columns ?? ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 80, columns = given > 0 ? given : 80
        var table = Table(width: lineLength ?? min(88, columns - 4), positions: [0.45, 0.80, 1.0])
        for layer in layers {
            let shapes = layer.outputShapes
            let shape =
                shapes.isEmpty ? "?" : shapes.count == 1 ? "\(shapes[0])" : "[" + shapes.map(\.description).joined(separator: ", ") + "]"
            table.rows.append(["\(layer.name) (\(layer.className))", shape, layer.built ? grouped(layer.countParams()) : "0 (unbuilt)"])
        }
        // Keras counts an optimizer's scalars (iteration, learning rate) as parameters too.
        let optimizer = compilation?.optimizer
        let state = optimizer?.layout.map { layout in
            (optimizer?.schedule == nil ? 2 : 1)
                + layout.lengths.reduce(0, +) * ((optimizer?.slotNames.count ?? 0) + (optimizer?.state?.accumulator == nil ? 0 : 1))
        }
        let (trainable, frozen) = (
            trainableWeights.reduce(0) { $0 + $1.shape.count }, nonTrainableWeights.reduce(0) { $0 + $1.shape.count }
        )
        var text = "Model: \"\(name)\"\n" + table.text(header: ["Layer (type)", "Output Shape", "Param #"])
        text += line("Total", trainable + frozen + (state ?? 0)) + line("Trainable", trainable) + line("Non-trainable", frozen)
        if let state { text += line("Optimizer", state) }
        return text
    }

    /// Prints `summaryText()`.
    public func summary(lineLength: Int? = nil) { Console.write(summaryText(lineLength: lineLength)) }

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

/// A table in the style of Python's rich, which Keras prints with: heavy lines around the header, words wrapped, the last
/// column to the right.
private struct Table {
    var rows: [[String]] = []
    /// Characters between the vertical lines, padding of one on either side included.
    private let widths: [Int]

    init(width: Int, positions: [Double]) {
        let width = min(max(width, 16), 10_000)
        // Keras asks for more than fits, and rich takes the excess from all columns evenly, rounding half to even.
        var (start, widths) = (0, [Int]())
        for position in positions {
            widths.append(Int(position * Double(width)) - start + 2)
            start += widths.last! - 2
        }
        var excess = widths.reduce(widths.count + 1, +) - width
        for index in widths.indices where excess > 0 {
            let share = Int((Double(excess) / Double(widths.count - index)).rounded(.toNearestOrEven))
            widths[index] -= share
            excess -= share
        }
        self.widths = widths
    }

    func text(header: [String]) -> String {
        var lines = [rule("┏", "━", "┳", "┓")] + cells(header, "┃") + [rule("┡", "━", "╇", "┩")]
        for (index, row) in rows.enumerated() {
            if index > 0 { lines.append(rule("├", "─", "┼", "┤")) }
            lines += cells(row, "│")
        }
        return (lines + [rule("└", "─", "┴", "┘")]).joined(separator: "\n") + "\n"
    }

    private func rule(_ left: String, _ line: String, _ cross: String, _ right: String) -> String {
        left + widths.map { String(repeating: line, count: $0) }.joined(separator: cross) + right
    }

    private func cells(_ row: [String], _ border: String) -> [String] {
        let wrapped = zip(row, widths).map { wrap($0, $1 - 2) }
        return (0 ..< (wrapped.map(\.count).max() ?? 1)).map { line in
            border
                + wrapped.enumerated().map { index, lines in
                    let text = line < lines.count ? lines[line] : ""
                    let space = String(repeating: " ", count: widths[index] - 2 - text.count)
                    return " " + (index == widths.count - 1 ? space + text : text + space) + " "
                }.joined(separator: border) + border
        }
    }

    /// Breaks at spaces; a word that does not fit ends in an ellipsis.
    private func wrap(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ").map(String.init) {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(word.count > width ? String(word.prefix(width - 1)) + "…" : word)
            }
        }
        return lines.isEmpty ? [""] : lines
    }
}
