extension String {
    /// Two texts that differ, as short as shows where.
    package static func excerpts(_ a: String, _ b: String) -> (String, String) {
        guard Swift.max(a.count, b.count) > 120 else { return (a, b) }
        let start = Swift.max(0, zip(a, b).prefix { $0 == $1 }.count - 40)
        func excerpt(_ text: String) -> String {
            (start > 0 ? "…" : "") + text.dropFirst(start).prefix(100) + (text.count > start + 100 ? "…" : "")
        }
        return (excerpt(a), excerpt(b))
    }
}
