import FoundationXML
import RankJob
import XCTest

/// `lockstep bench` on real ranks: what is printed, not how fast it is.
final class BenchTests: XCTestCase {
    // MARK: bench allreduce

    private let algorithms = ["lockstep", "exchange", "allReduce", "MPI_Allreduce", "memcpy"]

    /// Every sum is checked by the command itself, which fails if one is wrong.
    func testAllReduceAsJSON() throws {
        for ranks in [2, 3] {
            let sizes = [4, 4096, 70_000]
            let bench = try CommandRun.run(
                ranks: ranks, ["bench", "allreduce", "--json", "--seconds", "0.05"] + sizes.flatMap { ["--bytes", String($0)] })
            XCTAssertEqual(bench.status, 0, bench.report)
            let lines = try bench.jsonLines()
            XCTAssertEqual(lines.map { $0["bytes"] as? Int }, sizes.flatMap { size in algorithms.map { _ in size } }, bench.report)
            XCTAssertEqual(lines.map { $0["algorithm"] as? String }, sizes.flatMap { _ in algorithms })
            for line in lines {
                XCTAssertEqual(Set(line.keys), ["bytes", "algorithm", "ranks", "hosts", "microseconds", "gb_per_s"])
                let (n, bytes) = (try XCTUnwrap(line["ranks"] as? Int), try XCTUnwrap(line["bytes"] as? Int))
                XCTAssertEqual(n, line["algorithm"] as? String == "memcpy" ? 1 : ranks)
                XCTAssertEqual(line["hosts"] as? Int, 1)
                let microseconds = try figure(line, "microseconds")
                XCTAssertGreaterThan(microseconds, 0)
                // Bytes over the bus: 2 (n - 1) / n of the buffer; a copy moves all of it once.
                let moved = n == 1 ? Double(bytes) : 2 * Double(n - 1) / Double(n) * Double(bytes)
                XCTAssertEqual(try figure(line, "gb_per_s"), moved / microseconds / 1e3, accuracy: 1e-3 + 0.05 * moved / microseconds / 1e3)
            }
        }
    }

