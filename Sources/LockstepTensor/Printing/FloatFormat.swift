import Foundation

/// How the numbers of one array are written, so that their points stand below one another. NumPy's `FloatingFormat` for float32.
///
/// Shortest digits that tell a number from its neighbours, at most 8 behind the point. With exponents if one is 10⁶ or more, less
/// than 10⁻⁴, or the largest is more than 1000 times the least.
struct FloatFormat {
    private let hasExponents: Bool
    /// Characters before and behind the point; with exponents, the digits of the fraction, and of the exponent.
    private let before: Int, behind: Int, exponentDigits: Int

    init(_ values: [Float]) {
        let finite = values.filter(\.isFinite), sizes = finite.map(\.magnitude).filter { $0 > 0 }
        let largest = sizes.max() ?? 1, least = sizes.min() ?? 1
        hasExponents = largest >= 1e6 || least < 1e-4 || largest / least > 1000
        let parts = finite.map { [hasExponents] in hasExponents ? ShortestDigits($0).scientific : ShortestDigits($0).positional }
        var before = parts.map(\.before.count).max() ?? 0, behind = parts.map(\.behind.count).max() ?? 0
        exponentDigits = parts.map(\.exponent.count).max() ?? 0
        if finite.count < values.count {
            // "nan", "inf" and "-inf" may be wider than any number.
            let width = values.contains(-.infinity) ? 4 : 3
            let rest = hasExponents ? exponentDigits + 3 + behind : behind
            before = max(before, width - (rest + 1))
        }
        if finite.isEmpty { behind = 0 }
        (self.before, self.behind) = (before, behind)
    }

    func text(_ value: Float) -> String {
        let width = before + 1 + behind + (hasExponents ? exponentDigits + 2 : 0)
        guard value.isFinite else { return (value.isNaN ? "nan" : value < 0 ? "-inf" : "inf").padded(to: width) }
        guard hasExponents else {
            let parts = ShortestDigits(value).positional
            return parts.before.padded(to: before) + "." + parts.behind.padding(toLength: behind, withPad: " ", startingAt: 0)
        }
        let parts = ShortestDigits(value).scientific
        let exponent = "e\(parts.exponentSign)" + parts.exponent.padded(to: exponentDigits, with: "0")
        if parts.behind.count == behind { return parts.before.padded(to: before) + ".\(parts.behind)" + exponent }
        // Where others need more digits, so many of the exact value.
        let exact = String(format: "%.\(behind)e", value)
        return exact.prefix { $0 != "e" }.padded(to: before + 1 + behind) + (behind == 0 ? "." : "") + exponent
    }

    /// One number by itself, as Python prints a float32: `0.1`, `1e-08`.
    static func scalar(_ value: Float) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        if value == 0 || (1e-4 ..< 1e6).contains(Double(value.magnitude)) {
            let parts = ShortestDigits(value).positional
            return "\(parts.before).\(parts.behind.isEmpty ? "0" : parts.behind)"
        }
        let parts = ShortestDigits(value).scientific
        return parts.before + (parts.behind.isEmpty ? "" : ".\(parts.behind)") + "e\(parts.exponentSign)\(parts.exponent)"
    }
}

/// A finite float32 by the shortest digits that tell it from its neighbours: 0.d₁d₂… · 10ᵉ.
private struct ShortestDigits {
    private let value: Float
    private let sign: String, digits: [Character], exponent: Int

    typealias Parts = (before: String, behind: String, exponentSign: String, exponent: String)

    init(_ value: Float) {
        self.value = value
        sign = value.sign == .minus ? "-" : ""
        // "123.0", "1.5e-08"
        let parts = value.magnitude.description.split(separator: "e"), mantissa = parts[0].split(separator: ".")
        let all = Array(mantissa[0] + (mantissa.count > 1 ? mantissa[1] : "")), leading = all.prefix { $0 == "0" }.count
        var digits = Array(all.dropFirst(leading))
        while digits.last == "0" { digits.removeLast() }
        self.digits = digits
        exponent = digits.isEmpty ? 1 : mantissa[0].count - leading + (parts.count > 1 ? Int(parts[1])! : 0)
    }

    var scientific: Parts {
        let power = exponent - 1, text = String(power.magnitude)
        return (
            sign + String(digits.first ?? "0"), String(digits.dropFirst()), power < 0 ? "-" : "+", text.count < 2 ? "0" + text : text
        )
    }

    var positional: Parts {
        if digits.count - exponent > 8 {
            let rounded = String(format: "%.8f", value).split(separator: ".").map(String.init)
            var behind = rounded[1]
            while behind.hasSuffix("0") { behind.removeLast() }
            return (rounded[0], behind, "", "")
        }
        let zeros = String(repeating: "0", count: max(0, -exponent))
        let before = digits.prefix(max(0, exponent)) + Array(repeating: "0", count: max(0, exponent - digits.count))
        return (sign + (before.isEmpty ? "0" : String(before)), zeros + String(digits.dropFirst(max(0, exponent))), "", "")
    }
}

extension StringProtocol {
    /// With blanks in front.
    func padded(to width: Int, with character: Character = " ") -> String {
        String(repeating: character, count: Swift.max(0, width - count)) + self
    }
}
