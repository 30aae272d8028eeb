import Foundation
import Lockstep

/// How often samples of each class were taken for each class.
package struct ConfusionMatrix {
    /// By true class, then by predicted class.
    package let counts: [[Int]]

    /// - Parameters:
    ///   - targets: a class number for each sample, or one-hot rows.
    ///   - predictions: a number for each class, or one that says how likely the second of two is.
    /// - Throws: `InputError` where a model's output is no choice between classes.
    package init(_ targets: Tensor, _ predictions: Tensor, threshold: Float = 0.5) throws {
        let classes = predictions.shape.rank == 2 ? max(2, predictions.shape.last) : 0
        let isOneHot = targets.shape.rank == 2 && targets.shape.last > 1 && targets.shape == predictions.shape
        guard classes > 0, isOneHot || targets.shape.count == predictions.shape[0] else {
            throw InputError(
                "--confusion: expected a prediction for each class of each sample, found outputs of shape \(predictions.shape) and targets of shape \(targets.shape)"
            )
        }
        let predicted = ConfusionMatrix.classes(predictions, threshold)
        let actual = isOneHot ? ConfusionMatrix.classes(targets, threshold) : targets.cast(to: .float32).scalars.map { Int($0) }
        var counts = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
        for (sample, (actual, predicted)) in zip(actual, predicted).enumerated() {
            guard counts.indices ~= actual else {
                throw InputError("--confusion: sample \(sample) has class \(actual); the model tells classes 0 to \(classes - 1) apart")
            }
            counts[actual][predicted] += 1
        }
        self.counts = counts
    }

    private static func classes(_ rows: Tensor, _ threshold: Float) -> [Int] {
        rows.shape.last == 1
            ? rows.cast(to: .float32).scalars.map { $0 > threshold ? 1 : 0 }
            : rows.argmax(axis: -1).cast(to: .float32).scalars.map { Int($0) }
    }

    /// A field for each pair of classes, darker where more of the true class are, its number inside; hits in blue, mistakes in red.
    var svg: String {
        let classes = counts.count
        let size = max(24, min(56, 840 / Double(classes))), (left, top) = (90.0, 90.0)
        let side = size * Double(classes)
        var parts = [
            #"<text x="20" y="30" font-size="16">Confusion matrix: \#(total) samples, \#(String(format: "%.2f", 100 * accuracy)) % right</text>"#,
            #"<text x="\#(left + side / 2)" y="60" text-anchor="middle">predicted class</text>"#,
            #"<text transform="translate(30 \#(top + side / 2)) rotate(-90)" text-anchor="middle">true class</text>"#,
        ]
        for actual in 0 ..< classes {
            let row = Double(max(1, counts[actual].reduce(0, +)))
            let y = top + size * Double(actual)
            parts.append(#"<text x="\#(left - 10)" y="\#(y + size / 2 + 4)" text-anchor="end">\#(actual)</text>"#)
            parts.append(#"<text x="\#(left + size * (Double(actual) + 0.5))" y="\#(top - 10)" text-anchor="middle">\#(actual)</text>"#)
            for predicted in 0 ..< classes {
                let count = counts[actual][predicted], part = Double(count) / row
                let colour = actual == predicted ? "31,111,180" : "200,40,30"
                let x = left + size * Double(predicted)
                parts.append(
                    #"<rect x="\#(x)" y="\#(y)" width="\#(size)" height="\#(size)" stroke="gainsboro" fill="rgba(\#(colour),\#(String(format: "%.3f", count == 0 ? 0 : 0.08 + 0.92 * part)))"/>"#
                )
                guard count > 0 else { continue }
                let ink = part > 0.5 ? "white" : "black", font = String(format: "%.1f", min(13, size / 2.6))
                parts.append(
                    #"<text x="\#(x + size / 2)" y="\#(y + size / 2 + 4)" text-anchor="middle" font-size="\#(font)" fill="\#(ink)">\#(count)</text>"#
                )
            }
        }
        return SVG.picture(width: max(420, left + side + 30), height: top + side + 30, parts)
    }

    private var total: Int { counts.joined().reduce(0, +) }
    private var accuracy: Double { Double(counts.indices.reduce(0) { $0 + counts[$1][$1] }) / Double(max(1, total)) }
}
