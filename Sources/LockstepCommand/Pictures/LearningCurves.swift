import Foundation

/// The figures of one or several runs against epochs: a diagram for each figure, a colour for each run, validation in dashes.
struct LearningCurves {
    private let runs: [(name: String, history: HistoryFile)]
    init(_ runs: [(name: String, history: HistoryFile)]) { self.runs = runs }

    private static let colours = ["#1f6fb4", "#d9541e", "#2c9a49", "#8a56b3", "#8c6239", "#d04f9b", "#5f6b73", "#b3a300"]
    private static let (panelWidth, panelHeight) = (420.0, 240.0)

    /// The names of figures, without those of validation, in the order in which the runs have them.
    private var figures: [String] {
        runs.flatMap { $0.history.columns.map(\.name) }
            .map { $0.hasPrefix("val_") ? String($0.dropFirst(4)) : $0 }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    var svg: String {
        let figures = figures, columns = min(2, figures.count)
        let width = Double(columns) * (Self.panelWidth + 100) + 20
        let top = 60 + 22 * Double(runs.count + 1)
        var parts = legend
        for (index, figure) in figures.enumerated() {
            let place = (column: Double(index % columns), row: Double(index / columns))
            parts += panel(
                figure, left: 80 + place.column * (Self.panelWidth + 100), top: top + place.row * (Self.panelHeight + 90))
        }
        let rows = (figures.count + columns - 1) / columns
        return SVG.picture(width: width, height: top + Double(rows) * (Self.panelHeight + 90), parts)
    }

    private func colour(_ run: Int) -> String { Self.colours[run % Self.colours.count] }

    private func curves(_ figure: String) -> [(run: Int, isValidation: Bool, points: [(x: Double, y: Double)])] {
        runs.enumerated().flatMap { run, entry in
            [figure, "val_\(figure)"].compactMap { name in
                entry.history[name].map { values in
                    let points = zip(entry.history.epochs, values).compactMap { epoch, value in
                        value.flatMap { $0.isFinite ? (x: epoch + 1, y: $0) : nil }
                    }
                    return (run, name != figure, points)
                }
            }
        }
    }

    private func panel(_ figure: String, left: Double, top: Double) -> [String] {
        let curves = curves(figure), points = curves.flatMap(\.points)
        let (low, high) = (points.map(\.y).min() ?? 0, points.map(\.y).max() ?? 1)
        let (first, last) = (points.map(\.x).min() ?? 1, points.map(\.x).max() ?? 2)
        let panel = Panel(
            left: left, top: top, width: Self.panelWidth, height: Self.panelHeight, title: figure,
            x: Panel.Axis(
                ticks: Ticks.around(first, last, whole: true).filter { first ... max(last, first + 1) ~= $0.0 }, ends: (first, last)),
            y: Panel.Axis(ticks: Ticks.around(low, high)), caption: "epoch")
        return panel.frame
            + curves.flatMap { curve in
                // A single epoch is no line.
                curve.points.count == 1
                    ? [panel.point(curve.points[0], colour(curve.run), isHollow: curve.isValidation)]
                    : [panel.line(curve.points, colour(curve.run), dash: curve.isValidation ? "6 4" : "none")]
            }
    }

    private var legend: [String] {
        let names = runs.indices.flatMap { run in
            let y = 34 + 22 * run
            return [
                #"<path d="M20 \#(y - 4)h28" stroke="\#(colour(run))" stroke-width="2"/>"#,
                #"<text x="56" y="\#(y)">\#(SVG.escaped(runs[run].name))</text>"#,
            ]
        }
        guard figures.contains(where: { figure in curves(figure).contains(where: \.isValidation) }) else { return names }
        let y = 34 + 22 * runs.count
        return names + [
            #"<path d="M20 \#(y - 4)h28" stroke="dimgray" stroke-width="2"/><text x="56" y="\#(y)">training</text>"#,
            #"<path d="M140 \#(y - 4)h28" stroke="dimgray" stroke-width="2" stroke-dasharray="6 4"/><text x="176" y="\#(y)">validation</text>"#,
        ]
    }
}
