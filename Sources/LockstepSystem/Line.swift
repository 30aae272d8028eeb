extension String {
    /// This text as one line that can be shown anywhere: line breaks become blanks, other control characters `\u{1b}`, and of a
    /// text beyond `limit` characters the middle is left out.
    ///
    /// Names in files come from whoever wrote them: a message must not move a terminal's cursor or fill its screen.
    public func asLine(limit: Int = 800) -> String {
        var line = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .lineSeparator, .paragraphSeparator: line += " "
            case .control where scalar == "\n" || scalar == "\r" || scalar == "\t": line += " "
            case .control, .format, .surrogate, .privateUse: line += "\\u{\(String(scalar.value, radix: 16))}"
            default: line.unicodeScalars.append(scalar)
            }
            // No more than is needed of a text without end.
            if line.utf8.count > 64 * limit { break }
        }
        guard line.count > limit else { return line }
        return "\(line.prefix(limit * 2 / 3)) … \(line.suffix(limit / 3))"
    }
}
