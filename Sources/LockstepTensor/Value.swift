/// The bytes behind a tensor: where they lie or, while a graph is traced, the promise of them.
///
/// Tensors that share bytes (a reshape and its source) have different values: a value is also a tensor's identity, by
/// which gradient tapes and graphs know it.
package final class Value {
    /// `nil` while the graph that computes it is traced and not yet compiled.
    package var pointer: UnsafeMutableRawPointer?
    package let byteCount: Int
    /// What keeps the bytes alive: another value for a view, an arena for a variable; `nil` when the pool owns them.
    package var owner: AnyObject?
    /// What a softmax or a sigmoid was applied to, so that a loss can be computed from logits without rounding.
    package var logits: Tensor?

    /// Fresh bytes from the pool, not initialised.
    package init(byteCount: Int) {
        self.byteCount = byteCount
        pointer = StoragePool.take(byteCount)
    }

    /// Bytes that `owner` keeps alive.
    package init(view pointer: UnsafeMutableRawPointer?, byteCount: Int, owner: AnyObject) {
        self.pointer = pointer
        self.byteCount = byteCount
        self.owner = owner
    }

    /// Bytes that a program will place.
    package init(tracedByteCount byteCount: Int) {
        self.byteCount = byteCount
        owner = Value.unplaced
    }

    private final class Unplaced {}
    nonisolated(unsafe) private static let unplaced = Unplaced()

    /// Gives this value bytes of its own, a copy of what it shows now; for a variable about to change.
    package func detach() {
        let copy = StoragePool.take(byteCount)
        if let pointer { copy.copyMemory(from: pointer, byteCount: byteCount) }
        pointer = copy
        owner = nil
    }

    deinit { if owner == nil, let pointer { StoragePool.give(pointer, byteCount) } }
}

/// Recycles the storage of tensors, so that a loop over tensors of the same sizes does not go to the system for memory.
///
/// Blocks are 64-byte aligned, in size classes a quarter of a power of two apart. Used from one thread.
package enum StoragePool {
    nonisolated(unsafe) private static var free = [[UnsafeMutableRawPointer]](repeating: [], count: 4 * 48)

    private static func sizeClass(_ byteCount: Int) -> (index: Int, size: Int) {
        let size = max(byteCount, 64)
        let exponent = Int.bitWidth - 1 - (size - 1).leadingZeroBitCount
        let quarter = max((1 << exponent) >> 2, 16)
        let step = (size - (1 << exponent) + quarter - 1) / quarter
        return (4 * exponent + step, (1 << exponent) + step * quarter)
    }

    static func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let (index, size) = sizeClass(byteCount)
        return free[index].popLast() ?? .allocate(byteCount: size, alignment: 64)
    }

    static func give(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
        free[sizeClass(byteCount).index].append(pointer)
    }

    /// Returns all unused blocks to the system.
    package static func trim() {
        for index in free.indices {
            free[index].forEach { $0.deallocate() }
            free[index] = []
        }
    }
}
