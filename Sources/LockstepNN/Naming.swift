import LockstepTensor

/// Names as Keras gives them: `dense`, `dense_1`, … counted by class.
package enum Naming {
    nonisolated(unsafe) private static var counts: [String: Int] = [:]

    /// The next name for a class: its snake case, with a number from the second on.
    package static func unique(_ className: String) -> String {
        let base = snakeCase(className)
        let count = counts[base, default: 0]
        counts[base] = count + 1
        return count == 0 ? base : "\(base)_\(count)"
    }

    package static func reset() { counts = [:] }

    /// Runs `body`, whose layers are thrown away: their names count for nothing.
    package static func preserving<Result>(_ body: () throws -> Result) rethrows -> Result {
        let before = counts
        defer { counts = before }
        return try body()
    }
}

/// Forgets the counts behind automatic names, so that the next `Dense` is `dense` again: `keras.utils.clear_session`.
public func clearSession() { Naming.reset() }
