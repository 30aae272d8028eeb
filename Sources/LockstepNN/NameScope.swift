import LockstepTensor

/// The names of the layers and models that are being called, outermost first: where a weight stands.
///
/// A weight's path, `sequential/dense/kernel`, is its address in the model, the key of its initial value and of a layer's random
/// numbers. The prefix of error messages (`Failure.scope`) follows the same calls, and is for reading only.
package enum NameScope {
    nonisolated(unsafe) private static var names: [String] = []

    /// `names` joined by slashes, `leaf` behind them.
    static func path(_ leaf: String) -> String { (names + [leaf]).joined(separator: "/") }
    static var path: String { names.joined(separator: "/") }

    /// Runs `body` inside of `name`, for weights and for error messages.
    static func with<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        names.append(name)
        Failure.scope.append(name)
        defer {
            names.removeLast()
            Failure.scope.removeLast()
        }
        return try body()
    }
}
