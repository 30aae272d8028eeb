import Foundation
import LockstepCommunication
import LockstepNN

/// Where the time of all ranks went while a model trained.
public struct Profile {
    /// One rank's times, in seconds.
    public struct RankTimes {
        public let rank: Int, host: String, steps: Int
        /// By phase, in the order of `Phase`.
        public let seconds: [Double]
        /// Reduction under cover of the backward pass; a part of `seconds` of that phase.
        public let overlapped: Double

        package init(rank: Int, host: String, steps: Int, seconds: [Double], overlapped: Double) {
            (self.rank, self.host, self.steps, self.seconds, self.overlapped) = (rank, host, steps, seconds, overlapped)
        }

        public subscript(phase: Phase) -> Double { seconds[phase.rawValue] }
        /// Seconds of work of its own in training steps.
        public var busy: Double { self[.data] + self[.forward] + self[.backward] - overlapped + self[.optimizer] }
        /// Seconds of training steps.
        public var total: Double { busy + overlapped + self[.reduce] + self[.callbacks] }
    }

    public let ranks: [RankTimes]
    /// What happened when on each rank, in nanoseconds from one moment that all ranks share; empty unless traced.
    let events: [[StepTrace.Event]]

    /// Events of each rank that a trace keeps: some 8,000 steps.
    nonisolated(unsafe) package static var traceCapacity = 0

    /// The times of all ranks so far, without what happened when. Collective.
    init(_ clock: PhaseClock, _ communicator: any Communicator) {
        self.init(
            communicator.allGather(clock.nanoseconds + [clock.overlapped, UInt64(clock.steps)]), communicator.allGather(communicator.host))
    }

    /// What happened when on one rank alone.
    init(rank: Int, host: String, _ trace: StepTrace) {
        ranks = [RankTimes(rank: rank, host: host, steps: 0, seconds: [], overlapped: 0)]
        events = [trace.events]
    }

    /// Collects the times of all ranks; `nil` for a model that has not been trained. Collective.
    public static func gather(_ model: Model) -> Profile? {
        guard let clock = model.phaseClock else { return nil }
        clock.begin(.other)
        let communicator = Distribution.communicator
        // Clocks of different hosts count from different moments; this one all ranks reach together.
        communicator.barrier()
        let shared = monotonicNanoseconds()
        var numbers = clock.nanoseconds + [clock.overlapped, UInt64(clock.steps)]
        for event in clock.trace?.events ?? [] {
            numbers += [UInt64(event.phase.rawValue), UInt64(event.step), event.start &- shared, event.end &- shared]
        }
        let hosts = communicator.allGather(communicator.host)
        return Profile(communicator.allGather(numbers), hosts)
    }

    private init(_ numbers: [[UInt64]], _ hosts: [String]) {
        let phases = Phase.allCases.count
        ranks = zip(numbers, hosts).enumerated().map { rank, entry in
            let (numbers, host) = entry
            return RankTimes(
                rank: rank, host: host, steps: Int(numbers[phases + 1]), seconds: numbers[..<phases].map { Double($0) / 1e9 },
                overlapped: Double(numbers[phases]) / 1e9)
        }
        events = numbers.map { numbers in
            stride(from: phases + 2, to: numbers.count, by: 4).map {
                StepTrace.Event(
                    phase: Phase(rawValue: Int(numbers[$0]))!, step: Int(numbers[$0 + 1]), start: numbers[$0 + 2], end: numbers[$0 + 3])
            }
        }
    }

    /// Times made by hand, for tests.
    package init(ranks: [RankTimes]) { (self.ranks, events) = (ranks, ranks.map { _ in [] }) }

    // MARK: What it comes to

    /// The rank with the most work of its own: the others wait for it.
    public var slowest: RankTimes { ranks.max { $0.busy < $1.busy }! }
    /// The part of all ranks' time in steps that was work of their own.
    public var efficiency: Double { sum(\.busy) / max(sum(\.total), .leastNonzeroMagnitude) }
    /// Seconds of reduction that no rank could hide behind its backward pass: the least that any rank has spent in it.
    public var exposedCommunication: Double { ranks.map { $0[.reduce] }.min()! }
    /// Seconds that a rank spent in reduction beyond that, on average: waiting for slower ranks.
    public var waiting: Double { sum { $0[.reduce] } / Double(ranks.count) - exposedCommunication }

