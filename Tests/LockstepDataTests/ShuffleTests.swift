import LockstepData
import XCTest

final class ShuffleTests: XCTestCase {
    private func order(_ count: Int, _ shuffle: Shuffle, epoch: Int) -> [Int32] {
        var order = [Int32](repeating: -1, count: count)
        order.withUnsafeMutableBufferPointer { shuffle.fill($0, epoch: epoch) }
        return order
    }

    /// Against a Philox and a Fisher–Yates written in Python (see golden.py).
    func testKnownOrders() {
        for (count, seed, epoch, first) in GoldenFiles.shuffles {
            XCTAssertEqual(Array(order(count, Shuffle(seed: seed), epoch: epoch).prefix(12)), first, "\(count) \(seed) \(epoch)")
        }
    }

    func testIsAPermutation() {
        for count in [0, 1, 2, 3, 1000, 1025, 60000] {
            XCTAssertEqual(order(count, Shuffle(seed: 5), epoch: 3).sorted(), (0 ..< count).map { Int32($0) })
        }
    }

    func testDependsOnSeedAndEpochAlone() {
        let first = order(100, Shuffle(seed: 1), epoch: 0)
        XCTAssertEqual(first, order(100, Shuffle(seed: 1), epoch: 0))
        XCTAssertNotEqual(first, order(100, Shuffle(seed: 1), epoch: 1))
        XCTAssertNotEqual(first, order(100, Shuffle(seed: 2), epoch: 0))
    }

    func testDisabledIsTheIdentity() {
        XCTAssertEqual(order(50, Shuffle(seed: 1, isEnabled: false), epoch: 9), (0 ..< 50).map { Int32($0) })
    }

    /// Over 24,000 epochs each of the 24 orders of four samples comes about 1,000 times (standard deviation 31).
    func testOrdersAreEquallyLikely() {
        var counts: [[Int32]: Int] = [:]
        for epoch in 0 ..< 24_000 { counts[order(4, Shuffle(seed: 0), epoch: epoch), default: 0] += 1 }
        XCTAssertEqual(counts.count, 24)
        for (order, count) in counts { XCTAssertEqual(Double(count), 1000, accuracy: 150, "\(order)") }
    }
}
