/// How files are damaged.
enum Mutation {
    /// Sizes, counts and addresses at which arithmetic breaks.
    private static let extremes: [UInt64] = [
        0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff,
        0x1_0000_0000, 0x100_0000_0000, 1 << 61, 1 << 62, 0x7fff_ffff_ffff_ffff, 1 << 63, .max - 63, .max - 1, .max,
    ]

    /// One to four changes: bits, fields of one to eight bytes in either order, cuts, copies of ranges, pieces of another file.
    static func mutate(_ bytes: [UInt8], _ dice: inout Dice, other: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0 ... dice.roll(4) where !bytes.isEmpty { change(&bytes, &dice, other) }
        return bytes
    }

    private static func change(_ bytes: inout [UInt8], _ dice: inout Dice, _ other: [UInt8]) {
        let place = dice.roll(bytes.count)
        switch dice.roll(10) {
        case 0, 1: bytes[place] ^= 1 << dice.roll(8)
        case 2: bytes[place] = UInt8(dice.roll(256))
        case 3, 4, 5:
            // A field, set to an extreme or moved by a little.
            let width = dice.pick([1, 2, 4, 8])
            guard place + width <= bytes.count else { return }
            let isBig = dice.oneIn(4)
            let places = (0 ..< width).map { place + (isBig ? width - 1 - $0 : $0) }
            var value = places.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[$1]) }
            value = dice.oneIn(3) ? value &+ UInt64(bitPattern: Int64(dice.roll(17) - 8)) : dice.pick(extremes)
            for (index, place) in places.enumerated() { bytes[place] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
        case 6: bytes.removeSubrange(place...)
        case 7:
            let range = place ..< min(bytes.count, place + 1 + dice.roll(64))
            if dice.oneIn(2) { bytes.removeSubrange(range) } else { bytes.insert(contentsOf: bytes[range], at: dice.roll(bytes.count)) }
        case 8:
            // One range over another.
            let target = dice.roll(bytes.count), length = 1 + dice.roll(min(64, bytes.count - max(place, target)))
            bytes.replaceSubrange(target ..< target + length, with: Array(bytes[place ..< place + length]))
        default:
            guard !other.isEmpty else { return }
            let from = dice.roll(other.count), length = 1 + dice.roll(min(256, other.count - from))
            bytes.replaceSubrange(place ..< min(bytes.count, place + length), with: other[from ..< from + length])
        }
    }

    // MARK: Text

    private static let numbers = [
        "0", "-1", "1", "2", "1e999", "-0.0", "1e308", "1e-320", "NaN", "Infinity", "-Infinity", ".nan", ".inf", "2147483647", "2147483648",
        "4294967296", "-2147483649", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e20", "0.5", "\"3\"", "true",
    ]
    private static let pieces = [
        "null", "[]", "{}", "[", "]", "{", "}", ",", ":", "\"", "'", "\\", "\\ud800", "\u{0}", "\u{1b}[2J", "\n", "&a ", "*a", "<<: *a",
        "- ",
        "? ", "!!str ", "!x ", "${LANG:-C}", "${", "${X:-y}", "|", ">", "#", "%TAG ! x", "---\n", "...", "é", "\u{202e}",
    ]

    /// One to four changes of words: a number for another, a word for another, lines twice or gone, pieces of syntax anywhere.
    static func mutate(text: String, _ dice: inout Dice, other: String) -> String {
        var tokens = self.tokens(text)
        let others = self.tokens(other)
        for _ in 0 ... dice.roll(4) where !tokens.isEmpty {
            let place = dice.roll(tokens.count)
            switch dice.roll(8) {
            case 0, 1, 2:
                let places = tokens.indices.filter { tokens[$0].first?.isNumber == true }
                if !places.isEmpty { tokens[dice.pick(places)] = dice.pick(numbers) }
            case 3: tokens[place] = dice.pick(tokens)
            case 4: tokens[place] = dice.pick(others)
            case 5: tokens.remove(at: place)
            case 6: tokens.insert(dice.pick(pieces), at: place)
            default:
                let range = place ..< min(tokens.count, place + 1 + dice.roll(12))
                tokens.insert(contentsOf: tokens[range], at: dice.roll(tokens.count))
            }
        }
        return tokens.joined()
    }

    /// Words, numbers, and each other character by itself.
    private static func tokens(_ text: String) -> [String] {
        var tokens: [String] = []
        var isWord = false
        for character in text {
            let continues = character.isLetter || character.isNumber || character == "_" || character == "."
            if continues, isWord { tokens[tokens.count - 1].append(character) } else { tokens.append(String(character)) }
            isWord = continues
        }
        return tokens
    }
}
