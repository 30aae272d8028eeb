import Lockstep
import XCTest

/// The settings by which ranks work together, and the report of where their time went.
final class DistributedTests: XCTestCase {
    private func train(_ folder: Folder, ranks: Int?, _ options: [String]) throws -> [[String: Any]] {
        let config = try folder.write("config.yaml", Config().text)
        let result = try CommandRun.run(ranks: ranks, ["train", config, "--json", "--output", folder["out"]] + options)
        XCTAssertEqual(result.status, 0, result.report)
        return try result.jsonLines()
    }

    private func lastLoss(_ lines: [[String: Any]]) throws -> Double { try XCTUnwrap(lines.last?["test_loss"] as? Double) }

    func testAProfileNamesEveryRankAndPhase() throws {
        for ranks in [1, 3] {
            let folder = try Folder()
            let lines = try train(folder, ranks: ranks, ["--profile"])
            let profile = try XCTUnwrap(lines.last?["profile"] as? [String: Any])
            let times = try XCTUnwrap(profile["ranks"] as? [[String: Any]])
            XCTAssertEqual(times.compactMap { $0["rank"] as? Int }, Array(0 ..< ranks))
            for time in times {
                // 240 samples in batches of 32, two epochs.
                XCTAssertEqual(time["steps"] as? Int, 16)
                for phase in ["data", "forward", "backward", "reduce", "optimizer", "callbacks", "checkpoint", "other"] {
                    XCTAssertGreaterThanOrEqual(try XCTUnwrap(time["\(phase)_s"] as? Double, phase), 0)
                }
                XCTAssertGreaterThan(try XCTUnwrap(time["forward_s"] as? Double), 0)
            }
            let efficiency = try XCTUnwrap(profile["efficiency"] as? Double)
            XCTAssert(efficiency > 0 && efficiency <= 1, "\(efficiency)")

            let trace = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: folder["out/trace.json"])))
            let events = try XCTUnwrap((trace as? [String: Any])?["traceEvents"] as? [[String: Any]])
            for rank in 0 ..< ranks {
                let own = events.filter { $0["pid"] as? Int == rank && $0["ph"] as? String == "X" }
                let forward = own.filter { $0["name"] as? String == "forward" }
                XCTAssertEqual(Set(forward.compactMap { ($0["args"] as? [String: Any])?["step"] as? Int }), Set(0 ..< 16))
                // One after the other: a phase begins where the one before has ended.
                let ends = own.compactMap { event in (event["ts"] as? Double).map { $0 + (event["dur"] as? Double ?? .nan) } }
                let starts = own.compactMap { $0["ts"] as? Double }
                for (end, start) in zip(ends, starts.dropFirst()) { XCTAssertEqual(end, start, accuracy: 0.002) }
            }
        }
    }

    func testATextualProfile() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config().text)
        let result = try CommandRun.run(ranks: 2, ["train", config, "--output", folder["out"], "--profile"])
        XCTAssertEqual(result.status, 0, result.report)
        for words in ["Mean ms of 16 steps:", "Efficiency ", "Slowest: rank ", "out/trace.json"] {
            XCTAssert(result.output.contains(words), result.report)
        }
    }

    /// Weights and the optimizer's state in the saved file are the same, whoever kept them.
    func testShardedOptimizerStateIsSavedWhole() throws {
        let (whole, sharded) = (try Folder(), try Folder())
        _ = try train(whole, ranks: 3, [])
        _ = try train(sharded, ranks: 3, ["--set", "distributed.shard_optimizer=true"])
        let models = try [whole, sharded].map { try loadModel($0["out/model.keras"]) }
        XCTAssertEqual(models[0].weights.map { $0.value.scalars }, models[1].weights.map { $0.value.scalars })
        // Trained on from there, both go the same way only if momenta and velocities are the same.
        let more = try [whole, sharded].map { folder in
            try train(folder, ranks: 1, ["--set", "model=out/model.keras", "--set", "fit.epochs=1"])
        }
        XCTAssertEqual(try lastLoss(more[0]), try lastLoss(more[1]))
    }

    func testCallbacksOfAConfig() throws {
        for ranks in [nil, 3] {
            let folder = try Folder()
            let stopped = try train(
                folder, ranks: ranks,
                ["--set", "fit.epochs=9", "--set", "callbacks=[EarlyStopping: {monitor: val_loss, mode: max, patience: 2}]"])
            // The first epoch is the best; two more pass without a better one.
            XCTAssertEqual(stopped.compactMap { $0["epoch"] as? Int }, [0, 1, 2])
            let reduced = try train(
                folder, ranks: ranks,
                ["--set", "fit.epochs=4", "--set", "callbacks=[ReduceLROnPlateau: {monitor: loss, mode: max, patience: 1, factor: 0.0}]"])
            // With a rate of zero from the third epoch on, nothing is learned any more.
            XCTAssertNotEqual(try figure(reduced[1], "val_loss"), try figure(reduced[0], "val_loss"))
            XCTAssertEqual(try figure(reduced[2], "val_loss"), try figure(reduced[1], "val_loss"))
        }
    }

    private func figure(_ line: [String: Any], _ name: String) throws -> Double { try XCTUnwrap(line[name] as? Double, name) }

    func testWrongCallbacksAndSettings() throws {
        let cases = [
            ("callbacks=[EarlyStoping: {}]", "unknown callback \"EarlyStoping\"; did you mean EarlyStopping?"),
            ("callbacks=[EarlyStopping: {mode: most}]", "unknown mode \"most\""),
            ("callbacks=[EarlyStopping: {patience: soon}]", "patience"),
            ("callbacks=[ReduceLROnPlateau: {factor: 2}]", "expected a number below 1, found 2"),
            (
                "distributed.desync_check_steps=-1",
                "expected a number of steps, or 0 to turn the check off, found -1"
            ),
            ("distributed.shard_optimiser=true", "did you mean shard_optimizer?"),
        ]
        for (setting, words) in cases {
            let folder = try Folder()
            let config = try folder.write("config.yaml", Config().text)
            expectRefusal(try CommandRun.run(["train", config, "--output", folder["out"], "--set", setting]), [words])
        }
    }

    /// What a callback cannot work with is said before the first step, with its place in the config.
    func testCallbacksThatCannotWork() throws {
        let decay = ["--set", "compile.optimizer={SGD: {learning_rate: {CosineDecay: {initial_learning_rate: 0.1, decay_steps: 10}}}}"]
        let cases: [(callbacks: String, options: [String], words: String)] = [
            ("[EarlyStopping: {monitor: val_los}]", [], "unknown figure to monitor \"val_los\"; did you mean val_loss?"),
            ("[TerminateOnNaN, EarlyStopping: {monitor: acc, mode: max}]", [], "unknown figure to monitor \"acc\""),
            ("[EarlyStopping: {}]", ["--set", "data.validation=null"], "there is no validation data"),
            ("[ReduceLROnPlateau: {monitor: loss}]", decay, "sets the learning rate, which the optimizer takes from CosineDecay"),
            ("[CSVLogger: {filename: none/a.csv}]", [], "none/a.csv: cannot be written: there is no directory"),
        ]
        for (callbacks, options, words) in cases {
            for ranks in [nil, 2] where ranks == nil || options.isEmpty {
                let folder = try Folder()
                let config = try folder.write("config.yaml", Config.with { $0.rest = "callbacks: \(callbacks)" })
                let result = try CommandRun.run(ranks: ranks, ["train", config, "--output", folder["out"]] + options)
                expectRefusal(result, ["config.yaml:12:", "callbacks.\(callbacks.contains("[T") ? 1 : 0).", words])
                XCTAssertFalse(folder.exists("out/history.csv"))
                XCTAssertFalse(folder.exists("out/config.yaml"))
            }
        }
    }
}
