import Foundation
import Lockstep

/// Bad input that this program found: one line that says what, where, and the way out.
struct InputError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The ranks that run one command together: one process, or all those that a launcher started.
///
/// Whatever can go wrong on one rank alone, such as reading a file, happens inside `agree`: afterwards either all ranks go
/// on, or all end with one message and status 2. What goes wrong outside ends the job at once (`end`).
final class Job {
    private let process = RankProcess(Job.command)
    var communicator: any Communicator { process.communicator }
    /// What each rank has told the others about its place.
    var peers: [Peer] { process.peers }
    var rank: Int { process.rank }
    var size: Int { process.size }
    /// Whether a training step has been made: what fails before is the input's fault.
    var hasTrained = { false }
    /// Whether this rank is inside `agree`, where the others wait for its verdict.
    private var isAgreeing = false

    /// Runs a command's body on every rank and ends the process.
    ///
    /// - Parameter threads: those of matrix products; `nil` shares out the cores of each host.
    static func run(threads: Int? = nil, _ body: (Job) throws -> Void) -> Never {
        let job = Job()
        if let threads {
            Threads.count = threads
        } else if !RankProcess.isToldThreads {
            job.process.shareOutThreads()
        }
        do {
            try body(job)
        } catch {
            job.end(RankProcess.message(of: error))
        }
        job.finish(status: job.outputIsWhole ? 0 : 1)
    }

    private init() { Failure.stop = { [unowned self] message in stop(message) } }

    /// What all ranks must run: `lockstep train`, `lockstep bench step`.
    private static var command: String {
        "'\((["lockstep"] + CommandLine.arguments.dropFirst().prefix(2).prefix { $0.allSatisfy(\.isLetter) }).joined(separator: " "))'"
    }

    // MARK: Output

    /// Writes results to standard output, on rank zero alone, at once.
    func write(_ text: String) { Console.write(text) }

    /// Writes one JSON object on a line of its own. What is not a finite number is `null`: JSON has no word for it.
    func write(json entries: [ConfigValue.Entry]) { write(ConfigValue.object(entries).strictJSON + "\n") }

    /// Writes the figures of an evaluation, the loss first: Keras' own order has the names sorted.
    func write(_ logs: Logs, prefix: String = "", json: Bool) {
        let figures = Array(zip(logs.names, logs.allValues))
        let sorted = figures.filter { $0.0 == "loss" } + figures.filter { $0.0 != "loss" }
        if json {
            write(json: sorted.map { .init(prefix + $0, ConfigValue($1)) })
        } else {
            write(sorted.map { "\(prefix)\($0): \(String(format: "%.4f", $1))" }.joined(separator: " - ") + "\n")
        }
    }

    /// Whether all results have reached standard output; says so where they have not. Collective: rank zero alone writes.
    private var outputIsWhole: Bool {
        if let failure = Console.outputFailure { Console.report(Job.lostOutput(failure)) }
        return communicator.allGather(Console.outputFailure ?? "").allSatisfy(\.isEmpty)
    }

    static func lostOutput(_ failure: String) -> String {
        "standard output: cannot be written: \(failure); results are lost: send them elsewhere"
    }

    // MARK: Agreement

    /// Does on every rank what may fail on any: reading files, checking that data and model fit. `body` must not call
    /// the other ranks.
    ///
    /// If it fails on some rank, all ranks end with `status`, after one line with the message of the lowest such rank.
    ///
    /// - Parameter subject: the file on which `body` works: what the core refuses of its content names it.
    func agree<Result>(about subject: String? = nil, status: Int32 = 2, _ body: () throws -> Result) -> Result {
        var failure: String?
        var result: Result?
        isAgreeing = true
        do { result = try subject.map { try Failure.reading($0, body) } ?? body() } catch { failure = RankProcess.message(of: error) }
        isAgreeing = false
        settle(failure, status)
        return result!
    }

    /// As above, for what rank zero does for all: writing files.
    func agreeOnRankZero(status: Int32 = 2, _ body: () throws -> Void) {
        var failure: String?
        isAgreeing = true
        if rank == 0 { do { try body() } catch { failure = RankProcess.message(of: error) } }
        isAgreeing = false
        settle(failure, status, isRankZeros: true)
    }

    /// As above, for what all ranks must know of it.
    func fromRankZero(status: Int32 = 2, _ body: () throws -> String) -> String {
        var text = ""
        agreeOnRankZero(status: status) { text = try body() }
        return communicator.allGather(text)[0]
    }

    /// Ends all ranks where every rank has found the same; rank zero says what.
    func endTogether(_ message: String, status: Int32 = 2) -> Never {
        if rank == 0 { Console.report(message) }
        finish(status: status)
    }

    /// Tells the others whether this rank has failed, and ends all of them if any has.
    private func settle(_ failure: String?, _ status: Int32, isRankZeros: Bool = false) {
        let verdicts = communicator.allGather(Array((failure.map { "!" + $0 } ?? "").utf8))
        guard let first = verdicts.firstIndex(where: { !$0.isEmpty }) else { return }
        // Rank zero speaks for all, and before `finish`: a launcher kills the ranks as soon as one has failed.
        if rank == 0 {
            let isEverywhere = verdicts.allSatisfy { $0 == verdicts[first] }
            let name = isEverywhere || isRankZeros ? "" : "rank \(first) on \(peers[first].host): "
            Console.report(name + String(decoding: verdicts[first].dropFirst(), as: UTF8.self))
        }
        finish(status: status)
    }

    // MARK: Ends

    /// A programmer error, as the core reports it.
    private func stop(_ message: String) -> Never {
        if isAgreeing { settle(message, 2) }
        end(message)
    }

    /// Ends the job on all ranks, after a failure that the others may not share.
    func end(_ message: String) -> Never {
        process.end(message, status: hasTrained() ? 1 : 2)
    }

    /// Ends all ranks with a status that says what was found. Collective.
    func leave(status: Int32) -> Never { finish(status: outputIsWhole ? status : 1) }

    private func finish(status: Int32) -> Never { process.finish(status: status) }
}

extension Files {
    /// Does what may fail on the file at `path`.
    ///
    /// - Throws: `InputError` that names the file, in place of `Files.Failure`.
    static func at<Result>(_ path: String, _ wayOut: String = "", _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let failure as Files.Failure { throw InputError("\(path): \(failure)\(wayOut)") }
    }
}
