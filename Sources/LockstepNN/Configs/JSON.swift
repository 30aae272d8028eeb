import Foundation

// JSON (RFC 8259), and what Python's `json` adds to it: the words NaN, Infinity and -Infinity.

extension ConfigValue {
    /// The deepest nesting of lists and mappings that is read, so that no text exhausts the stack.
    package static let deepest = 512
    /// The most values that are read from one text: many times what a model of a thousand layers has.
    package static let most = 1 << 20

    /// Reads JSON text in UTF-8. Keys keep their order; whole numbers beyond 64 bits become doubles.
    ///
    /// - Throws: `ConfigError` that names line and column: for what is no JSON, a key that is there twice, a number beyond what a
    ///   double holds, text that is not valid Unicode, more than 512 levels or a million values.
    public init(json: Data) throws {
        self = try json.withUnsafeBytes { bytes in
            var reader = JSONReader(text: bytes)
            return try reader.document()
        }
    }
}

/// Reads one text, from the first byte to the last, by recursive descent.
private struct JSONReader {
    let text: UnsafeRawBufferPointer
    private var position = 0
    private var count = 0

    init(text: UnsafeRawBufferPointer) { self.text = text }

    mutating func document() throws -> ConfigValue {
        // The mark of UTF-8 that some editors put in front.
        if text.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
        skipBlanks()
        let value = try value(depth: 0)
        skipBlanks()
        guard position == text.count else { throw expected("the end of the text") }
        return value
    }

    // MARK: Values

    private mutating func value(depth: Int) throws -> ConfigValue {
        count += 1
        guard count <= ConfigValue.most else { throw failure("more than \(ConfigValue.most) values") }
        switch peek {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0") ... UInt8(ascii: "9")): return try number()
        default:
            for (word, value) in JSONReader.words where take(word) { return value }
            throw expected("a value")
        }
    }

    private static let words: [(String, ConfigValue)] = [
        ("true", .bool(true)), ("false", .bool(false)), ("null", .null), ("NaN", .double(.nan)), ("Infinity", .double(.infinity)),
    ]

    private mutating func array(depth: Int) throws -> ConfigValue {
        try enter(depth)
        var values: [ConfigValue] = []
        if take("]") { return .array(values) }
        while true {
            values.append(try value(depth: depth))
            skipBlanks()
            if take("]") { return .array(values) }
            guard take(",") else { throw expected(", or ]") }
            skipBlanks()
        }
    }

    private mutating func object(depth: Int) throws -> ConfigValue {
        try enter(depth)
        var entries: [ConfigValue.Entry] = []
        var keys: Set<String> = []
        if take("}") { return .object(entries) }
        while true {
            guard peek == UInt8(ascii: "\"") else { throw expected("a key in quotation marks") }
            let start = position
            let key = try string()
            guard keys.insert(key).inserted else {
                position = start
                throw failure("the key \"\(key)\" is there twice")
            }
            skipBlanks()
            guard take(":") else { throw expected(": after the key") }
            skipBlanks()
            entries.append(.init(key, try value(depth: depth)))
            skipBlanks()
            if take("}") { return .object(entries) }
            guard take(",") else { throw expected(", or }") }
            skipBlanks()
        }
    }

    /// Steps over an opening bracket.
    private mutating func enter(_ depth: Int) throws {
        guard depth <= ConfigValue.deepest else { throw failure("more than \(ConfigValue.deepest) levels of lists and mappings") }
        position += 1
        skipBlanks()
    }

    private mutating func number() throws -> ConfigValue {
        let start = position
        let isNegative = take("-")
        if isNegative, take("Infinity") { return .double(-.infinity) }
        // No figure follows a leading zero.
        if !take("0") { try figures() }
        var isWhole = true
        if take(".") {
            isWhole = false
            try figures()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try figures()
        }
        // As many as Python reads of a whole number.
        guard position - start <= 4300 else { throw failure("a number of \(position - start) figures; expected at most 4300") }
        let figures = String(decoding: text[start ..< position], as: UTF8.self)
        if isWhole, let whole = Int(figures) { return .int(whole) }
        guard let double = Double(figures), double.isFinite else {
            position = start
            throw failure("the number \(figures) is beyond what a double holds")
        }
        return .double(double)
    }

    /// One figure or more.
    private mutating func figures() throws {
        let start = position
        while let byte = peek, (UInt8(ascii: "0") ... UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw expected("a figure") }
    }

    // MARK: Strings

