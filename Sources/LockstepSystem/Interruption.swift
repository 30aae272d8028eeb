import Foundation

/// Signals that ask a program to end soon: SIGTERM (batch systems, `mpirun`), SIGINT (a terminal), SIGUSR1 (Slurm's `--signal`).
///
/// While they are caught they are only noted, so that what runs can come to a good end. A second SIGINT ends the process at once.
public enum Interruption {
    /// What a handler may touch: made before any is set.
    nonisolated(unsafe) private static let noted: UnsafeMutablePointer<sig_atomic_t> = {
        let place = UnsafeMutablePointer<sig_atomic_t>.allocate(capacity: 1)
        place.initialize(to: 0)
        return place
    }()
    private static let signals: KeyValuePairs<String, Int32> = ["SIGTERM": SIGTERM, "SIGINT": SIGINT, "SIGUSR1": SIGUSR1]
    nonisolated(unsafe) private static var former: [(signal: Int32, action: sigaction)] = []

    /// The signal that has come since they are caught; 0 if none has.
    public static var signal: Int32 { noted.pointee }

    public static func name(of signal: Int32) -> String { signals.first { $0.value == signal }?.key ?? "signal \(signal)" }

    /// Notes signals from here on, in place of what they do otherwise.
    public static func begin() {
        guard former.isEmpty else { return }
        noted.pointee = 0
        for (_, signal) in signals {
            var action = sigaction(), old = sigaction()
            action.__sigaction_handler.sa_handler = { signal in
                if signal == SIGINT, Interruption.noted.pointee == SIGINT { _exit(128 + SIGINT) }
                Interruption.noted.pointee = signal
            }
            // Calls that wait go on.
            action.sa_flags = SA_RESTART
            sigaction(signal, &action, &old)
            former.append((signal, old))
        }
    }

    /// Signals do again what they did before.
    public static func end() {
        for (signal, var action) in former { sigaction(signal, &action, nil) }
        former = []
    }
}
