import Foundation

/// `${NAME}` and `${NAME:-default}` in the values of a config.
enum Environment {
    /// - Throws: `InputError` that names a variable which is neither set nor has a default.
    static func expand(_ text: String, place: String) throws -> String {
        var result = ""
        var rest = text.utf8[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            let next = rest.index(after: dollar)
            result += Substring(rest[..<dollar])
            guard next < rest.endIndex, rest[next] == UInt8(ascii: "{") else {
                result += "$"
                rest = rest[next...]
                continue
            }
            guard let end = rest[next...].firstIndex(of: UInt8(ascii: "}")) else {
                throw InputError("\(place): \"\(text)\": expected } after ${")
            }
            let body = Substring(rest[rest.index(after: next) ..< end])
            let separator = body.firstRange(of: ":-")
            let name = String(body[..<(separator?.lowerBound ?? body.endIndex)])
            let value = getenv(name).map { String(cString: $0) }
            // As in a shell, the default of `:-` also stands in for an empty variable.
            if let separator {
                result += value.flatMap { $0.isEmpty ? nil : $0 } ?? String(body[separator.upperBound...])
            } else if let value {
                result += value
            } else {
                throw InputError("\(place): the environment variable \(name) is not set; set it, or give a default: ${\(name):-default}")
            }
            guard result.utf8.count <= longest else {
                throw InputError("\(place): is longer than \(longest) bytes with what ${…} stands for")
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + Substring(rest)
    }

    /// The most bytes of a value in which something was expanded.
    private static let longest = 1 << 20
}
