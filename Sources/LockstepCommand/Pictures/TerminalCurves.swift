import Foundation
import Lockstep

/// A history in a few lines of text: how each figure went, from where to where.
package struct TerminalCurves {
    private let history: History
    package init(_ history: History) { self.history = history }

    private static let blocks = Array("▁▂▃▄▅▆▇█")

    /// - Parameter width: columns of the terminal.
    package func text(width: Int) -> String {
        let label = history.names.map(\.count).max() ?? 0
        let room = max(8, min(60, width - label - 28))
        return history.names.map { name in
            let values = history[name]
            return "\(name.padding(toLength: label, withPad: " ", startingAt: 0))  \(curve(values, columns: room))  "
                + "\(number(values.first)) → \(number(values.last))\n"
        }.joined()
    }

    private func number(_ value: Float?) -> String { value.map { String(format: "%.4g", $0) } ?? "" }

    /// A block for each epoch; of more epochs than columns the last of those that share one.
    private func curve(_ values: [Float], columns: Int) -> String {
        let finite = values.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max() else { return "" }
        let count = min(columns, values.count)
        return String(
            (0 ..< count).map { column in
                let value = values[(column + 1) * values.count / count - 1]
                guard value.isFinite else { return "×" }
                let part = high > low ? (value - low) / (high - low) : 0.5
                return Self.blocks[min(Self.blocks.count - 1, Int(part * Float(Self.blocks.count)))]
            })
    }
}