    func testAllReduceAsTable() throws {
        let bench = try CommandRun.run(ranks: 2, ["bench", "allreduce", "--seconds", "0.05", "--bytes", "4096"])
        XCTAssertEqual(bench.status, 0, bench.report)
        let rows = bench.output.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init) }
        XCTAssertEqual(rows.first, ["2", "ranks", "on", "one", "host"])
        guard rows.count == 7 else { return XCTFail(bench.report) }
        XCTAssertEqual(rows.dropFirst(2).map { $0[1] }, algorithms)
        let mpi = rows[5]
        for row in rows[2 ..< 6] {
            let ratio = try XCTUnwrap(Double(mpi[2])) / XCTUnwrap(Double(row[2]))
            XCTAssertEqual(try XCTUnwrap(Double(row[4])), ratio, accuracy: 0.01 + 0.1 * ratio, bench.report)
        }
    }

    /// Alone there is nothing to sum.
    func testAllReduceOfOneProcess() throws {
        for ranks in [nil, 1] {
            let text = try CommandRun.run(ranks: ranks, ["bench", "allreduce", "--seconds", "0.05", "--bytes", "4096"])
            XCTAssertEqual(text.status, 0, text.report)
            XCTAssert(text.output.hasPrefix("One process: there is nothing to reduce."), text.report)
            let json = try CommandRun.run(ranks: ranks, ["bench", "allreduce", "--seconds", "0.05", "--bytes", "4096", "--json"])
            XCTAssertEqual(try json.jsonLines().map { $0["algorithm"] as? String }, ["memcpy"], json.report)
            XCTAssert(json.errors.contains("nothing to reduce"), json.report)
        }
    }

    /// Between hosts, where nothing shares memory.
    func testAllReduceOfTwoHosts() throws {
        if let obstacle = HostNetwork.obstacle { throw XCTSkip(obstacle) }
        let options = ["--json", "--seconds", "0.05", "--bytes", "4096"]
        var job = RankJob(hosts: [1, 1], "lockstep", "bench", "allreduce")
        job.arguments += options
        let bench = try job.run()
        XCTAssertEqual(bench.status, 0, bench.report)
        let lines = try bench.jsonLines()
        // What training uses there is the exchange itself.
        XCTAssertEqual(lines.map { $0["algorithm"] as? String }, algorithms.filter { $0 != "exchange" }, bench.report)
        XCTAssertEqual(lines.map { $0["hosts"] as? Int }, [2, 2, 2, 1])
    }

    // MARK: bench step

    func testStepOfAConfigByPhase() throws {
        let folder = try Folder()
        let config = try folder.write("small.yaml", Config().text)
        for (ranks, options, batch, global) in [(nil, [], 32, 32), (2, [], 16, 32), (2, ["--batch-size", "20"], 20, 40), (3, [], 11, 32)] {
            let bench = try CommandRun.run(
                ranks: ranks, ["bench", "step", "--config", config, "--seconds", "0.1", "--json", "--phases"] + options)
            XCTAssertEqual(bench.status, 0, bench.report)
            let line = try XCTUnwrap(bench.jsonLines().first)
            XCTAssertEqual(line["workload"] as? String, "small")
            XCTAssertEqual(line["batch"] as? Int, batch)
            XCTAssertEqual(line["global_batch"] as? Int, global)
            XCTAssertEqual(line["parameters"] as? Int, 28 * 28 * 16 + 16 + 160 + 10)
            for phase in phases where phase != "reduce_ms" { XCTAssertGreaterThan(try figure(line, phase), 0, "\(phase): \(bench.report)") }
            XCTAssertGreaterThanOrEqual(try figure(line, "reduce_ms"), try figure(line, "exposed_reduction_ms"))
        }
    }

    /// Every workload of the scripts that measure other systems is known; those of few parameters are as large as there.
    func testWorkloads() throws {
        let names = [
            "mlp_300_100", "mlp_512", "mlp_wide", "tickets", "qa_lstm", "posts_conv1d", "inception", "residual", "lenet", "resnet_small",
        ]
        try expectRefusal(
            CommandRun.run(["bench", "step", "--workload", "lenett"]),
            ["--workload: unknown workload \"lenett\"; did you mean lenet? Known: \((names + ["all"]).joined(separator: ", "))"])
        for (name, parameters) in [
            ("mlp_300_100", 266_610), ("qa_lstm", 1_337_332), ("inception", 1_840_010), ("residual", 1_298_698), ("lenet", 34_826),
            ("resnet_small", 196_682),
        ] {
            let bench = try CommandRun.run(
                ["bench", "step", "--workload", name, "--batch-size", "1", "--seconds", "0.05", "--json", "--phases"])
            XCTAssertEqual(bench.status, 0, bench.report)
            let line = try XCTUnwrap(bench.jsonLines().first)
            XCTAssertEqual(line["workload"] as? String, name)
            XCTAssertEqual(line["parameters"] as? Int, parameters, name)
        }
    }

    func testStepRefusals() throws {
        let folder = try Folder()
        let config = try folder.write("small.yaml", Config().text)
        try expectRefusal(CommandRun.run(["bench", "step"]), ["expected --workload or --config, and not both"])
        for ranks in [nil, 3] {
            try expectRefusal(
                CommandRun.run(ranks: ranks, ["bench", "step", "--config", config, "--global-batch-size", "121"]),
                ["small.yaml: 240 training samples are less than 2 batches of 121"])
        }
    }

    // MARK: bench scaling

    private let phases = ["data_ms", "forward_ms", "backward_ms", "reduce_ms", "optimizer_ms", "callbacks_ms"]

    func testScaling() throws {
        let folder = try Folder()
        let config = try folder.write("small.yaml", Config().text)
        let bench = try scaling([config, "--ranks", "1,2", "--batch-size", "40", "--output", folder["out"], "--json"])
        XCTAssertEqual(bench.status, 0, bench.report)
        let lines = try bench.jsonLines()

        // 1 and 2 ranks, weak and strong.
        let measured = lines.filter { $0["kind"] as? String == "measured" }
        XCTAssertEqual(measured.map { $0["mode"] as? String }, ["weak", "weak", "strong", "strong"], bench.report)
        XCTAssertEqual(measured.map { $0["ranks"] as? Int }, [1, 2, 1, 2])
        XCTAssertEqual(measured.map { $0["global_batch"] as? Int }, [40, 80, 40, 40])
        let one = try figure(measured[0], "samples_per_s")
        for row in measured {
            let (step, samples) = (try figure(row, "step_ms"), try figure(row, "samples_per_s"))
            XCTAssertGreaterThan(step, 0)
            XCTAssertEqual(samples, try figure(row, "global_batch") / step * 1e3, accuracy: 0.01 * samples)
            XCTAssertEqual(try figure(row, "efficiency"), samples / (try figure(row, "ranks") * one), accuracy: 1e-3)
            XCTAssertEqual(
                try figure(row, "relative_error"), try figure(row, "predicted_step_ms") / step - 1, accuracy: 1e-3, "\(row)")
            for phase in phases { XCTAssertGreaterThanOrEqual(try figure(row, phase), 0) }
            XCTAssertNotNil(row["oversubscribed"] as? Bool)
        }

        // 1 … 1,024 ranks, each predicted from the figures of the model that is printed.
        let model = try XCTUnwrap(lines.last)
        XCTAssertEqual(model["kind"] as? String, "model")
        XCTAssertEqual(model["gradient_bytes"] as? Int, 4 * (28 * 28 * 16 + 16 + 160 + 10))
        let predicted = lines.filter { $0["kind"] as? String == "predicted" }
        XCTAssertEqual(predicted.map { $0["ranks"] as? Int }, (0 ..< 22).map { 1 << ($0 % 11) })
        for row in predicted {
            let (n, batch) = (try figure(row, "ranks"), try figure(row, "global_batch"))
            let compute = try figure(model, "compute_fixed_ms") + figure(model, "compute_ms_per_sample") * (batch / n).rounded(.up)
            let latency = 2 * log2(n) * (try figure(model, "latency_us")) / 1e3
            // On a busy machine it may happen that more bytes take no longer.
            let hasBandwidth = !(model["bandwidth_gb_per_s"] is NSNull)
            let bytes = hasBandwidth ? try figure(model, "gradient_bytes") / figure(model, "bandwidth_gb_per_s") / 1e6 : 0
            let exposed = max(0, latency + 2 * (n - 1) / n * bytes - (try figure(model, "overlap_share")) * compute)
            XCTAssertEqual(try figure(row, "step_ms"), compute + exposed, accuracy: 1e-4 + 1e-4 * (compute + exposed), "\(row)")
        }

        let csv = try String(contentsOfFile: folder["out/scaling.csv"], encoding: .utf8).split(separator: "\n")
        XCTAssertEqual(csv.count, 1 + measured.count + predicted.count)
        XCTAssert(csv[0].hasPrefix("kind,mode,ranks,global_batch,step_ms,samples_per_s,efficiency,oversubscribed,data_ms,"), "\(csv[0])")
        XCTAssertEqual(csv.map { $0.filter { $0 == "," }.count }, csv.map { _ in 15 })
        XCTAssertEqual(csv.filter { $0.hasPrefix("predicted,strong,") }.count, 11)
        let picture = XMLCounter(try Data(contentsOf: URL(fileURLWithPath: folder["out/scaling.svg"])))
        // In each of two panels: the ideal, and for each mode a measured and a predicted line; a circle for each measured row.
        XCTAssertEqual(picture.counts["polyline"], 2 * (1 + 2 * 2), "\(picture.counts)")
        XCTAssertGreaterThanOrEqual(picture.counts["circle"] ?? 0, 2 * measured.count)
        XCTAssertEqual(picture.error, nil)
    }

    /// Another network than the measured one, and a launcher of one's own.
    func testScalingForAnotherNetwork() throws {
        let launcher = "mpirun --quiet --oversubscribe --bind-to none"
        let options = ["--mode", "weak", "--latency-us", "50", "--bandwidth-gbs", "1", "--launcher", launcher]
        let bench = try scaling(["mlp_300_100", "--ranks", "3", "--batch-size", "8", "--json"] + options)
        XCTAssertEqual(bench.status, 0, bench.report)
        let lines = try bench.jsonLines()
        XCTAssertEqual(lines.filter { $0["kind"] as? String == "measured" }.map { $0["ranks"] as? Int }, [1, 3], bench.report)
        let model = try XCTUnwrap(lines.last)
        XCTAssertEqual(try figure(model, "predicted_latency_us"), 50, accuracy: 1e-9)
        XCTAssertEqual(try figure(model, "predicted_bandwidth_gb_per_s"), 1, accuracy: 1e-9)
        // 266,610 parameters: 2 log2(1024) · 50 µs + 2 · 1023/1024 · 1,066,440 B / (1 GB/s) = 3.131 ms above the computation.
        let thousand = try XCTUnwrap(lines.first { $0["kind"] as? String == "predicted" && $0["ranks"] as? Int == 1024 })
        let compute = try figure(model, "compute_fixed_ms") + 8 * figure(model, "compute_ms_per_sample")
        let hidden = try figure(model, "overlap_share") * compute
        XCTAssertEqual(try figure(thousand, "step_ms"), compute + max(0, 3.1308 - hidden), accuracy: 2e-3, bench.report)
    }

    func testScalingAsText() throws {
        let bench = try scaling(["mlp_300_100", "--ranks", "1,2", "--mode", "strong", "--batch-size", "8"])
        XCTAssertEqual(bench.status, 0, bench.report)
        let parts = [
            "efficiency", "Thakur, Rabenseifner and Gropp 2005", "2 ranks of one host", "network of the kind measured", "\nstrong   1024  ",
        ]
        for part in parts {
            XCTAssert(bench.output.contains(part), "no \(part) in \(bench.report)")
        }
    }

    func testScalingRefusals() throws {
        let folder = try Folder()
        let config = try folder.write("small.yaml", Config().text)
        let launched = try CommandRun.run(ranks: 2, ["bench", "scaling", "mlp_512"])
        expectRefusal(launched, ["starts mpirun itself", "run it without a launcher"])
        try expectRefusal(scaling(["mlp_513"]), ["unknown workload \"mlp_513\"; did you mean mlp_512?"])
        try expectRefusal(scaling(["none.yaml"]), ["none.yaml: no such file"])
        try expectRefusal(scaling(["mlp_512", "--ranks", "1,two"]), ["--ranks 1,two: expected numbers from 1 to 1024"])
        try expectRefusal(scaling(["mlp_512", "--bandwidth-gbs", "0"]), ["--bandwidth-gbs 0.0: expected a bandwidth above 0"])
        try expectRefusal(scaling(["mlp_512", "--output", try folder.write("file", "")]), ["file: is a file"])
        // The measured process says what is wrong, and this one ends as it did.
        try expectRefusal(scaling([config, "--batch-size", "200"]), ["240 training samples are less than 2 batches of 200"])
    }

    /// A job that fails ends the command with status 1, and the command that failed.
    func testScalingWithALauncherThatFails() throws {
        let bench = try scaling(["mlp_512", "--launcher", "false"])
        XCTAssertEqual(bench.status, 1, bench.report)
        XCTAssert(bench.errors.contains("lockstep: false -n 1 "), bench.report)
        XCTAssert(bench.errors.contains("ended with status 1"), bench.report)
    }

    private func scaling(_ arguments: [String]) throws -> RankJob.Result {
        try CommandRun.run(["bench", "scaling"] + arguments + ["--seconds", "0.1", "--rounds", "1"])
    }

    private func figure(_ line: [String: Any], _ key: String) throws -> Double {
        try XCTUnwrap((line[key] as? NSNumber)?.doubleValue, "no \(key) in \(line)")
    }
}

/// Counts the elements of an XML document.
private final class XMLCounter: NSObject, XMLParserDelegate {
    private(set) var counts: [String: Int] = [:]
    private(set) var error: String?

    init(_ data: Data) {
        super.init()
        let parser = XMLParser(data: data)
        parser.delegate = self
        if !parser.parse() { error = "not XML: \(String(describing: parser.parserError))" }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]
    ) {
        counts[name, default: 0] += 1
    }
}
