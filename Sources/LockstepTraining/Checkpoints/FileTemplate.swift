import Foundation

/// A file name with figures in it, `{epoch:02d}-{val_loss:.2f}.keras`: Python's format fields, by name.
struct FileTemplate {
    private enum Part {
        case text(String)
        /// With C's conversion, such as `%02d`; none where the field has no format.
        case field(name: String, conversion: String, isWhole: Bool)
    }

    let text: String
    private let parts: [Part]

    /// - Throws: `TrainingError` for braces without a pair, or a format that is none of numbers.
    init(_ text: String) throws {
        self.text = text
        var parts: [Part] = [], literal = "", rest = Substring(text)
        while let character = rest.first {
            if rest.hasPrefix("{{") || rest.hasPrefix("}}") {
                literal.append(character)
                rest = rest.dropFirst(2)
            } else if character == "{" {
                guard let end = rest.firstIndex(of: "}") else { throw FileTemplate.failure(text, "a { without its }") }
                let inside = rest[rest.index(after: rest.startIndex) ..< end].split(separator: ":", maxSplits: 1)
                guard let name = inside.first else { throw FileTemplate.failure(text, "a field without a name") }
                let format = inside.count > 1 ? String(inside[1]) : ""
                guard let match = format.wholeMatch(of: #/([-+ 0]*[0-9]{0,3}(?:\.[0-9]{1,2})?)([defgEG]?)/#) else {
                    throw FileTemplate.failure(text, "the format \(format); expected one of numbers, such as 02d or .3f")
                }
                if !literal.isEmpty { parts.append(.text(literal)) }
                literal = ""
                let (flags, kind) = (String(match.1), String(match.2))
                let isWhole = kind == "d" || kind.isEmpty && !flags.isEmpty && !flags.contains(".")
                let conversion = format.isEmpty ? "" : "%\(flags)" + (isWhole ? "ld" : kind.isEmpty ? "g" : kind)
                parts.append(.field(name: String(name), conversion: conversion, isWhole: isWhole))
                rest = rest[rest.index(after: end)...]
            } else if character == "}" {
                throw FileTemplate.failure(text, "a } without its {")
            } else {
                literal.append(character)
                rest = rest.dropFirst()
            }
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        self.parts = parts
    }

    /// - Throws: `TrainingError` for a field that is neither a whole number of `counts` nor one of the figures.
    func validate(counts: [String], figures: [String]) throws {
        for case .field(let name, let conversion, let isWhole) in parts where !counts.contains(name) {
            guard figures.contains(name) else {
                throw FileTemplate.failure(text, "{\(name)}; expected one of \((counts + figures).joined(separator: ", "))")
            }
            guard !isWhole else {
                throw FileTemplate.failure(text, "{\(name)} as a whole number (\(conversion.dropFirst())); write it as {\(name):.3f}")
            }
        }
    }

    /// The name with these numbers.
    ///
    /// - Returns: `nil` where a figure is missing.
    func callAsFunction(_ counts: [String: Int], _ logs: Logs) -> String? {
        var name = ""
        for part in parts {
            switch part {
            case .text(let text): name += text
            case .field(let field, let conversion, let isWhole):
                if let count = counts[field] {
                    name +=
                        conversion.isEmpty
                        ? String(count)
                        : isWhole ? String(format: conversion, count) : String(format: conversion, Double(count))
                } else if let value = logs[field] {
                    name += conversion.isEmpty ? Double(value).description : String(format: conversion, Double(value))
                } else {
                    return nil
                }
            }
        }
        return name
    }

    private static func failure(_ text: String, _ what: String) -> TrainingError { TrainingError("file name \(text): \(what)") }
}
