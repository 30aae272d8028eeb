import LockstepMPI
import XCTest

/// What the ranks' watchdogs prove to each other.
final class WatchSealTests: XCTestCase {
    private let message = [UInt8](0 ..< 88)

    private func pair(_ key: [UInt8], _ other: [UInt8]) -> (hub: WatchSeal, spoke: WatchSeal) {
        var (hub, spoke) = (WatchSeal(key: key, side: .hub), WatchSeal(key: other, side: .spoke))
        hub.meet(spoke.nonce)
        spoke.meet(hub.nonce)
        return (hub, spoke)
    }

    func testBothSidesAcceptEachOther() {
        var (hub, spoke) = pair([1, 2, 3], [1, 2, 3])
        for _ in 0 ..< 3 {
            XCTAssert(hub.accepts(message, seal: spoke.seal(message)))
            spoke.countSent()
            XCTAssert(spoke.accepts(message, seal: hub.seal(message)))
            hub.countSent()
        }
    }

    func testWhatIsNotTheOtherSidesIsRefused() {
        let key: [UInt8] = [1, 2, 3]
        // Another key.
        var (hub, spoke) = pair(key, [1, 2, 4])
        XCTAssertFalse(hub.accepts(message, seal: spoke.seal(message)))
        // Another message.
        (hub, spoke) = pair(key, key)
        XCTAssertFalse(hub.accepts(message.reversed(), seal: spoke.seal(message)))
        // Heard before on this connection.
        (hub, spoke) = pair(key, key)
        let first = spoke.seal(message)
        XCTAssert(hub.accepts(message, seal: first))
        XCTAssertFalse(hub.accepts(message, seal: first))
        // Heard before on another one.
        (hub, _) = pair(key, key)
        XCTAssertFalse(hub.accepts(message, seal: first))
        // Its own words, sent back.
        (hub, _) = pair(key, key)
        var echo = hub
        echo.meet(hub.nonce)
        hub.meet(hub.nonce)
        XCTAssertFalse(hub.accepts(message, seal: echo.seal(message)))
        // None, and too short a one.
        (hub, spoke) = pair(key, key)
        XCTAssertFalse(hub.accepts(message, seal: []))
        (hub, spoke) = pair(key, key)
        XCTAssertFalse(hub.accepts(message, seal: Array(spoke.seal(message).dropLast())))
    }

    /// Or what was heard on one connection would be right on another.
    func testRandomBytesDiffer() {
        XCTAssertNotEqual(WatchSeal(key: [1], side: .hub).nonce, WatchSeal(key: [1], side: .hub).nonce)
        XCTAssertEqual(WatchSeal(key: [1], side: .hub).nonce.count, WatchSeal.nonceCount)
    }
}
