import Foundation
import LockstepCommunication

/// Adds up the time spent in each phase. Reading the clock costs some 25 ns.
package struct PhaseClock {
    package private(set) var nanoseconds = [UInt64](repeating: 0, count: Phase.allCases.count)
    private var last = monotonicNanoseconds()
    /// The phase that runs now, for reports of failures.
    package private(set) var current = Phase.callbacks

    /// Starts `phase`: the time since the last call belongs to the one before.
    package mutating func begin(_ phase: Phase) {
        let now = monotonicNanoseconds()
        nanoseconds[current.rawValue] += now - last
        last = now
        current = phase
    }

    package mutating func reset() {
        for index in nanoseconds.indices { nanoseconds[index] = 0 }
        last = monotonicNanoseconds()
    }
}

/// The monotonic clock in nanoseconds.
package func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
