import Lockstep
import LockstepData
import RankJob
import XCTest

/// Runs that are killed, interrupted or damaged, and gone on with.
final class CheckpointTests: XCTestCase {
    /// A checkpoint a step: most of the time one is being written.
    private let config = Config.with {
        $0.fit = "fit: {epochs: 60, batch_size: 32, seed: 1}"
        $0.rest = """
            callbacks: [ReduceLROnPlateau: {monitor: loss, patience: 1, factor: 0.9, min_delta: 0.01}]
            checkpoints: {every_steps: 1}
            distributed: {logical_shards: 4}
            """
    }

    /// The weights' member of a model file, and the history.
    private func outcome(_ folder: Folder, _ run: String) throws -> [Data] {
        let model = try ZipArchive(reading: folder["\(run)/model.keras"], kind: "a model")
        let index = try XCTUnwrap(model.names.firstIndex(of: "model.weights.h5"))
        return [try model.member(index).withBytes { Data($0) }, try folder.bytes("\(run)/history.csv")]
    }

    private func train(_ folder: Folder, _ options: String) throws -> (status: Int32, output: String, errors: String) {
        try CommandRun.shell("exec $LOCKSTEP train config.yaml --quiet \(options)", in: folder)
    }

    /// A loop that starts the run, kills it after a while, and goes on with it, until it comes to its end; says how often it was killed.
    private func killing(_ start: String, _ kill: String, first: Double) -> String {
        """
        export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
        n=0
        while [ $n -lt 60 ]; do
            resume=''
            ls cut/checkpoints/checkpoint-*.keras >/dev/null 2>&1 && resume='--resume latest'
            \(start) $LOCKSTEP train config.yaml --quiet --output cut $resume & p=$!
            sleep $(awk "BEGIN { print \(first) + ($n * 37 % 50) / 100 }")
            \(kill)
            wait $p && break
            n=$((n + 1))
        done
        echo $n
        """
    }

    /// A process alone, a rank, or `mpirun` itself; mostly while a checkpoint is written. Then the run comes to the same bytes as one that
    /// was never left, also on another number of ranks.
    func testKilledAgainAndAgainItComesToTheSameBytes() throws {
        let folder = try Folder()
        try folder.write("config.yaml", config)
        XCTAssertEqual(try train(folder, "--output whole").status, 0)
        let wanted = try outcome(folder, "whole"), mpirun = "mpirun --oversubscribe --bind-to none --quiet"
        // Ranks whose mpirun is gone end by themselves.
        let all = "kill -9 $p; while pgrep -f 'lockstep train config.yaml --quiet --output [c]ut' >/dev/null; do sleep 0.05; done"
        for (start, kill, first) in [
            ("", "kill -9 $p 2>/dev/null", 0.2),
            ("\(mpirun) -n 2", "kill -9 $(pgrep -P $p lockstep | head -n 1) 2>/dev/null", 0.9),
            ("\(mpirun) -n 3", all, 1.2),
        ] {
            try? FileManager.default.removeItem(atPath: folder["cut"])
            let result = try CommandRun.shell(killing(start, kill, first: first), in: folder)
            XCTAssertGreaterThan(Int(result.output.split(separator: "\n").last ?? "") ?? 0, 0, "never killed: \(start) \(result.errors)")
            XCTAssertEqual(try outcome(folder, "cut"), wanted, "\(start): \(result.errors.suffix(2000))")
        }
    }

    /// `launch/train`, without its build, on three ranks, to which something is done behind some checkpoints. `$p` is its process.
    private func launched(_ folder: Folder, _ options: String, _ event: String) throws -> (status: Int32, output: String, errors: String) {
        try CommandRun.shell(
            """
            mkdir -p launch .build/release
            cp \(CommandRun.root)/launch/train launch/train
            echo 'install_requirements() { :; }; build_release() { :; }' > launch/requirements
            ln -sf $LOCKSTEP .build/release/lockstep
            launch/train config.yaml -n 3 \(options) -- --quiet --output cut & p=$!
            until ls cut/checkpoints/checkpoint-*9.keras >/dev/null 2>&1; do kill -0 $p || exit 9; sleep 0.01; done
            \(event)
            wait $p
            """, in: folder)
    }

