import CMPI
import Foundation
import LockstepCommunication
import LockstepSystem

extension MPICommunicator {
    /// Ends the job if an operation of MPI failed.
    func check(_ code: Int32, _ operation: StaticString) {
        if code != cmpi_success() { fail("\(operation): \(describeMPIError(code))") }
    }

    /// Ends the job on all ranks with one line that names this rank and host.
    public func fail(_ message: String, status: Int32) -> Never {
        endJob(size == 1 ? message : "rank \(rank) on \(host): \(message)", status: status)
    }

    /// For failures that most often happen on all ranks alike: lets rank zero speak for all. Its abort ends the others here.
    package func letRankZeroSpeak() {
        guard rank != 0 else { return }
        // A launcher's signals wake a sleeper, and are no reason to speak.
        let end = monotonicNanoseconds() + 2_000_000_000
        while monotonicNanoseconds() < end { usleep(50_000) }
    }

    /// As `fail`, where every rank finds the same: rank zero says it once.
    func failTogether(_ message: String) -> Never {
        // Never passed: rank zero ends the job instead of coming here.
        if rank != 0 { barrier() }
        fail(message)
    }
}

/// One line on standard error, then `MPI_Abort`. A status of 0 would look like success: it becomes 1.
func endJob(_ message: String, status: Int32 = 1) -> Never {
    Console.report(message)
    abortJob(status: status)
}

/// Ends all ranks. What was printed until now is not lost.
func abortJob(status: Int32) -> Never {
    fflush(nil)
    MPICommunicator.endsAtExit = nil
    let status = status == 0 ? 1 : status
    Watchdog.current?.abort(status: status)
    MPI_Abort(cmpi_comm_world(), status)
    exit(status)
}

/// MPI's own words for an error code, and what it means here.
func describeMPIError(_ code: Int32) -> String {
    var kind: Int32 = 0
    MPI_Error_class(code, &kind)
    let words = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(cmpi_max_error_string())) { text in
        var length: Int32 = 0
        text[0] = 0
        MPI_Error_string(code, text.baseAddress, &length)
        return String(cString: text.baseAddress!)
    }
    // A message that does not fit is one of another operation, or of another size.
    return kind == MPI_ERR_TRUNCATE
        ? "\(words); ranks do not call the same operations: all must call the same ones in the same order, with as many numbers" : words
}
