import LockstepSystem

/// Proves on a connection between two watchdogs that both are of this job: both know its key, and neither sends it.
///
/// Each side begins with 16 random bytes of its own. Behind every message stands its seal,
///
///     HMAC-SHA256(key, side | the hub's random bytes | the spoke's | number of the message | message)
///
/// (RFC 2104). Nobody makes one without the key, and one that was heard before, on this connection or another or from the other
/// side, is not right again. One value a connection.
package struct WatchSeal {
    package enum Side: UInt8 {
        /// Rank zero's watchdog.
        case hub
        /// That of another rank.
        case spoke
    }

    package static let nonceCount = 16
    package static let byteCount = 32
    /// What this side sends first.
    package let nonce: [UInt8]
    private let key: [UInt8]
    private let side: Side
    private var otherNonce: [UInt8] = []
    private var sent: UInt64 = 0
    private var received: UInt64 = 0

    package init(key: [UInt8], side: Side) {
        (self.key, self.side) = (key, side)
        nonce = (0 ..< Self.nonceCount).map { _ in .random(in: .min ... .max) }
    }

    /// Whether the other side's random bytes are known.
    package var isMet: Bool { !otherNonce.isEmpty }

    /// Takes the other side's random bytes.
    package mutating func meet(_ nonce: [UInt8]) { otherNonce = nonce }

    /// The seal of the next message to be sent; `countSent` says that it was.
    package func seal(_ message: [UInt8]) -> [UInt8] { hash(message, sent, from: side) }
    package mutating func countSent() { sent += 1 }

    /// Whether the next message that has come is the other side's. Takes as long for every wrong seal.
    package mutating func accepts(_ message: [UInt8], seal: [UInt8]) -> Bool {
        let right = hash(message, received, from: side == .hub ? .spoke : .hub)
        received += 1
        return seal.count == right.count && zip(seal, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func hash(_ message: [UInt8], _ number: UInt64, from sender: Side) -> [UInt8] {
        let (hub, spoke) = side == .hub ? (nonce, otherNonce) : (otherNonce, nonce)
        let count = (0 ..< 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        return SHA256.keyedHash([sender.rawValue] + hub + spoke + count + message, key: key)
    }
}