    /// Without a rank the job goes on by itself; what ends the launcher ends the ranks with a checkpoint. Both come to the same bytes.
    func testTheLauncherStartsAgainAndHandsSignalsOn() throws {
        let folder = try Folder()
        try folder.write("config.yaml", config)
        XCTAssertEqual(try train(folder, "--output whole").status, 0)
        let wanted = try outcome(folder, "whole")
        let again = try launched(folder, "--restarts 1", "kill -9 $(pgrep -P $(pgrep -P $p mpirun) lockstep | tail -n 1)")
        XCTAssertEqual(again.status, 0, again.errors)
        XCTAssert(again.errors.contains("starting again from the last checkpoint in cut, on 3 ranks (1 of 1)"), again.errors)
        XCTAssertEqual(try outcome(folder, "cut"), wanted)

        for (signal, status) in [("TERM", 143), ("HUP", 129)] {
            try FileManager.default.removeItem(atPath: folder["cut"])
            let ended = try launched(folder, "--restarts 1", "kill -\(signal) $p")
            XCTAssertEqual(ended.status, Int32(status), ended.errors)
            XCTAssert(ended.errors.contains("training was interrupted by SIGUSR1 at "), ended.errors)
            XCTAssertFalse(ended.errors.contains("starting again"), ended.errors)
            XCTAssertEqual(try train(folder, "--output cut --resume latest").status, 0)
            XCTAssertEqual(try outcome(folder, "cut"), wanted, signal)
        }
    }

    func testInterruptedItSaysHowToGoOn() throws {
        let folder = try Folder()
        try folder.write("config.yaml", config)
        XCTAssertEqual(try train(folder, "--output whole").status, 0)
        for (signal, status) in [("TERM", 143), ("INT", 130), ("USR1", 138)] {
            try? FileManager.default.removeItem(atPath: folder["cut"])
            let script = """
                $LOCKSTEP train config.yaml --quiet --output cut & p=$!
                while ! ls cut/checkpoints/checkpoint-0000003* >/dev/null 2>&1; do sleep 0.01; done
                kill -\(signal) $p; wait $p
                """
            let result = try CommandRun.shell(script, in: folder)
            XCTAssertEqual(result.status, Int32(status), result.errors)
            XCTAssert(result.errors.contains("training was interrupted by SIG\(signal) at "), result.errors)
            XCTAssert(result.errors.contains("go on with: lockstep train config.yaml --resume latest --output cut"), result.errors)
            XCTAssertEqual(result.errors.split(separator: "\n").count, 1, result.errors)
            XCTAssertEqual(try train(folder, "--output cut --resume latest").status, 0)
            XCTAssertEqual(try outcome(folder, "cut"), try outcome(folder, "whole"), signal)
        }
    }

