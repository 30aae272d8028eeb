import Lockstep
import RankJob
import XCTest

/// What goes wrong on one rank alone ends the job on all, with one line that names the rank.
///
/// Open MPI's `OMPI_COMM_WORLD_RANK` in a config's paths gives each rank a file of its own.
final class OneRankTests: XCTestCase {
    func testFileMissingOnOneRank() throws {
        let folder = try folder(samples: [20, 20, nil])
        try expectRefusal(train(folder), ["rank 2 on ", "data-2.npz: no such file"])
    }

    func testFirstOfSeveralSpeaks() throws {
        let folder = try folder(samples: [20, nil, nil])
        try expectRefusal(train(folder), ["rank 1 on ", "data-1.npz: no such file"])
    }

    func testDataOfOtherSizeOnOneRank() throws {
        let folder = try folder(samples: [20, 21, 20])
        try expectRefusal(train(folder), ["rank 1 on ", "another training data than on rank 0: 21 samples", "not 20 samples"])
    }

    /// Callbacks run on rank zero; what it cannot do, all ranks hear before the first step.
    func testCallbackThatCannotBegin() throws {
        let folder = try folder(samples: [20, 20, 20])
        let result = try train(folder, "--set", "callbacks=[CSVLogger: {filename: /proc/a.csv}]")
        expectRefusal(result, ["callbacks.0.CSVLogger: /proc/a.csv: cannot be written"])
        XCTAssertFalse(folder.exists("out/history.csv"))
    }

    /// A history that cannot be written is warned of, and costs nothing else.
    func testHistoryThatCannotBeWritten() throws {
        let folder = try folder(samples: [20, 20, 20])
        for ranks in [nil, 3] {
            try? FileManager.default.removeItem(atPath: folder["out"])
            let result = try train(folder, ranks: ranks, "--set", "callbacks=[CSVLogger: {filename: /dev/full, append: true}]")
            XCTAssertEqual(result.status, 0, result.report)
            XCTAssertEqual(result.failureLines, [], result.report)
            XCTAssert(result.errors.contains("lockstep: warning: /dev/full: the history cannot be written"), result.report)
            XCTAssert(folder.exists("out/model.keras"))
        }
    }

    /// A failure after the first step is no bad input: status 1.
    func testFailureAfterTheFirstStep() throws {
        let folder = try folder(samples: [20, 20, 20])
        for ranks in [nil, 3] {
            let result = try train(
                folder, ranks: ranks, "--set", "compile.optimizer={SGD: {learning_rate: 1e30}}", "--set",
                "callbacks=[TerminateOnNaN: {raise_error: true}]", "--set", "fit.epochs=9")
            XCTAssertFalse(result.timedOut, result.report)
            XCTAssertEqual(result.status, 1, result.report)
            XCTAssertEqual(result.failureLines.count, 1, result.report)
            let start = ranks == nil ? "lockstep: " : "lockstep: rank 0 on "
            XCTAssert(result.failureLines.first?.hasPrefix(start) ?? false, result.report)
            XCTAssertFalse(folder.exists("out/model.keras"))
        }
    }

    /// A folder with a config and data for each rank; `nil` leaves a rank without.
    private func folder(samples: [Int?]) throws -> Folder {
        let folder = try Folder()
        for (rank, count) in samples.enumerated() {
            guard let count else { continue }
            try NPZ.write(
                [("x", .constant(Float(1), shape: [count, 28, 28])), ("y", .constant(Int32(1), shape: [count]))],
                to: folder["data-\(rank).npz"])
        }
        try folder.write("config.yaml", Config.with { $0.data = "data: {train: {npz: \"data-${OMPI_COMM_WORLD_RANK:-0}.npz\"}}" })
        return folder
    }

    private func train(_ folder: Folder, ranks: Int? = 3, _ options: String...) throws -> RankJob.Result {
        try CommandRun.run(ranks: ranks, ["train", folder["config.yaml"], "--output", folder["out"], "--json"] + options)
    }
}
