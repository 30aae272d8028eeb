import Foundation

/// This process's standard output and standard error, to which writing may fail without harm.
///
/// What is written goes out at once, behind what `print` has gathered until then, so that lines stand in the order in which they
/// were said. A stream that cannot be written, because a disk is full or a reader is gone, loses its text and nothing else: a line
/// of progress never ends a training.
public enum Console {
    /// Whether this process speaks for all: rank zero does. The others' lines are dropped, their reports of errors are not.
    nonisolated(unsafe) public static var isSpeaker = true
    /// What prevented text from being written to standard output, the first time; `nil` if all of it was. A reader that is gone has
    /// had what it wanted.
    nonisolated(unsafe) public private(set) static var outputFailure: String?
    /// Where text for people goes: standard error while standard output is for machines.
    nonisolated(unsafe) public static var people = STDOUT_FILENO
    /// Who hears of warnings, also of those that this process does not say aloud, and of other reports.
    nonisolated(unsafe) public static var listener: ((_ isWarning: Bool, _ message: String) -> Void)?
    nonisolated(unsafe) private static var warned: Set<String> = []

    /// Writes to standard output.
    public static func write(_ text: String) {
        guard isSpeaker else { return }
        if let failure = send(text, to: STDOUT_FILENO), failure != EPIPE, outputFailure == nil {
            outputFailure = String(cString: strerror(failure))
        }
    }

    /// Writes what a person at a terminal reads, and no other program: progress, what callbacks say.
    public static func tell(_ text: String) { if isSpeaker { _ = send(text, to: people) } }

    /// One line on standard error, from any rank: `lockstep: …`.
    public static func report(_ message: String) {
        listener?(false, message)
        say(message)
    }

    private static func say(_ message: String) { _ = send("lockstep: \(message.asLine())\n", to: STDERR_FILENO) }

    /// A report of several lines, such as the watchdog's.
    public static func report(lines: [String]) {
        for line in lines { listener?(false, line) }
        _ = send("lockstep: \(lines.map { $0.asLine() }.joined(separator: "\n"))\n", to: STDERR_FILENO)
    }

    /// One line on standard error, once a process however often it is said: `lockstep: warning: …`.
    public static func warn(_ message: String) {
        guard warned.insert(message).inserted else { return }
        listener?(true, message)
        if isSpeaker { say("warning: \(message)") }
    }

    /// Makes sure that descriptors 0 to 2 are taken, so that no file that is opened becomes standard output, and that a reader
    /// that goes away is an error of writing rather than the end. For the start of a program.
    public static func prepare() {
        while true {
            let descriptor = open("/dev/null", O_RDWR)
            if descriptor > STDERR_FILENO || descriptor < 0 {
                if descriptor >= 0 { close(descriptor) }
                break
            }
        }
        signal(SIGPIPE, SIG_IGN)
    }

    /// - Returns: the error, if not all could be written.
    private static func send(_ text: String, to descriptor: Int32) -> Int32? {
        fflush(nil)
        var text = text
        return text.withUTF8 { Files.write(UnsafeRawBufferPointer($0), to: descriptor) }
    }
}
