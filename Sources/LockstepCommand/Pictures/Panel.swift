import Foundation

/// One diagram of a picture: a frame with ticks, and lines and points in it, as parts of an SVG.
struct Panel {
    /// Where figures lie along one side of the frame.
    struct Axis {
        /// Places and what is written there; the first and the last are the frame's ends unless `ends` says otherwise.
        let ticks: [(place: Double, label: String)]
        /// The place of a figure.
        let place: (Double) -> Double
        private let ends: (Double, Double)

        init(ticks: [(Double, String)], ends: (Double, Double)? = nil, place: @escaping (Double) -> Double = { $0 }) {
            self.ticks = ticks.map { (place: $0.0, label: $0.1) }
            (self.place, self.ends) = (place, ends ?? (ticks[0].0, ticks.last!.0))
        }

        /// From 0 at one end to 1 at the other.
        func part(place: Double) -> Double { ends.0 == ends.1 ? 0.5 : (place - ends.0) / (ends.1 - ends.0) }
    }

    let left: Double, top: Double, width: Double, height: Double
    let title: String, x: Axis, y: Axis
    /// What stands below the frame.
    let caption: String

    private func x(place: Double) -> Double { left + width * x.part(place: place) }
    private func y(place: Double) -> Double { top + height * (1 - y.part(place: place)) }
    private func x(_ figure: Double) -> Double { x(place: x.place(figure)) }
    /// Kept inside of the frame.
    private func y(_ figure: Double) -> Double { min(max(y(place: y.place(figure)), top), top + height) }
    private func text(_ number: Double) -> String { String(format: "%.1f", number) }

    var frame: [String] {
        var parts = [#"<text x="\#(text(left))" y="\#(text(top - 12))" font-weight="bold">\#(SVG.escaped(title))</text>"#]
        for (place, label) in y.ticks {
            parts.append(#"<path d="M\#(text(left)) \#(text(y(place: place)))h\#(text(width))" stroke="gainsboro"/>"#)
            parts.append(#"<text x="\#(text(left - 8))" y="\#(text(y(place: place) + 4))" text-anchor="end">\#(label)</text>"#)
        }
        for (place, label) in x.ticks {
            let x = text(x(place: place))
            parts.append(#"<path d="M\#(x) \#(text(top + height))v5" stroke="dimgray"/>"#)
            parts.append(#"<text x="\#(x)" y="\#(text(top + height + 20))" text-anchor="middle">\#(label)</text>"#)
        }
        parts.append(
            #"<text x="\#(text(left + width / 2))" y="\#(text(top + height + 42))" text-anchor="middle">\#(SVG.escaped(caption))</text>"#)
        parts.append(#"<path d="M\#(text(left)) \#(text(top))v\#(text(height))h\#(text(width))" fill="none" stroke="dimgray"/>"#)
        return parts
    }

    func line(_ points: [(x: Double, y: Double)], _ colour: String, dash: String) -> String {
        let path = points.map { "\(text(x($0.x))),\(text(y($0.y)))" }.joined(separator: " ")
        return #"<polyline points="\#(path)" fill="none" stroke="\#(colour)" stroke-width="2" stroke-dasharray="\#(dash)"/>"#
    }

    func point(_ point: (x: Double, y: Double), _ colour: String, isHollow: Bool = false) -> String {
        let place = #"cx="\#(text(x(point.x)))" cy="\#(text(y(point.y)))""#
        return #"<circle \#(place) r="4" fill="\#(isHollow ? "white" : colour)" stroke="\#(colour)" stroke-width="2"/>"#
    }
}

/// Round numbers for the ticks of an axis.
enum Ticks {
    /// Some four to eight multiples of 1, 2 or 5 times a power of ten, the first not above `low`, the last not below `high`.
    static func around(_ low: Double, _ high: Double, whole: Bool = false) -> [(Double, String)] {
        let span = high > low ? high - low : max(Swift.abs(high), 1) * 0.1
        let power = pow(10, log10(span / 5).rounded(.down))
        var step = [1, 2, 5, 10].map { $0 * power }.first { span / $0 <= 6 }!
        if whole { step = max(1, step.rounded()) }
        let (first, last) = ((low / step).rounded(.down), (high / step).rounded(.up))
        let digits = max(0, Int(-log10(step).rounded(.down)))
        return stride(from: first, through: max(last, first + 1), by: 1).map { count in
            let place = count * step
            return (place, digits > 5 || Swift.abs(place) >= 1e6 ? String(format: "%.3g", place) : String(format: "%.\(digits)f", place))
        }
    }
}
