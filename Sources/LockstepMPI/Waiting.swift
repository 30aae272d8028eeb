import CMPI
import Foundation
import LockstepCommunication

/// The one place where a rank waits for others: every collective and every reduction passes here.
///
/// Nothing in it blocks, so signals are served at once. What it waits for is noted for the watchdog.
struct Waiting {
    /// How long to try before the core is given up. Time, not a count: a try may be a load or a call into the network.
    private let spinNanoseconds: UInt64
    /// Yields between two calls of MPI, by which messages of other ranks make progress even if none is for us.
    private let yieldsPerProgress = 64

    /// With as many cores as ranks an answer comes within microseconds, and giving up the core costs more than that.
    /// With fewer cores the rank waited for may need this very core.
    init(ranksOnHost: Int) {
        let cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        spinNanoseconds = ranksOnHost <= cores ? 20_000 : 500
    }

    /// Returns once `done` is true; calls it again and again. `operation` is what a report of a stuck job names.
    func wait(for operation: StaticString, on communicator: MPICommunicator, until done: () -> Bool) {
        communicator.record.enter(operation)
        defer { communicator.record.leave() }
        if done() { return }
        let end = monotonicNanoseconds() + spinNanoseconds
        repeat {
            cmpi_pause()
            if done() { return }
        } while monotonicNanoseconds() < end
        var yields = 0
        while !done() {
            sched_yield()
            yields += 1
            if yields % yieldsPerProgress == 0 {
                communicator.progress()
                communicator.record.beat()
            }
        }
    }
}

extension MPICommunicator {
    /// Lets MPI move messages that are under way.
    func progress() {
        var flag: Int32 = 0
        check(MPI_Iprobe(cmpi_any_source(), cmpi_any_tag(), world, &flag, nil), "MPI_Iprobe")
    }
}
