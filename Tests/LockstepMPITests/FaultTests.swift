import RankJob
import XCTest

/// Whatever goes wrong on a rank in whatever phase of a training step: the job ends in time, not as a success, after one
/// report that names the rank, and leaves nothing behind.
final class FaultTests: XCTestCase {
    private let step = 20

    /// Every fault in every phase at two ranks: kill, segmentation … as `RankChecks/Faults.swift` has them. Two jobs at a time.
    func testEveryFaultInEveryPhaseOnTwoRanks() throws {
        let kinds = ["kill", "segmentation", "stop", "exit", "fail", "memory", "loop"]
        // Rank zero alone writes checkpoints.
        let places = [("data", 1), ("forward", 1), ("backward", 1), ("reduce", 1), ("callbacks", 1), ("checkpoint", 0)]
        check(kinds.flatMap { kind in places.map { FaultCase(kind, phase: $0.0, rank: $0.1, of: 2) } })
    }

    /// At four ranks each fault once, each phase at least once, and the ranks in turn: rank zero, which reports, the one that
    /// reports in its place, and others.
    func testEveryFaultOnFourRanks() throws {
        check([
            FaultCase("kill", phase: "data", rank: 0, of: 4), FaultCase("segmentation", phase: "forward", rank: 1, of: 4),
            FaultCase("stop", phase: "backward", rank: 0, of: 4), FaultCase("stop", phase: "reduce", rank: 3, of: 4),
            FaultCase("exit", phase: "callbacks", rank: 2, of: 4), FaultCase("exit", phase: "reduce", rank: 0, of: 4),
            FaultCase("fail", phase: "data", rank: 3, of: 4), FaultCase("memory", phase: "backward", rank: 3, of: 4),
            FaultCase("loop", phase: "forward", rank: 0, of: 4), FaultCase("loop", phase: "checkpoint", rank: 0, of: 4),
        ])
    }

    /// Errors that rank zero throws, where it alone is at work.
    func testThrownErrors() {
        check([
            FaultCase("thrown", phase: "callbacks", rank: 0, of: 2), FaultCase("thrown", phase: "checkpoint", rank: 0, of: 4),
        ])
    }

    /// A rank that takes longer than the others, but less than the limit for each step, is left alone.
    func testASlowRankDoesNotTripTheWatchdog() throws {
        let job = try RankJob(ranks: 2, "rank-checks", "fault", "slow", "forward", "1", "0", "2", "1").run()
        XCTAssertEqual(job.status, 0, job.report)
        XCTAssertEqual(job.errors, "", job.report)
        XCTAssertGreaterThan(job.seconds, 3, "nobody was slow: \(job.report)")
    }

    /// Without a watchdog the same fault hangs: it is the watchdog that ends the job above.
    func testWithoutTheWatchdogAStoppedRankHangsTheJob() throws {
        var run = RankJob(ranks: 2, "rank-checks", "fault", "stop", "forward", "1", "20", "0", "1000000")
        run.timeout = 6
        let job = try run.run()
        XCTAssert(job.timedOut, job.report)
    }

    private func check(_ cases: [FaultCase]) {
        let (problems, step, width) = (Problems(), step, 2)
        DispatchQueue.concurrentPerform(iterations: width) { lane in
            for index in stride(from: lane, to: cases.count, by: width) { problems.add(cases[index].run(step: step)) }
        }
        for problem in problems.list { XCTFail(problem) }
    }
}

/// What several threads found.
private final class Problems: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var list: [String] = []
    func add(_ new: [String]) { lock.withLock { list += new } }
}

/// One job in which one thing goes wrong.
struct FaultCase: Sendable {
    let kind: String, phase: String, rank: Int, ranks: Int
    /// The watchdog's limit. Others than stopped and looping ranks are noticed without it.
    var limit: Double { ["stop", "loop"].contains(kind) ? 2 : 60 }

    init(_ kind: String, phase: String, rank: Int, of ranks: Int) {
        (self.kind, self.phase, self.rank, self.ranks) = (kind, phase, rank, ranks)
    }

    /// Runs the job; returns what is wrong with its end.
    func run(step: Int) -> [String] {
        let token = UUID().uuidString
        let folder = URL(fileURLWithPath: "/tmp/fault-\(token.prefix(8))")
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            var run = RankJob(ranks: ranks, "rank-checks", "fault", kind, phase, String(rank), String(step), String(limit), "1000000")
            // Open MPI's files go where they can be told from those of other jobs.
            run.environment = ["FAULT_TOKEN": token, "TMPDIR": folder.path, "SWIFT_BACKTRACE": "enable=no"]
            run.timeout = 10
            return leftovers(token, folder, try run.run(), step)
        } catch {
            return ["\(self): \(error)"]
        }
    }

    private func leftovers(_ token: String, _ folder: URL, _ job: RankJob.Result, _ step: Int) -> [String] {
        var problems: [String] = []
        func expect(_ condition: Bool, _ problem: String) { if !condition { problems.append(problem) } }
        expect(!job.timedOut, "did not end within 10 s")
        expect(job.status != 0, "status 0")
        let reports = job.errors.components(separatedBy: "\n").filter { $0.hasPrefix("lockstep: ") }
        expect(reports.count == 1, "\(reports.count) reports")
        let words =
            switch kind {
            case "fail": ["rank \(rank) on ", ": a failure on purpose"]
            case "thrown": ["rank \(rank) on ", ": an error on purpose"]
            case "stop", "loop": ["rank \(rank) on ", "is missing", "step \(step), phase \(phase);", "gradient reduction"]
            default: ["rank \(rank) on ", "ended without a word in step \(step), phase \(phase)"]
            }
        for word in words { expect(job.errors.contains(word), "no \"\(word)\"") }
        if kind == "memory" { expect(job.errors.contains("failed to allocate"), "no word about memory") }
        let processes = FaultCase.processes(with: token)
        expect(processes.isEmpty, "processes left: \(processes)")
        let files = FaultCase.files(in: folder, ofJob: job.output)
        expect(files.isEmpty, "files left: \(files)")
        return problems.isEmpty ? [] : ["\(self): \(problems.joined(separator: ", "))\n\(job.report)"]
    }

    /// The processes with a word in their environment, after a moment for those that are just ending.
    static func processes(with token: String) -> [String] {
        var found: [String] = []
        for _ in 0 ..< 20 {
            found = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter { Int($0) != nil }.filter { pid in
                guard let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
                return environment.range(of: Data(token.utf8)) != nil
            }
            if found.isEmpty { break }
            usleep(100_000)
        }
        return found
    }

    /// What the job left in Open MPI's directory and in shared memory, where names bear the job's number.
    static func files(in folder: URL, ofJob output: String) -> [String] {
        var found: [String] = []
        if let entries = FileManager.default.enumerator(atPath: folder.path) {
                // The job's own checkpoint is unfinished work.
            for case let entry as String in entries where !entry.hasPrefix("fault-") { found.append(entry) }
        }
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("job ") }), let number = UInt64(line.dropFirst(4)) else {
            return found + ["no job number in \(output)"]
        }
        let name = ".\(String(number, radix: 16))."
        let shared = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/shm")) ?? []
        return found + shared.filter { $0.contains(name) }
    }
}
