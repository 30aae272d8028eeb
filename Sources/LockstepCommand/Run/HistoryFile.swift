import Foundation
import Lockstep

/// The figures of a run as `CSVLogger` wrote them: a line an epoch.
package struct HistoryFile {
    /// By column, each with a number for each epoch; `nil` where there is none.
    package let columns: [(name: String, values: [Double?])]
    package let epochs: [Double]

    package subscript(name: String) -> [Double?]? { columns.first { $0.name == name }?.values }

    /// As a training has left it in memory.
    package init(_ history: History) {
        epochs = history.epochs.map { Double($0) }
        columns = history.names.map { name in (name, history[name].map { Double($0) }) }
    }

    /// - Throws: `InputError` with the line that is not one of a history.
    package init(_ path: String) throws {
        let text = try Files.at(path) { String(decoding: try Files.contents(path), as: UTF8.self) }
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard let head = lines.first else { throw InputError("\(path): is empty; expected a history as lockstep train writes it") }
        // Keras' separator may be another.
        let separator: Character = head.dropFirst("epoch".count).first ?? ","
        let names = HistoryFile.fields(head, separator)
        guard names.first == "epoch", names.count > 1 else {
            throw InputError("\(path): line 1: expected epoch and names of figures, found \(head.asLine(limit: 80))")
        }
        let rows = try lines.dropFirst().enumerated().map { number, line in
            let fields = HistoryFile.fields(line, separator)
            guard fields.count == names.count, Double(fields[0]) != nil else {
                throw InputError("\(path): line \(number + 2): expected \(names.count) fields, found \(line.asLine(limit: 80))")
            }
            return try fields.map { field -> Double? in
                if ["", "NA"].contains(field) { return nil }
                guard let number = Double(field) else {
                    throw InputError("\(path): line \(number + 2): expected a number, found \(field.asLine(limit: 80))")
                }
                return number
            }
        }
        guard !rows.isEmpty else { throw InputError("\(path): has no epochs") }
        epochs = rows.map { $0[0]! }
        // A run without validation has columns for it, with nothing in them.
        columns = names.indices.dropFirst().map { column in (names[column], rows.map { $0[column] }) }
            .filter { $0.1.contains { $0 != nil } }
    }

    /// The fields of a line (RFC 4180).
    private static func fields(_ line: String, _ separator: Character) -> [String] {
        var (fields, isQuoted, rest) = ([""], false, line[...])
        while let character = rest.popFirst() {
            if isQuoted, character == "\"", rest.first == "\"" {
                rest.removeFirst()
                fields[fields.count - 1].append("\"")
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == separator, !isQuoted {
                fields.append("")
            } else {
                fields[fields.count - 1].append(character)
            }
        }
        return fields
    }
}
