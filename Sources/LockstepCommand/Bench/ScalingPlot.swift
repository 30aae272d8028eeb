import Foundation

/// A picture of a scaling report: efficiency, and samples a second, against ranks. Measured rows are points on solid lines,
/// hollow where ranks share cores; predicted ones dashed lines; perfect scaling a grey line.
struct ScalingPlot {
    private let report: ScalingReport
    init(_ report: ScalingReport) { self.report = report }

    private static let colours: [ScalingModel.Mode: String] = [.weak: "#1f6fb4", .strong: "#d9541e"]
    private static let (width, height) = (1040.0, 470.0)

    var svg: String {
        let one = report.measured[0].samplesPerSecond
        let throughput = report.measured.map(\.samplesPerSecond) + report.predicted.map(\.samplesPerSecond)
        let powers = Int(log10(throughput.min()!).rounded(.down)) ... Int(log10(max(throughput.max()!, 1024 * one)).rounded(.up))
        let efficiency = ScalingPlot.panel(
            left: 70, "Efficiency: samples/s over ranks times those of one process",
            Panel.Axis(ticks: (0 ... 6).map { (0.2 * Double($0), String(format: "%.1f", 0.2 * Double($0))) }))
        let samples = ScalingPlot.panel(
            left: 590, "Samples a second",
            Panel.Axis(ticks: powers.map { (Double($0), ScalingPlot.powerOfTen($0)) }, place: log10))

        let title = "\(report.name): batch \(report.batch), \(report.threads) \(report.threads == 1 ? "thread" : "threads") a rank"
        var parts = [#"<text x="20" y="26" font-size="16">\#(SVG.escaped(title))</text>"#, legend]
        let ends = [1.0, 1024.0]
        parts += efficiency.frame + [efficiency.line(ends.map { ($0, 1) }, "darkgray", dash: "2 3")]
        parts += samples.frame + [samples.line(ends.map { ($0, $0 * one) }, "darkgray", dash: "2 3")]
        for mode in report.modes {
            let colour = ScalingPlot.colours[mode]!
            let (measured, predicted) = (report.measured.filter { $0.mode == mode }, report.predicted.filter { $0.mode == mode })
            parts.append(efficiency.line(predicted.map { (Double($0.ranks), $0.efficiency) }, colour, dash: "7 5"))
            parts.append(samples.line(predicted.map { (Double($0.ranks), $0.samplesPerSecond) }, colour, dash: "7 5"))
            for (panel, figure) in [(efficiency, report.efficiency), (samples, \.samplesPerSecond)] {
                let points = measured.map { (Double($0.ranks), figure($0)) }
                parts.append(panel.line(points, colour, dash: "none"))
                parts += zip(points, measured).map { panel.point($0, colour, isHollow: $1.figures.isOversubscribed) }
            }
        }
        return SVG.picture(width: ScalingPlot.width, height: ScalingPlot.height, parts)
    }

    /// A diagram over ranks 1 … 1,024, doubling from tick to tick.
    private static func panel(left: Double, _ title: String, _ y: Panel.Axis) -> Panel {
        Panel(
            left: left, top: 95, width: 420, height: 320, title: title,
            x: Panel.Axis(ticks: (0 ... 10).map { (Double($0), "\(1 << $0)") }, place: log2), y: y, caption: "ranks")
    }

    private var legend: String {
        var x = 70.0
        func entry(_ mark: (Double) -> String, _ text: String) -> String {
            defer { x += 46 + 7.2 * Double(text.count) }
            return mark(x) + #"<text x="\#(Int(x) + 34)" y="53">\#(text)</text>"#
        }
        func stroke(_ colour: String, _ dash: String) -> (Double) -> String {
            { #"<path d="M\#(Int($0)) 49h28" stroke="\#(colour)" stroke-width="2" stroke-dasharray="\#(dash)"/>"# }
        }
        let modes = report.modes.flatMap { mode in
            let colour = ScalingPlot.colours[mode]!
            return [("none", "measured"), ("7 5", "predicted")].map { entry(stroke(colour, $0), "\(mode.rawValue), \($1)") }
        }
        let ideal = entry(stroke("darkgray", "2 3"), "ideal")
        guard report.measured.contains(where: \.figures.isOversubscribed) else { return (modes + [ideal]).joined() }
        let circle = { (x: Double) in #"<circle cx="\#(Int(x) + 14)" cy="49" r="4" fill="white" stroke="dimgray" stroke-width="2"/>"# }
        let hollow = entry(circle, "ranks share cores")
        return (modes + [ideal, hollow]).joined()
    }

    /// `1`, `10k`, `1M`
    private static func powerOfTen(_ exponent: Int) -> String {
        guard 0 ..< 15 ~= exponent else { return "1e\(exponent)" }
        return ["1", "10", "100"][exponent % 3] + ["", "k", "M", "G", "T"][exponent / 3]
    }
}