    /// A checkpoint that is damaged is named and left out; one of other data is refused; more epochs are not.
    func testWhatIsGoneOnWith() throws {
        let folder = try Folder()
        try folder.write("config.yaml", config)
        XCTAssertEqual(try train(folder, "--output run --set fit.epochs=3").status, 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder["run/checkpoints"]).sorted()
        XCTAssertEqual(names, ["checkpoint-00000023.keras", "checkpoint-00000024.keras"])
        var bytes = [UInt8](try folder.bytes("run/checkpoints/\(names[1])"))
        bytes[bytes.count / 2] ^= 4
        try folder.write("run/checkpoints/\(names[1])", bytes)
        let other = try train(folder, "--output run --resume latest --set data.train.digits.seed=2")
        XCTAssertEqual(other.status, 2)
        XCTAssert(other.errors.contains("\(names[0]): is a checkpoint of something else: its training data is"), other.errors)
        let seed = try train(folder, "--output run --resume latest --set fit.seed=7")
        XCTAssertEqual(seed.status, 2)
        XCTAssert(seed.errors.contains("its seed is 1, here it is 7"), seed.errors)
        let longer = try train(folder, "--output run --resume latest --set fit.epochs=5")
        XCTAssertEqual(longer.status, 0, longer.errors)
        XCTAssert(longer.errors.contains("\(names[1]), member"), longer.errors)
        XCTAssert(longer.errors.contains("going back to the checkpoint before"), longer.errors)
        XCTAssertEqual(try train(folder, "--output whole --set fit.epochs=5").status, 0)
        XCTAssertEqual(try outcome(folder, "run"), try outcome(folder, "whole"))
        let model = try train(folder, "--output new --resume run/model.keras")
        XCTAssertEqual(model.status, 2)
        XCTAssert(model.errors.contains("run/model.keras: is a model without a run"), model.errors)
    }

