import CMPI
import Foundation

/// What `exit` means for the other ranks, where a program has asked for it.
extension MPICommunicator {
    /// Until it has ended.
    nonisolated(unsafe) static var endsAtExit: MPICommunicator?
    nonisolated(unsafe) private static var ownThread = pthread_self()

    /// From now on `exit`, wherever in the program it stands, is an end for all ranks: with status 0 this one waits for the others
    /// and finalizes, as at the program's own end; with another the job ends at once, with that status and one line.
    package func finalizeAtExit() {
        MPICommunicator.ownThread = pthread_self()
        MPICommunicator.endsAtExit = self
        on_exit({ status, _ in MPICommunicator.exits(with: status) }, nil)
    }

    private static func exits(with status: Int32) {
        guard let communicator = endsAtExit else { return }
        endsAtExit = nil
        // The system keeps eight bits.
        let status = status & 0xFF
        let isOwnThread = pthread_equal(ownThread, pthread_self()) != 0
        if status == 0, isOwnThread { return communicator.finalize() }
        communicator.letRankZeroSpeak()
        guard isOwnThread else {
            communicator.fail("exit(\(status)) on another thread than Distribution.run: call it there", status: status)
        }
        communicator.fail("exit(\(status)) ends all ranks", status: status)
    }
}
