extension Sequence where Element: AnyObject {
    /// Each object once, where it comes first.
    package var uniqueObjects: [Element] {
        var seen: Set<ObjectIdentifier> = []
        return filter { seen.insert(ObjectIdentifier($0)).inserted }
    }
}
