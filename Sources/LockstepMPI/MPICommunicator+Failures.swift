import CMPI
import Foundation

extension MPICommunicator {
    /// Ends the job if an operation of MPI failed.
    func check(_ code: Int32, _ operation: StaticString) {
        if code != cmpi_success() { fail("\(operation): \(describeMPIError(code))") }
    }

    /// Ends the job on all ranks with one line that names this rank and host.
    public func fail(_ message: String, status: Int32) -> Never { endJob(rank: rank, host: host, message, status: status) }

    /// As `fail`, where every rank finds the same: rank zero says it once.
    func failTogether(_ message: String) -> Never {
        // Never passed: rank zero ends the job instead of coming here.
        if rank != 0 { barrier() }
        fail(message)
    }
}

/// One line on standard error, then `MPI_Abort`.
func endJob(rank: Int, host: String, _ message: String, status: Int32 = 1) -> Never {
    fflush(nil)
    writeReport("rank \(rank) on \(host): \(message)")
    Watchdog.current?.abort(status: status)
    MPI_Abort(cmpi_comm_world(), status)
    exit(status)
}

/// MPI's own words for an error code.
func describeMPIError(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(cmpi_max_error_string())) { text in
        var length: Int32 = 0
        text[0] = 0
        MPI_Error_string(code, text.baseAddress, &length)
        return String(cString: text.baseAddress!)
    }
}
