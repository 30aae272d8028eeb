import Foundation
import LockstepSystem
import Logging

/// What this rank has to tell of its run, in a file of its own, through swift-log: when it began and where, each epoch with the time
/// of each phase, warnings, and errors, also those that only rank zero says aloud.
///
/// Nobody waits for it: lines are few, and written at once, so that those of a rank that is killed are there.
public enum RankLog {
    nonisolated(unsafe) private static var logger: Logger?

    /// Begins a log, behind what an earlier run has left in the file.
    ///
    /// - Parameters:
    ///   - directory: made where it is missing; the file is `rank-N.log`.
    ///   - level: what is less important is left out.
    /// - Throws: `Files.Failure` where the file cannot be written.
    public static func begin(in directory: String, rank: Int, level: Logger.Level = .info) throws {
        let path = "\(directory)/rank-\(rank).log"
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Files.Failure("\(path): cannot be written: \(String(cString: strerror(errno)))") }
        var logger = Logger(label: "rank \(rank)") { FileLog(descriptor: descriptor, label: $0) }
        logger.logLevel = level
        RankLog.logger = logger
        Console.listener = { isWarning, message in
            note(isWarning ? .warning : .error, message)
        }
    }

    static var isOpen: Bool { logger != nil }

    /// Writes a line, if there is a log.
    static func note(_ level: Logger.Level, _ message: @autoclosure () -> String) {
        logger?.log(level: level, "\(message())", source: "lockstep", file: "", function: "", line: 0)
    }
}

/// Lines in a file: `2026-01-31T12:00:00Z info rank 2: message`.
private struct FileLog: LogHandler {
    let descriptor: Int32, label: String
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var text = "\(Date().ISO8601Format()) \(event.level) \(label): \("\(event.message)".asLine(limit: 4000))\n"
        // A log that finds no room loses its line and nothing else.
        _ = text.withUTF8 { Files.write(UnsafeRawBufferPointer($0), to: descriptor) }
    }
}
