/// The values of a Python literal that `.npy` headers are written in: strings, whole numbers, booleans, `None`, tuples,
/// lists and dictionaries.
package enum PythonLiteral: Equatable {
    case string(String), integer(Int), boolean(Bool), none
    /// A tuple or a list.
    case sequence([PythonLiteral])
    case dictionary([String: PythonLiteral])

    /// The value that `text` spells, blanks around it allowed; `nil` where it spells none.
    package init?(_ text: String) {
        var parser = Parser(text: Array(text.utf8))
        guard let value = parser.value(depth: 0), parser.atEnd() else { return nil }
        self = value
    }
}

private struct Parser {
    let text: [UInt8]
    var position = 0

    /// Deeper nesting than any header has; keeps damaged ones from exhausting the stack.
    static let deepest = 16

    init(text: [UInt8]) { self.text = text }

    mutating func atEnd() -> Bool { peek() == nil }

    /// The next byte that is not blank.
    private mutating func peek() -> UInt8? {
        while position < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[position]) { position += 1 }
        return position < text.count ? text[position] : nil
    }

    private mutating func take(_ character: Character) -> Bool {
        guard peek() == character.asciiValue else { return false }
        position += 1
        return true
    }

    mutating func value(depth: Int) -> PythonLiteral? {
        guard depth < Parser.deepest, let next = peek() else { return nil }
        switch next {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "("), UInt8(ascii: "["): return sequence(depth)
        case UInt8(ascii: "{"): return dictionary(depth)
        case UInt8(ascii: "-"), UInt8(ascii: "0") ... UInt8(ascii: "9"): return integer()
        default: return word()
        }
    }

    private mutating func string() -> String? {
        let quote = text[position]
        guard let end = text[(position + 1)...].firstIndex(of: quote) else { return nil }
        let body = text[position + 1 ..< end]
        position = end + 1
        return body.contains(UInt8(ascii: "\\")) ? nil : String(decoding: body, as: UTF8.self)
    }

    private mutating func integer() -> PythonLiteral? {
        let start = position
        position += 1
        while position < text.count, (UInt8(ascii: "0") ... UInt8(ascii: "9")).contains(text[position]) { position += 1 }
        let number = Int(String(decoding: text[start ..< position], as: UTF8.self))
        // Python 2 wrote long integers with a suffix.
        if position < text.count, text[position] == UInt8(ascii: "L") { position += 1 }
        return number.map { .integer($0) }
    }

    private mutating func word() -> PythonLiteral? {
        for (word, value) in [("True", PythonLiteral.boolean(true)), ("False", .boolean(false)), ("None", .none)]
        where text[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return value
        }
        return nil
    }

    private mutating func sequence(_ depth: Int) -> PythonLiteral? {
        let close: Character = text[position] == UInt8(ascii: "(") ? ")" : "]"
        position += 1
        var elements: [PythonLiteral] = []
        while !take(close) {
            guard let element = value(depth: depth + 1) else { return nil }
            elements.append(element)
            if !take(",") { return take(close) ? .sequence(elements) : nil }
        }
        return .sequence(elements)
    }

    private mutating func dictionary(_ depth: Int) -> PythonLiteral? {
        position += 1
        var entries: [String: PythonLiteral] = [:]
        while !take("}") {
            guard case .string(let key)? = value(depth: depth + 1), take(":"), let element = value(depth: depth + 1) else { return nil }
            entries[key] = element
            if !take(",") { return take("}") ? .dictionary(entries) : nil }
        }
        return .dictionary(entries)
    }
}
