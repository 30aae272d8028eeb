@preconcurrency import Foundation
import LockstepCommunication
import LockstepData
import LockstepMPI
import LockstepNN
import LockstepSaving
import LockstepSystem
import LockstepTensor
import LockstepTraining

extension Distribution {
    /// Runs a program on all ranks that a launcher started, or on this process alone, and ends the process.
    ///
    ///     Distribution.run {
    ///         try model.fit(x, y)
    ///         try model.save("model.keras")
    ///     }
    ///
    /// `body` is the whole program: all ranks run it, and models that it makes train together. Call this once, from the main
    /// thread. It sees to what several processes need beyond one:
    /// - *Output*: rank zero speaks. What the others `print` is dropped; `Console.report` writes a line from any rank. Lines leave at once.
    /// - *Threads*: each rank's matrix products have its share of the cores of its host, unless `OPENBLAS_NUM_THREADS` or
    ///   `OMP_NUM_THREADS` says otherwise.
    /// - *Errors*: one that leaves `body`, and a programmer error, is one line on standard error that names the rank, and ends all ranks
    ///   within seconds: with status 2 if it is the library's, else 1.
    /// - *Interruption*: a training that a signal has ended ends the program on all ranks, with 128 and the signal's number as status.
    /// - *The end*: all ranks wait for each other, then end with status 0. `exit(0)` in `body`, which all ranks must call, does the same;
    ///   `exit` with another status ends all ranks with it.
    ///
    /// A process without a launcher starts at once: MPI is not initialised.
    public static func run(_ body: () throws -> Void) -> Never {
        check(!isRunning, "Distribution.run inside of Distribution.run: call it once, around the whole program")
        isRunning = true
        let process = RankProcess(Files.name(of: CommandLine.arguments[0]))
        if !RankProcess.isToldThreads { process.shareOutThreads() }
        Failure.stop = { process.end($0, status: 2) }
        (process.communicator as? MPICommunicator)?.finalizeAtExit()
        if process.rank == 0 {
            // What was printed is out before anything can go wrong.
            setvbuf(stdout, nil, _IOLBF, 0)
        } else {
            silenceStandardOutput()
        }
        do { try body() } catch let interruption as TrainingInterrupted {
            if process.rank == 0 { Console.report("\(interruption)") }
            process.finish(status: interruption.exitStatus)
        } catch { process.end(RankProcess.message(of: error), status: isOfLibrary(error) ? 2 : 1) }
        process.finish(status: 0)
    }

    nonisolated(unsafe) private static var isRunning = false

    /// What this rank prints goes nowhere.
    private static func silenceStandardOutput() {
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard nowhere >= 0 else { return }
        fflush(stdout)
        dup2(nowhere, STDOUT_FILENO)
        close(nowhere)
    }

    private static func isOfLibrary(_ error: any Error) -> Bool {
        error is DataError || error is SavingError || error is ConfigError || error is TrainingError
    }
}
