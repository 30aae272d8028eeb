import Foundation

/// Lets a signal that should end this process do so, whoever sent it.
///
/// Swift's runtime answers SIGSEGV and its like with a backtrace and returns: what went wrong is then done again, and ends the
/// process. But a signal that was sent, as by `kill -SEGV`, does not come again. The rank would go on after a pause as if nothing
/// had been.
enum FatalSignals {
    /// What answered each signal before; by number.
    nonisolated(unsafe) private static let former = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
    private static let signals = [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV]

    /// Ends the process after what answers these signals now.
    static func end() {
        for signal in signals {
            sigaction(signal, nil, former + Int(signal))
            guard former[Int(signal)].sa_flags & SA_SIGINFO != 0 else { continue }
            var action = former[Int(signal)]
            action.__sigaction_handler.sa_sigaction = { signal, information, context in
                FatalSignals.former[Int(signal)].__sigaction_handler.sa_sigaction(signal, information, context)
                Foundation.signal(signal, SIG_DFL)
                // Held back until this returns.
                raise(signal)
            }
            sigaction(signal, &action, nil)
        }
    }
}