    /// Whatever bit changes, of members or around them: the file is refused in one line, and the checkpoint before it taken.
    func testEveryChangedBitIsFound() throws {
        let folder = try Folder()
        try folder.write("config.yaml", config)
        XCTAssertEqual(try train(folder, "--output run --set fit.epochs=1").status, 0)
        let path = folder["run/checkpoints/checkpoint-00000008.keras"],
            whole = [UInt8](try folder.bytes("run/checkpoints/checkpoint-00000008.keras"))
        var state: UInt64 = 5
        for round in 0 ..< 300 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // A third of them in the directory and the comment.
            let end = round % 3 == 0 ? 1500 : whole.count, place = whole.count - 1 - Int(state >> 33) % end
            var bytes = whole
            bytes[place] ^= 1 << UInt8(state >> 20 & 7)
            try folder.write("run/checkpoints/checkpoint-00000008.keras", bytes)
            XCTAssertThrowsError(try Checkpoint(path), "byte \(place)") { XCTAssertTrue($0 is SavingError, "\($0)") }
            if round % 30 == 0 { XCTAssertEqual(try Checkpoint.latest(folder["run/checkpoints"])?.steps, 7) }
        }
        // Cut short anywhere, and without an end.
        for count in [0, 1, 100, whole.count / 2, whole.count - 1000, whole.count - 1] {
            try folder.write("run/checkpoints/checkpoint-00000008.keras", Array(whole.prefix(count)))
            XCTAssertThrowsError(try Checkpoint(path), "\(count) bytes") { XCTAssertTrue($0 is SavingError, "\($0)") }
        }
    }

    func testModelCheckpoint() throws {
        let folder = try Folder()
        let callbacks =
            "callbacks: [ModelCheckpoint: {filepath: \"saved/{epoch:02d}-{val_loss:.1f}.keras\"}, ModelCheckpoint: {filepath: best.weights.h5, save_best_only: true, save_weights_only: true, verbose: 1}]"
        try folder.write("config.yaml", Config.with { $0.rest = callbacks })
        let result = try CommandRun.shell("$LOCKSTEP train config.yaml --output run", in: folder)
        XCTAssertEqual(result.status, 0, result.errors)
        XCTAssert(result.output.contains("Epoch 1: val_loss improved from None to "), result.output)
        let saved = try FileManager.default.contentsOfDirectory(atPath: folder["run/saved"]).sorted()
        XCTAssertEqual(saved.count, 2)
        XCTAssert(saved[0].wholeMatch(of: /01-[0-9]\.[0-9]\.keras/) != nil && saved[1].hasPrefix("02-"), "\(saved)")
        XCTAssertNoThrow(try loadModel(folder["run/saved/\(saved[1])"]).loadWeights(folder["run/best.weights.h5"], optimizerState: false))
        // The first epoch's file has the run inside: the second one from there is the same.
        let again = try CommandRun.shell("$LOCKSTEP train config.yaml --quiet --output again --resume run/saved/\(saved[0])", in: folder)
        XCTAssertEqual(again.status, 0, again.errors)
        XCTAssertEqual(try outcome(folder, "again"), try outcome(folder, "run"))
    }

    /// A run that was left goes on by itself where its directory has a checkpoint, which is removed at its end.
    func testBackupAndRestore() throws {
        let folder = try Folder()
        let callbacks =
            "callbacks: [BackupAndRestore: {backup_dir: \(folder["backup"]), save_freq: 3}, EarlyStopping: {monitor: loss, patience: 9}]"
        try folder.write("config.yaml", Config.with { ($0.fit, $0.rest) = ("fit: {epochs: 30, batch_size: 4, seed: 1}", callbacks) })
        XCTAssertEqual(try train(folder, "--output whole").status, 0)
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder["backup"]), [])
        let script = """
            $LOCKSTEP train config.yaml --quiet --output cut & p=$!
            while ! ls backup/checkpoint-000001* >/dev/null 2>&1; do sleep 0.01; done
            kill -9 $p; wait $p 2>/dev/null; $LOCKSTEP train config.yaml --output cut
            """
        let result = try CommandRun.shell(script, in: folder)
        XCTAssertEqual(result.status, 0, result.errors)
        XCTAssert(result.output.contains("Going on from \(folder["backup"])/checkpoint-"), result.output)
        XCTAssertEqual(try outcome(folder, "cut"), try outcome(folder, "whole"))
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder["backup"]), [])
    }

    /// The same bytes; or the step and the weight where a run differs from what was recorded.
    func testAudit() throws {
        let folder = try Folder()
        try folder.write("config.yaml", config)
        XCTAssertEqual(try train(folder, "--output run --set fit.epochs=3 --set fit.audit_steps=3").status, 0)
        func audit(ranks: Int? = nil, _ options: String...) throws -> RankJob.Result {
            try CommandRun.run(ranks: ranks, ["audit", folder["run"]] + options)
        }
        for ranks in [nil, 2] {
            let same = try audit(ranks: ranks)
            XCTAssertEqual(same.status, 0, same.report)
            XCTAssert(same.output.contains("the same bytes at 11 recorded steps, the last 24"), same.report)
        }
        let late = try audit("--from", folder["run/checkpoints/checkpoint-00000023.keras"])
        XCTAssertEqual(late.status, 0, late.report)
        let trail = try folder.read("run/audit.jsonl")
        // A bit of what was recorded of the second weight after nine steps.
        var lines = trail.split(separator: "\n").map(String.init)
        let index = try XCTUnwrap(lines.firstIndex { $0.contains("\"step\": 9,") })
        var words = lines[index].split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
        let place = try XCTUnwrap(words.firstIndex(of: "checksums")) + 4
        words[place] = String(try XCTUnwrap(UInt64(words[place], radix: 16)) ^ 1, radix: 16)
        lines[index] = words.joined(separator: "\"")
        try folder.write("run/audit.jsonl", lines.joined(separator: "\n") + "\n")
        let other = try audit()
        XCTAssertEqual(other.status, 1, other.report)
        XCTAssert(other.output.contains("differs at step 9, epoch 2: sequential/dense/bias differs\n"), other.report)
        try folder.write("run/audit.jsonl", trail)
        let kept = try folder.read("run/config.yaml")
        try folder.write("run/config.yaml", kept.replacing("count: 300, seed: 1", with: "count: 300, seed: 2"))
        let changed = try audit()
        XCTAssertEqual(changed.status, 1, changed.report)
        XCTAssert(changed.output.contains("differs at step 3, epoch 1: sequential/dense/kernel differs"), changed.report)
        XCTAssert(changed.output.contains("has changed: training data, validation data"), changed.report)
    }
}
