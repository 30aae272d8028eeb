import Foundation

/// What is to be written, and the thread that writes it.
final class SummaryQueue: @unchecked Sendable {
    let path: String
    private let file: EventFile
    private let condition = NSCondition()
    /// What was noted since the thread last looked; and the array that it is exchanged for, so that no memory is taken.
    private var waiting: [Summary] = [], spare: [Summary] = []
    /// The tags that the file has, and what is the same in all events of a number.
    private var tags: Set<String> = [], scalars: [String: ScalarEvents] = [:]
    /// How often all was asked to be written, and how often it has been.
    private var asked = 0, answered = 0
    private var isClosed = false, isRunning = false

    /// Seconds between two looks.
    private static let interval = 0.5

    init(_ file: EventFile) {
        (self.file, path) = (file, file.path)
        waiting.reserveCapacity(4096)
        spare.reserveCapacity(4096)
    }

    func append(_ summary: Summary) {
        condition.lock()
        defer { condition.unlock() }
        if isClosed { return }
        waiting.append(summary)
        if !isRunning { start() }
    }

    func flush() {
        condition.lock()
        defer { condition.unlock() }
        // Closed, all is written, and nobody would answer.
        guard isRunning, !isClosed else { return }
        asked += 1
        let mine = asked
        condition.broadcast()
        while answered < mine { condition.wait() }
    }

    func close() {
        flush()
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    /// The thread keeps this queue alive until it is closed.
    private func start() {
        isRunning = true
        let thread = Thread { [self] in while write() {} }
        thread.name = "summaries"
        thread.start()
    }

    /// Waits for a while, or until somebody asks, and writes what there is.
    ///
    /// - Returns: whether there may be more.
    private func write() -> Bool {
        condition.lock()
        let end = Date(timeIntervalSinceNow: SummaryQueue.interval)
        while asked == answered, !isClosed, condition.wait(until: end) {}
        let request = asked, isLast = isClosed
        swap(&waiting, &spare)
        condition.unlock()

        for summary in spare { write(summary) }
        spare.removeAll(keepingCapacity: true)
        file.flush()

        condition.lock()
        answered = request
        condition.broadcast()
        condition.unlock()
        return !isLast
    }

    private func write(_ summary: Summary) {
        if case .scalar(let value) = summary.content, let events = scalars[summary.tag] {
            return file.append { events.append(summary.time, summary.step, value, to: &$0) }
        }
        file.append(summary.event(isFirst: tags.insert(summary.tag).inserted))
        if case .scalar = summary.content { scalars[summary.tag] = ScalarEvents(summary) }
    }
}