    private mutating func string() throws -> String {
        position += 1
        // What comes before the last escape; most texts have none.
        var escaped: [UInt8] = []
        var start = position
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                let rest = text[start ..< position]
                let string = escaped.isEmpty ? String(validating: rest, as: UTF8.self) : String(validating: escaped + rest, as: UTF8.self)
                guard let string else { throw failure("a text that is not valid UTF-8") }
                position += 1
                return string
            case UInt8(ascii: "\\"):
                escaped.append(contentsOf: text[start ..< position])
                position += 1
                escaped.append(contentsOf: String(try escape()).utf8)
                start = position
            case 0 ..< 0x20: throw failure("the control character 0x\(String(byte, radix: 16)) in a text; expected an escape such as \\n")
            default: position += 1
            }
        }
        throw expected("\" at the end of the text")
    }

    /// The character that a backslash and what follows it stand for.
    private mutating func escape() throws -> Character {
        for (letter, character) in JSONReader.escapes where take(letter) { return character }
        guard take("u") else { throw expected("one of \" \\ / b f n r t u after \\") }
        let first = try codeUnit()
        // Beyond 16 bits a character is written as a pair of surrogates.
        guard UTF16.isLeadSurrogate(first) else {
            guard let scalar = Unicode.Scalar(first) else { throw failure("half of a surrogate pair, \\u\(String(first, radix: 16))") }
            return Character(scalar)
        }
        guard take("\\u") else { throw failure("half of a surrogate pair, \\u\(String(first, radix: 16))") }
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(second) else { throw failure("half of a surrogate pair, \\u\(String(first, radix: 16))") }
        return Character(UTF16.decode(.init([first, second])))
    }

    private static let escapes: [(String, Character)] = [
        ("n", "\n"), ("\"", "\""), ("\\", "\\"), ("/", "/"), ("t", "\t"), ("r", "\r"), ("b", "\u{8}"), ("f", "\u{c}"),
    ]

    /// Four hexadecimal figures.
    private mutating func codeUnit() throws -> UInt16 {
        guard text.count - position >= 4, peek != UInt8(ascii: "+"), peek != UInt8(ascii: "-"),
            let unit = UInt16(String(decoding: text[position ..< position + 4], as: UTF8.self), radix: 16)
        else { throw expected("four hexadecimal figures after \\u") }
        position += 4
        return unit
    }

    // MARK: Bytes

    /// The next byte; `nil` at the end.
    private var peek: UInt8? { position < text.count ? text[position] : nil }

    /// Steps over `word` if that is what comes next.
    private mutating func take(_ word: String) -> Bool {
        guard text.count - position >= word.utf8.count else { return false }
        var place = position
        for byte in word.utf8 {
            guard text[place] == byte else { return false }
            place += 1
        }
        position = place
        return true
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    // MARK: Errors

    private func expected(_ what: String) -> ConfigError {
        guard let byte = peek else { return failure("expected \(what), found the end of the text") }
        let found = byte > 0x20 && byte < 0x7f ? "\(Character(Unicode.Scalar(byte)))" : "the byte 0x\(String(byte, radix: 16))"
        return failure("expected \(what), found \(found)")
    }

    private func failure(_ problem: String) -> ConfigError {
        let before = text[..<position]
        let line = before.reduce(1) { $1 == 0x0a ? $0 + 1 : $0 }
        let column = position - (before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0) + 1
        return ConfigError("line \(line), column \(column): \(problem)")
    }
}

// MARK: Writing

extension ConfigValue {
    /// JSON text as Python's `json.dumps` writes it: `{"units": 3, "activation": null}`. Numbers that are not finite become the words
    /// NaN, Infinity and -Infinity, which Python reads.
    public var json: String { text { $0.isNaN ? "NaN" : $0 < 0 ? "-Infinity" : "Infinity" } }

    /// JSON text for every reader: numbers that are not finite become null.
    public var strictJSON: String { text { _ in "null" } }

    private func text(notFinite: (Double) -> String) -> String {
        var result = ""
        write(to: &result, notFinite)
        return result
    }

    private func write(to result: inout String, _ notFinite: (Double) -> String) {
        switch self {
        case .null: result += "null"
        case .bool(let value): result += value ? "true" : "false"
        case .int(let value): result += String(value)
        case .double(let value): result += value.isFinite ? value.description : notFinite(value)
        case .string(let value): ConfigValue.quote(value, to: &result)
        case .array(let values):
            result += "["
            for (index, value) in values.enumerated() {
                if index > 0 { result += ", " }
                value.write(to: &result, notFinite)
            }
            result += "]"
        case .object(let entries):
            result += "{"
            for (index, entry) in entries.enumerated() {
                if index > 0 { result += ", " }
                ConfigValue.quote(entry.key, to: &result)
                result += ": "
                entry.value.write(to: &result, notFinite)
            }
            result += "}"
        }
    }

    private static func quote(_ string: String, to result: inout String) {
        result += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20: result += "\\u00\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16))"
            default: result.unicodeScalars.append(scalar)
            }
        }
        result += "\""
    }
}
