import LockstepCommand
import XCTest

/// What the doctor and the start of `train` say of places that are made up, and of real ones.
final class FindingsTests: XCTestCase {
    /// A rank on a host of eight cores.
    private func rank(
        _ host: String = "a", cores: Range<Int> = 0 ..< 8, threads: Int = 1, blas: String = "SkylakeX",
        environment: [String: String] = [:]
    ) -> RankPlace {
        RankPlace(host: host, cores: Set(cores), hostCores: 8, threads: threads, blasCore: blas, environment: environment)
    }

    private func expect(_ ranks: [RankPlace], _ parts: [[String]], line: UInt = #line) {
        let warnings = Findings(ranks).warnings
        XCTAssertEqual(warnings.count, parts.count, "\(warnings)", line: line)
        for (warning, parts) in zip(warnings, parts) {
            XCTAssertFalse(warning.contains("\n"), line: line)
            for part in parts { XCTAssert(warning.contains(part), "\(part) is not in \(warning)", line: line) }
        }
    }

    func testSilentWhenAllIsWell() {
        expect([rank(threads: 8)], [])
        expect((0 ..< 8).map { _ in rank() }, [])
        expect((0 ..< 8).map { rank(cores: $0 ..< $0 + 1) }, [])
        expect((0 ..< 2).flatMap { host in (0 ..< 2).map { rank("\(host)", cores: 4 * $0 ..< 4 * $0 + 4, threads: 4) } }, [])
        expect([rank(environment: [:]), rank(environment: ["OMPI_MCA_btl": "self,vader,tcp"])], [])
        expect([rank(environment: ["OMPI_MCA_btl": "^openib"]), rank()], [])
        // TCP between hosts is as it must be.
        expect([rank("a", environment: ["OMPI_MCA_btl": "tcp,self"]), rank("b", environment: ["OMPI_MCA_btl": "tcp,self"])], [])
    }

    func testOversubscription() {
        expect((0 ..< 9).map { _ in rank() }, [["a: 9 ranks share 8 cores (0-7)", "start fewer ranks"]])
        expect((0 ..< 3).map { _ in rank(threads: 4) }, [["a: 3 ranks of 12 threads in all share 8 cores"]])
        // Only the host that has too many.
        expect([rank("b")] + (0 ..< 9).map { _ in rank("a") }, [["a: 9 ranks"]])
        XCTAssert(Findings((0 ..< 9).map { _ in rank() }).isOversubscribed)
        XCTAssertFalse(Findings((0 ..< 8).map { _ in rank() }).isOversubscribed)
    }

    func testRanksBoundToTheSameCores() {
        expect([rank(cores: 0 ..< 1), rank(cores: 0 ..< 1)], [["a: ranks 0-1 are bound to the same core 0 of 8", "--bind-to none"]])
        // Also among others that are bound well.
        let ranks = [rank(cores: 4 ..< 8), rank(cores: 2 ..< 3), rank(cores: 2 ..< 3), rank(cores: 0 ..< 1)]
        expect(ranks, [["ranks 1-2 are bound to the same core 2"]])
        XCTAssert(Findings(ranks).isOversubscribed)
        expect((0 ..< 3).map { _ in rank(cores: 0 ..< 2) }, [["ranks 0-2 are bound to the same 2 cores (0-1) of 8"]])
        // The same numbers on another host are other cores.
        expect([rank("a", cores: 0 ..< 1), rank("b", cores: 0 ..< 1)], [])
    }

    func testThreads() {
        expect([rank(threads: 9)], [["rank 0 has 9 threads on 8 cores", "--threads"]])
        expect([rank(cores: 0 ..< 4, threads: 4), rank(cores: 4 ..< 5, threads: 4)], [["rank 1 has 4 threads on 1 core;", "to 1,"]])
        expect([rank("a", threads: 8), rank("b", threads: 9)], [["rank 1 on b has 9 threads"]])
    }

    func testKernels() {
        let pinned = ["OPENBLAS_CORETYPE": "Haswell"]
        expect([rank(blas: "Haswell", environment: pinned)], [["OPENBLAS_CORETYPE=Haswell keeps OpenBLAS from"]])
        expect([rank(environment: ["OPENBLAS_L2_SIZE": "512"])], [["OPENBLAS_L2_SIZE=512"]])
        expect(
            [rank(), rank(blas: "Haswell", environment: pinned)],
            [["rank 1: OPENBLAS_CORETYPE=Haswell"], ["rank 1 computes with OpenBLAS' Haswell kernels, rank 0 with SkylakeX"]])
        expect([rank("a"), rank("b", blas: "Zen")], [["rank 1 on b computes with OpenBLAS' Zen kernels"]])
    }

    func testTransport() {
        let tcp = ["OMPI_MCA_btl": "tcp,self"]
        let both = [rank(environment: tcp), rank(environment: tcp)]
        expect(both, [["a: OMPI_MCA_btl=tcp,self keeps Open MPI from sending through shared memory"]])
        expect([rank(environment: ["OMPI_MCA_btl": "^vader"]), rank()], [["OMPI_MCA_btl=^vader"]])
        expect([rank(environment: tcp)], [])
    }

    // MARK: On real ranks

    /// The doctor and `train` say the same, `train` one line each on standard error; then it trains.
    func testTrainWarnsAsTheDoctorDoes() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config().text)
        let environment = ["OPENBLAS_CORETYPE": "Haswell", "OMPI_MCA_btl": "tcp,self"]
        // Ranks that are more than the cores of any machine that runs tests would take minutes: 3 are more than two cores.
        for ranks in [nil, 3] {
            let doctor = try CommandRun.run(ranks: ranks, ["doctor", "--json"], environment: environment)
            let warnings = try XCTUnwrap(doctor.jsonLines().first?["warnings"] as? [String], doctor.report)
            XCTAssert(warnings.contains { $0.contains("OPENBLAS_CORETYPE=Haswell") }, doctor.report)
            XCTAssertEqual(warnings.contains { $0.contains("OMPI_MCA_btl=tcp,self") }, ranks == 3, doctor.report)
            XCTAssertEqual(
                warnings.contains { $0.contains("3 ranks share") }, ranks == 3 && ProcessInfo.processInfo.activeProcessorCount < 3,
                doctor.report)

            let train = try CommandRun.run(
                ranks: ranks, ["train", config, "--json", "--output", folder["out"]], environment: environment)
            XCTAssertEqual(train.status, 0, train.report)
            XCTAssertEqual(train.errorLines, warnings.map { "lockstep: warning: \($0)" }, train.report)
            XCTAssertEqual(try train.jsonLines().count, 3)
        }
    }

    /// Silent where there is nothing to say.
    func testTrainIsSilentWhenAllIsWell() throws {
        let variables = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMPI_MCA_btl", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"]
        try XCTSkipIf(variables.contains { ProcessInfo.processInfo.environment[$0] != nil }, "the environment sets what is warned of")
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config().text)
        for ranks in [nil, 1] {
            let train = try CommandRun.run(ranks: ranks, ["train", config, "--json", "--output", folder["out"]])
            XCTAssertEqual(train.status, 0, train.report)
            XCTAssertEqual(train.errors, "", train.report)
        }
    }
}
