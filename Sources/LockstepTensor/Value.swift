import Foundation

/// The bytes behind a tensor: where they lie or, while a graph is traced, the promise of them.
///
/// Tensors that share bytes (a reshape and its source) have different values: a value is also a tensor's identity, by
/// which gradient tapes and graphs know it.
package final class Value {
    /// `nil` while the graph that computes it is traced and not yet compiled.
    package var pointer: UnsafeMutableRawPointer? {
        get { base?.pointer ?? place }
        set { place = newValue }
    }
    private var place: UnsafeMutableRawPointer?
    /// The value whose bytes this one shows, wherever they are moved to.
    private let base: Value?
    /// Whether these are a variable's bytes, which change with it.
    private var isLease = false
    package let byteCount: Int
    /// In which order they lie.
    private(set) var layout = Layout.plain
    /// What keeps the bytes alive: another value for a view, an arena for a variable; `nil` when the pool owns them.
    package var owner: AnyObject?
    /// What a softmax or a sigmoid was applied to, so that a loss can be computed from logits without rounding.
    package var logits: Tensor?
    /// See `Tensor.mask`.
    var mask: Tensor?
    /// Whether it is what a relu gave: where it is zero, its gradient does not matter.
    var isRectified = false
    /// Of a gradient: it is zero wherever this value is.
    var zeroWhere: Value?
    /// What is not zero of it, where all else is: see `Pad`.
    var padded: (part: Tensor, box: Box)?

    /// Fresh bytes from the pool, not initialised.
    ///
    /// - Parameter purpose: for what, with its shape, should there be no memory for it.
    package init(byteCount: Int, for purpose: @autoclosure () -> String = "a tensor") {
        self.byteCount = byteCount
        base = nil
        pointer = StoragePool.take(byteCount, for: purpose)
    }

    /// Fresh bytes for the elements of a tensor of known shape.
    convenience init(_ spec: Spec, for operation: @autoclosure () -> String) {
        check(spec.shape.isKnown, "\(operation()): shape \(spec.shape) is not known")
        self.init(byteCount: spec.byteCount, for: "\(operation()): \(spec.dtype) of shape \(spec.shape)")
        layout = spec.layout
    }

    /// A variable's memory, for as long as it is not assigned.
    init(leaseOf memory: UnsafeMutableRawPointer, byteCount: Int, owner: AnyObject) {
        self.byteCount = byteCount
        self.owner = owner
        base = nil
        isLease = true
        place = memory
    }

    /// The bytes of `base`.
    init(viewOf base: Value) {
        self.base = base
        byteCount = base.byteCount
        owner = base
    }

    /// Bytes that `owner` keeps alive.
    package init(view pointer: UnsafeMutableRawPointer?, byteCount: Int, owner: AnyObject) {
        self.byteCount = byteCount
        self.owner = owner
        base = nil
        place = pointer
    }

    /// Bytes that a program will place.
    package init(tracedByteCount byteCount: Int) {
        self.byteCount = byteCount
        base = nil
        owner = Value.unplaced
    }

    /// As above, for what an operation gives.
    convenience init(traced spec: Spec) {
        self.init(tracedByteCount: spec.byteCount)
        layout = spec.layout
    }

    private final class Unplaced {}
    nonisolated(unsafe) private static let unplaced = Unplaced()

    /// Gives a lease, and what shows one, bytes of its own: a copy of what it shows now. For a variable that is about to
    /// change, and for a program that is about to be bound to an address.
    func settle() {
        if let base { return base.settle() }
        guard isLease, let memory = pointer else { return }
        let copy = StoragePool.take(byteCount) { "a copy of a variable" }
        copy.copyMemory(from: memory, byteCount: byteCount)
        pointer = copy
        owner = nil
        isLease = false
    }

    deinit { if owner == nil, let pointer { StoragePool.give(pointer, byteCount) } }
}

/// Recycles the storage of tensors, so that a loop over tensors of the same sizes does not go to the system for memory.
///
/// Blocks are 64-byte aligned, in size classes a quarter of a power of two apart. Locked, as a tensor may be dropped by any thread.
package enum StoragePool {
    private static let lock = NSLock()
    nonisolated(unsafe) private static var free = [[UnsafeMutableRawPointer]](repeating: [], count: 4 * Int.bitWidth)

    private static func sizeClass(_ byteCount: Int) -> (index: Int, size: Int) {
        let size = max(byteCount, 64)
        let exponent = Int.bitWidth - 1 - (size - 1).leadingZeroBitCount
        let quarter = max((1 << exponent) >> 2, 16)
        let step = (size - (1 << exponent) + quarter - 1) / quarter
        return (4 * exponent + step, (1 << exponent) + step * quarter)
    }

    static func take(_ byteCount: Int, for purpose: () -> String) -> UnsafeMutableRawPointer {
        let (index, size) = sizeClass(byteCount)
        return lock.withLock { free[index].popLast() } ?? SystemMemory.take(size, for: purpose)
    }

    private static func size(ofClass index: Int) -> Int {
        let (exponent, step) = index.quotientAndRemainder(dividingBy: 4)
        return (1 << exponent) + step * max((1 << exponent) >> 2, 16)
    }

    static func give(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
        lock.withLock { free[sizeClass(byteCount).index].append(pointer) }
    }

    /// Returns all unused blocks to the system.
    package static func trim() {
        for index in free.indices {
            let size = size(ofClass: index)
            let unused = lock.withLock {
                defer { free[index] = [] }
                return free[index]
            }
            for pointer in unused { SystemMemory.give(pointer, size) }
        }
    }
}
