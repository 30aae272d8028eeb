import LockstepNN
import LockstepSaving
import LockstepTensor
import XCTest

/// What is said to differ between two files.
final class ModelComparisonTests: SavingTestCase {
    private func saved(_ name: String, _ hidden: [Layer]) throws -> String {
        clearSession()
        let path = path("\(name).keras")
        try Sequential([Input([4])] + hidden + [Dense(2, name: "classes")], name: "model").save(path)
        return path
    }

    /// A layer more moves none of those behind it.
    func testLayersAreKnownByTheirNames() throws {
        let one = try saved("one", [Dense(8, name: "hidden")])
        let two = try saved("two", [Dense(8, name: "hidden"), Dropout(0.5, name: "dropout")])
        let comparison = try ModelComparison(one, two)
        XCTAssertEqual(comparison.settings.map(\.place), ["config.layers.dropout"])
        XCTAssertNil(comparison.settings.first?.first)
        XCTAssertEqual(comparison.settings.first?.second?.contains("\"rate\": 0.5"), true)
        XCTAssert(comparison.weights.isEmpty, "of the same seed")

        // Where layers that both have have changed places, that is what differs.
        let (a, b) = (Dense(4, name: "a"), Dense(4, name: "b")), (c, d) = (Dense(4, name: "a"), Dense(4, name: "b"))
        let moved = try ModelComparison(saved("ab", [a, b]), saved("ba", [d, c, Dropout(0.5)]))
        XCTAssertEqual(moved.settings.map(\.place), ["config.layers"])
    }
}