    private func sum(_ value: (RankTimes) -> Double) -> Double { ranks.reduce(0) { $0 + value($1) } }

    /// Milliseconds a step, a line a rank, and what they come to.
    public var report: String {
        let steps = Double(max(1, ranks[0].steps))
        func cell(_ seconds: Double) -> String { leftPadded(String(format: "%.3f", 1e3 * seconds / steps), 11) }
        var lines = ["Mean ms of \(ranks[0].steps) steps:"]
        lines.append("rank  " + (Phase.ofStep.map { "\($0)" } + ["step"]).map { leftPadded($0, 11) }.joined() + "  host")
        for times in ranks {
            let cells = Phase.ofStep.map { cell(times[$0]) }.joined() + cell(times.total)
            lines.append("\(times.rank)".padding(toLength: 6, withPad: " ", startingAt: 0) + cells + "  \(times.host)")
        }
        let percent = { (part: Double) in String(format: "%.1f %%", 100 * part) }
        let total = sum(\.total) / Double(ranks.count)
        lines.append("Efficiency \(percent(efficiency)): the part of the time in steps that is work of the rank's own.")
        if ranks.count > 1 {
            lines.append(
                "Communication: \(percent(exposedCommunication / total)) exposed, \(percent(waiting / total)) waiting for slower ranks, "
                    + "\(percent(sum(\.overlapped) / Double(ranks.count) / total)) under cover of the backward pass.")
            lines.append(
                "Slowest: rank \(slowest.rank) on \(slowest.host), \(cell(slowest.busy).trimmingCharacters(in: .whitespaces)) ms of work a step."
            )
        }
        let (checkpoint, other) = (ranks[0][.checkpoint], ranks[0][.other])
        lines.append(String(format: "Rank 0 besides: %.2f s writing models, %.2f s evaluating, tracing and starting.", checkpoint, other))
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same figures, by name.
    public var entries: [ConfigValue.Entry] {
        [
            .init("efficiency", .double(efficiency)), .init("exposed_communication_s", .double(exposedCommunication)),
            .init("waiting_s", .double(waiting)), .init("slowest_rank", .int(slowest.rank)),
            .init(
                "ranks",
                .array(
                    ranks.map { times in
                        .object(
                            [
                                .init("rank", .int(times.rank)), .init("host", .string(times.host)), .init("steps", .int(times.steps)),
                                .init("overlapped_s", .double(times.overlapped)),
                            ] + Phase.allCases.map { .init("\($0)_s", .double(times[$0])) })
                    })),
        ]
    }

    /// The events of all ranks in the Trace Event Format that Perfetto and chrome://tracing open: a process a rank.
    public var chromeTrace: String {
        let origin = events.joined().map { Int64(bitPattern: $0.start) }.min() ?? 0
        func microseconds(_ nanoseconds: Int64) -> String { String(format: "%.3f", Double(nanoseconds) / 1e3) }
        var lines: [String] = []
        for (times, events) in zip(ranks, events) {
            lines.append(
                #"{"name":"process_name","ph":"M","pid":\#(times.rank),"args":{"name":"rank \#(times.rank) on \#(times.host)"}}"#)
            for event in events {
                let (start, end) = (Int64(bitPattern: event.start), Int64(bitPattern: event.end))
                lines.append(
                    #"{"name":"\#(event.phase)","cat":"step","ph":"X","pid":\#(times.rank),"tid":0,"#
                        + #""ts":\#(microseconds(start - origin)),"dur":\#(microseconds(end - start)),"args":{"step":\#(event.step)}}"#)
            }
        }
        return "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n" + lines.joined(separator: ",\n") + "\n]}\n"
    }
}

private func leftPadded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
