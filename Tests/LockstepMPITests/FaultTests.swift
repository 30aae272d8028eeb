import RankJob
import XCTest

/// Whatever goes wrong on a rank in whatever phase of a training step: the job ends in time, not as a success, after one
/// report that names the rank, and leaves nothing behind.
final class FaultTests: XCTestCase {
    private let step = 20

    /// Every fault in every phase at two ranks: kill, segmentation … as `RankChecks/Faults.swift` has them. Two jobs at a time.
    func testEveryFaultInEveryPhaseOnTwoRanks() throws {
        let kinds = ["kill", "segmentation", "sent", "stop", "exit", "fail", "memory", "loop"]
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
            FaultCase("sent", phase: "reduce", rank: 1, of: 4),
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

    /// Across two hosts: the launcher's daemon on the other host learns of it too.
    func testFaultsOnTwoHosts() throws {
        if let obstacle = HostNetwork.obstacle { throw XCTSkip(obstacle) }
        check([
            FaultCase("kill", phase: "forward", rank: 1, hosts: [1, 1]), FaultCase("kill", phase: "data", rank: 3, hosts: [2, 2]),
            FaultCase("kill", phase: "reduce", rank: 0, hosts: [1, 1]), FaultCase("exit", phase: "backward", rank: 3, hosts: [2, 2]),
            FaultCase("exit", phase: "callbacks", rank: 1, hosts: [1, 1]), FaultCase("stop", phase: "forward", rank: 3, hosts: [2, 2]),
            FaultCase("stop", phase: "reduce", rank: 1, hosts: [1, 1]), FaultCase("stop", phase: "checkpoint", rank: 0, hosts: [1, 1]),
            FaultCase("segmentation", phase: "data", rank: 2, hosts: [2, 2]),
            FaultCase("memory", phase: "forward", rank: 2, hosts: [2, 2]),
            FaultCase("fail", phase: "backward", rank: 2, hosts: [2, 2]), FaultCase("loop", phase: "data", rank: 1, hosts: [1, 1]),
        ])
    }

    /// The link between two hosts goes down in mid-training and stays down: both sides end by themselves, launcher and daemon
    /// too, with the far ranks named on the launcher's.
    func testACutLinkEndsBothSides() throws {
        if let obstacle = HostNetwork.obstacle { throw XCTSkip(obstacle) }
        check([FaultCase("tell", phase: "forward", rank: 1, hosts: [1, 1]), FaultCase("tell", phase: "backward", rank: 2, hosts: [2, 2])])
    }

    private func check(_ cases: [FaultCase]) {
        let (problems, step, width, group) = (Problems(), step, 2, DispatchGroup())
        // Not a dispatch queue: its threads block signals, and so would the jobs that they start.
        for lane in 0 ..< width {
            group.enter()
            Thread.detachNewThread {
                for index in stride(from: lane, to: cases.count, by: width) { problems.add(cases[index].run(step: step)) }
                group.leave()
            }
        }
        group.wait()
        for problem in problems.list { XCTFail(problem) }
    }
}

/// What several threads found.
private final class Problems: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var list: [String] = []
    func add(_ new: [String]) { lock.withLock { list += new } }
}
