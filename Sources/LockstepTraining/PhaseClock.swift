import LockstepCommunication

/// Adds up the time spent in each phase of training, and tells the communicator where this rank is.
///
/// Reading the clock costs some 25 ns.
package final class PhaseClock {
    /// By phase, in the order of `Phase`.
    package private(set) var nanoseconds = [UInt64](repeating: 0, count: Phase.allCases.count)
    /// Nanoseconds of reduction while the backward pass went on; they are part of `backward`.
    package private(set) var overlapped: UInt64 = 0
    /// Steps that were begun.
    package private(set) var steps = 0
    /// What happened when; `nil` unless a trace was asked for.
    package let trace = Profile.traceCapacity > 0 ? StepTrace(capacity: Profile.traceCapacity) : nil
    /// As above, of some steps in the middle of a run.
    private var excerpt: StepTrace?
    private let communicator: any Communicator
    private var last = monotonicNanoseconds()
    private var current = Phase.other
    private var step = 0

    init(_ communicator: any Communicator) { self.communicator = communicator }

    /// Starts `phase`: the time since the last call belongs to the one before.
    package func begin(_ phase: Phase) {
        let now = monotonicNanoseconds()
        nanoseconds[current.rawValue] += now - last
        trace?.append(current, step: step, start: last, end: now)
        excerpt?.append(current, step: step, start: last, end: now)
        last = now
        current = phase
        communicator.note(phase, step: step)
    }

    /// Starts step number `step`, counted over the whole training.
    package func beginStep(_ step: Int) {
        self.step = step
        steps += 1
    }

    /// Notes what happens when in the next `steps` steps.
    func beginExcerpt(steps: Int) { excerpt = StepTrace(capacity: 64 * min(steps, 10_000)) }

    /// What has happened since.
    func endExcerpt() -> StepTrace? {
        defer { excerpt = nil }
        return excerpt
    }

    /// Counts the time that `body` takes as reduction under cover of the backward pass.
    func overlap(_ body: () -> Void) {
        let start = monotonicNanoseconds()
        body()
        overlapped += monotonicNanoseconds() - start
    }
}

/// The phases of a run's first steps, with their times, in memory that is taken once.
package final class StepTrace {
    package struct Event {
        package let phase: Phase, step: Int, start: UInt64, end: UInt64
    }

    package private(set) var events: [Event] = []
    private let capacity: Int

    /// - Parameter capacity: events that are kept; later ones are dropped, so that a long run needs no more memory.
    package init(capacity: Int) {
        self.capacity = capacity
        events.reserveCapacity(capacity)
    }

    func append(_ phase: Phase, step: Int, start: UInt64, end: UInt64) {
        guard events.count < capacity else { return }
        events.append(Event(phase: phase, step: step, start: start, end: end))
    }
}
