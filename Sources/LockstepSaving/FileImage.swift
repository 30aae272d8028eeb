import LockstepData
import LockstepSystem

/// The bytes of a file in pieces, which need not lie in one place: those of weights are the weights themselves.
package struct FileImage {
    package private(set) var pieces: [UnsafeRawBufferPointer] = []
    /// Keep the pieces alive.
    private var owners: [AnyObject] = []

    package init() {}

    package init(_ bytes: ByteBuffer) { append(bytes.withBytes { $0 }, owner: bytes) }

    mutating func append(_ piece: UnsafeRawBufferPointer, owner: AnyObject) {
        guard piece.count > 0 else { return }
        pieces.append(piece)
        owners.append(owner)
    }
}
