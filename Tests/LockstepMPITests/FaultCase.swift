import Foundation
import RankJob

/// One job in which one thing goes wrong.
struct FaultCase: Sendable {
    let kind: String, phase: String, rank: Int, ranks: Int
    /// Ranks of each host, if there are several.
    var hosts: [Int] = []
    /// The watchdog's limit. Others than stopped and looping ranks are noticed without it.
    var limit: Double { isStuck ? 2 : kind == "tell" ? 6 : 60 }
    private var isStuck: Bool { ["stop", "loop"].contains(kind) }

    init(_ kind: String, phase: String, rank: Int, of ranks: Int) {
        (self.kind, self.phase, self.rank, self.ranks) = (kind, phase, rank, ranks)
    }

    private var isAlone: Bool { hosts == [1, 1] }

    init(_ kind: String, phase: String, rank: Int, hosts: [Int]) {
        self.init(kind, phase: phase, rank: rank, of: hosts.reduce(0, +))
        self.hosts = hosts
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
            run.hosts = hosts
            var processes: [String] = []
            if !hosts.isEmpty { run.afterwards = { _ in processes = FaultCase.processes(with: token, within: kind == "tell" ? 6 : 2) } }
            if kind == "tell" {
                // The link is cut when the rank has removed this file.
                let file = folder.appendingPathComponent("fault-not-yet").path
                _ = FileManager.default.createFile(atPath: file, contents: nil)
                run.arguments.append(file)
                run.whileRunning = { network in
                    while FileManager.default.fileExists(atPath: file) { usleep(10_000) }
                    try? network.setLink(ofHost: 1, up: false)
                }
            }
            let job = try run.run()
            if hosts.isEmpty { processes = FaultCase.processes(with: token) }
            return problems(job, processes, FaultCase.files(in: folder, ofJob: job.output), step)
        } catch {
            return ["\(self): \(error)"]
        }
    }

    private func problems(_ job: RankJob.Result, _ processes: [String], _ files: [String], _ step: Int) -> [String] {
        var problems: [String] = []
        func expect(_ condition: Bool, _ problem: String) { if !condition { problems.append(problem) } }
        expect(!job.timedOut, "did not end within 10 s")
        expect(job.status != 0, "status 0")
        // Not always at the start of a line: Open MPI writes its own word by word.
        let reports = job.errors.components(separatedBy: "lockstep: ").count - 1
        expect(reports == 1, "\(reports) reports")
        let words =
            switch kind {
            case "fail": ["rank \(rank) on ", ": a failure on purpose"]
            case "memory": ["rank \(rank) on ", ": Tensor: float32 of shape (4194304,): needs 16777216 bytes"]
            case "thrown": ["rank \(rank) on ", ": an error on purpose"]
            case "tell": (hosts[0] ..< ranks).map { "rank \($0) on " } + ["is missing", "its host does not answer: is the link cut?"]
            // A rank alone on its host told where it was up to a second before; the other is in about the same step.
            case _ where isAlone && isStuck: ["rank \(rank) on ", "is missing", "gradient reduction", "step 2"]
            case _ where isAlone: ["rank \(rank) on ", "ended without a word in step ", "or later; rank \(1 - rank) is in step "]
            case _ where isStuck: ["rank \(rank) on ", "is missing", "step \(step), phase \(phase);", "gradient reduction"]
            default: ["rank \(rank) on ", "ended without a word in step \(step), phase \(phase)"]
            }
        for word in words { expect(job.errors.contains(word), "no \"\(word)\"") }
        expect(processes.isEmpty, "processes left: \(processes)")
        expect(files.isEmpty, "files left: \(files)")
        return problems.isEmpty ? [] : ["\(self): \(problems.joined(separator: ", "))\n\(job.report)"]
    }

    /// The processes with a word in their environment, after a moment for those that are just ending: the far side of a cut
    /// link waits for two seconds more than the near one.
    static func processes(with token: String, within seconds: Int = 2) -> [String] {
        var found: [String] = []
        for _ in 0 ..< 10 * seconds {
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
