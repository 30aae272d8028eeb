import RankJob
import XCTest

/// Ranks on several hosts: nothing may assume that they share memory.
final class HostTests: XCTestCase {
    override func setUpWithError() throws {
        if let obstacle = HostNetwork.obstacle { throw XCTSkip(obstacle) }
    }

    func testRanksAreNumberedPerHost() throws {
        for hosts in [[1, 1], [2, 2], [2, 1]] {
            let job = try RankJob(hosts: hosts, "rank-checks", "identity").run()
            XCTAssertEqual(job.status, 0, job.report)
            let ranks = hosts.reduce(0, +)
            let local = hosts.flatMap { count in (0 ..< count).map { "local \($0)/\(count)" } }
            let lines = job.output.split(separator: "\n").map(String.init).sorted()
            XCTAssertEqual(lines, local.enumerated().map { "rank \($0)/\(ranks) \($1)" })
        }
    }

    func testCollectives() throws {
        for name in ["sum", "broadcast", "gather"] {
            let job = try RankJob(hosts: [2, 1], "rank-checks", name).run()
            XCTAssertEqual(job.status, 0, job.report)
        }
    }

    func testHostsDoNotChangeTheBytes() throws {
        let here = try RankJob(ranks: 2, "rank-checks", "reducer", "sharedMemory,8").run()
        for (hosts, reductions) in [
            ([1, 1], ["hierarchical"]), ([2, 1], ["automatic"]), ([2, 2], ["automatic", "exchange"]),
            ([3, 1], ["automatic"]), ([2, 4], ["automatic"]),
        ] {
            for reduction in reductions {
                let job = try RankJob(hosts: hosts, "rank-checks", "reducer", "\(reduction),8").run()
                XCTAssertEqual(job.status, 0, job.report)
                XCTAssertEqual(job.output, here.output, "\(reduction) on \(hosts)")
            }
        }
        // One shard a rank.
        let three = try RankJob(ranks: 3, "rank-checks", "reducer", "sharedMemory,ranks").run()
        let job = try RankJob(hosts: [2, 1], "rank-checks", "reducer", "hierarchical,ranks").run()
        XCTAssertEqual(job.output, three.output, job.report)
    }

    func testRanksDealtInTurnDoNotChangeTheBytes() throws {
        let here = try RankJob(ranks: 4, "rank-checks", "reducer", "sharedMemory,8").run()
        var job = RankJob(hosts: [2, 2], "rank-checks", "reducer", "hierarchical,8")
        job.launcherOptions = ["--map-by", "node"]
        let dealt = try job.run()
        XCTAssertEqual(dealt.status, 0, dealt.report)
        XCTAssertEqual(dealt.output, here.output)
    }

    func testSharedMemoryIsRefused() throws {
        let job = try RankJob(hosts: [2, 1], "rank-checks", "reducer", "sharedMemory,8").run()
        XCTAssertNotEqual(job.status, 0, job.report)
        XCTAssert(job.errors.contains("only 2 of them on this host"), job.report)
    }

    /// Whatever the hosts, the bytes are those of one process.
    func testTrainedWeightsDoNotDependOnHosts() throws {
        let runs = "plain,dropout,fewer-samples-than-ranks"
        let alone = try RankJob(ranks: 1, "rank-checks", "train", runs, "8").runAlone()
        XCTAssertEqual(alone.status, 0, alone.report)
        for hosts in [[1, 1], [2, 2], [2, 1]] {
            let job = try RankJob(hosts: hosts, "rank-checks", "train", runs, "8").run()
            XCTAssertEqual(job.status, 0, job.report)
            XCTAssertEqual(job.output, alone.output, "\(hosts)")
        }
    }

    /// Sixteen bits between hosts: nearly the same loss, and samples are still counted exactly.
    func testTrainingCompressed() throws {
        func figures(_ job: RankJob) throws -> [String: [Double]] {
            let result = try job.run()
            XCTAssertEqual(result.status, 0, result.report)
            let lines = result.output.split(separator: "\n").map { $0.split(separator: " ") }
            return Dictionary(lines.map { (String($0[0]), $0.dropFirst().compactMap { Double($0) }) }) { first, _ in first }
        }
        let exact = try figures(RankJob(hosts: [2, 1], "rank-checks", "train", "plain"))
        let compressed = try figures(RankJob(hosts: [2, 1], "rank-checks", "train", "plain", "-", "bfloat16"))
        XCTAssertNotEqual(compressed["checksum"], exact["checksum"], "nothing was compressed")
        for name in ["loss", "val_loss"] {
            let (a, b) = (try XCTUnwrap(compressed[name]?.last), try XCTUnwrap(exact[name]?.last))
            XCTAssertEqual(a, b, accuracy: 2e-3 * b, name)
        }
    }

    func testNetworksAreRemoved() throws {
        let network = try HostNetwork(hosts: 2)
        let sleeper = Process()
        sleeper.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        sleeper.arguments = network.command(on: 1, ["sleep", "100"])
        try sleeper.run()
        func namespaces() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "/run/netns").filter { name in
                network.names.contains { name.hasPrefix($0.dropLast("host0".count)) }
            }
        }
        XCTAssertEqual(try namespaces().count, 3)
        network.remove()
        XCTAssertEqual(try namespaces(), [])
        sleeper.waitUntilExit()
    }
}
