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
        let efficiency = Panel(
            left: 70, title: "Efficiency: samples/s over ranks times those of one process",
            ticks: (0 ... 6).map { (0.2 * Double($0), String(format: "%.1f", 0.2 * Double($0))) })
        let samples = Panel(
            left: 590, title: "Samples a second",
            ticks: powers.map { (Double($0), ScalingPlot.powerOfTen($0)) }, value: log10)

        let title = "\(report.name): batch \(report.batch), \(report.threads) \(report.threads == 1 ? "thread" : "threads") a rank"
        let size = "\(Int(ScalingPlot.width)) \(Int(ScalingPlot.height))"
        var parts = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(size)" font-family="sans-serif" font-size="13">"#,
            #"<rect width="100%" height="100%" fill="white"/>"#,
            #"<text x="20" y="26" font-size="16">\#(ScalingPlot.escaped(title))</text>"#, legend,
        ]
        let ends = [1.0, 1024.0]
        parts += efficiency.frame + [efficiency.line(ends.map { ($0, 1) }, "darkgray", dash: "2 3")]
        parts += samples.frame + [samples.line(ends.map { ($0, $0 * one) }, "darkgray", dash: "2 3")]
        for mode in report.modes {
            let colour = ScalingPlot.colours[mode]!
            let (measured, predicted) = (report.measured.filter { $0.mode == mode }, report.predicted.filter { $0.mode == mode })
            parts.append(efficiency.line(predicted.map { (Double($0.ranks), $0.efficiency) }, colour, dash: "7 5"))
            parts.append(samples.line(predicted.map { (Double($0.ranks), $0.samplesPerSecond) }, colour, dash: "7 5"))
            parts += efficiency.points(measured.map { (Double($0.ranks), report.efficiency($0), $0.figures.isOversubscribed) }, colour)
            parts += samples.points(measured.map { (Double($0.ranks), $0.samplesPerSecond, $0.figures.isOversubscribed) }, colour)
        }
        return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
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

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// A diagram over ranks 1 … 1,024, doubling from tick to tick.
private struct Panel {
    let left: Double, title: String
    /// Places on the upright axis, and what is written there.
    let ticks: [(place: Double, label: String)]
    /// What of a figure is drawn on the upright axis.
    var value: (Double) -> Double = { $0 }

    private let top = 95.0, width = 420.0, height = 320.0

    init(left: Double, title: String, ticks: [(Double, String)], value: @escaping (Double) -> Double = { $0 }) {
        (self.left, self.title, self.value) = (left, title, value)
        self.ticks = ticks.map { (place: $0.0, label: $0.1) }
    }

    private func x(_ ranks: Double) -> Double { left + width * log2(ranks) / 10 }
    private func y(place: Double) -> Double {
        top + height * (1 - (place - ticks[0].place) / (ticks.last!.place - ticks[0].place))
    }
    /// Kept inside of the frame.
    private func y(_ figure: Double) -> Double { min(max(y(place: value(figure)), top), top + height) }
    private func text(_ number: Double) -> String { String(format: "%.1f", number) }

    var frame: [String] {
        var parts = [#"<text x="\#(text(left))" y="\#(text(top - 12))" font-weight="bold">\#(title)</text>"#]
        for (place, label) in ticks {
            parts.append(#"<path d="M\#(text(left)) \#(text(y(place: place)))h\#(text(width))" stroke="gainsboro"/>"#)
            parts.append(#"<text x="\#(text(left - 8))" y="\#(text(y(place: place) + 4))" text-anchor="end">\#(label)</text>"#)
        }
        for power in 0 ... 10 {
            let x = x(Double(1 << power))
            parts.append(#"<path d="M\#(text(x)) \#(text(top + height))v5" stroke="dimgray"/>"#)
            parts.append(#"<text x="\#(text(x))" y="\#(text(top + height + 20))" text-anchor="middle">\#(1 << power)</text>"#)
        }
        parts.append(#"<text x="\#(text(left + width / 2))" y="\#(text(top + height + 42))" text-anchor="middle">ranks</text>"#)
        parts.append(#"<path d="M\#(text(left)) \#(text(top))v\#(text(height))h\#(text(width))" fill="none" stroke="dimgray"/>"#)
        return parts
    }

    func line(_ points: [(ranks: Double, figure: Double)], _ colour: String, dash: String) -> String {
        let path = points.map { "\(text(x($0.ranks))),\(text(y($0.figure)))" }.joined(separator: " ")
        return #"<polyline points="\#(path)" fill="none" stroke="\#(colour)" stroke-width="2" stroke-dasharray="\#(dash)"/>"#
    }

    /// Points on a line; hollow where ranks share cores.
    func points(_ points: [(ranks: Double, figure: Double, isOversubscribed: Bool)], _ colour: String) -> [String] {
        [line(points.map { ($0.ranks, $0.figure) }, colour, dash: "none")]
            + points.map { point in
                let place = #"cx="\#(text(x(point.ranks)))" cy="\#(text(y(point.figure)))""#
                let fill = point.isOversubscribed ? "white" : colour
                return #"<circle \#(place) r="4" fill="\#(fill)" stroke="\#(colour)" stroke-width="2"/>"#
            }
    }
}
