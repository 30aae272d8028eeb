import Foundation
import Lockstep
import LockstepMPI

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
    let communicator: any Communicator
    /// What each rank has told the others about its place.
    let peers: [Peer]
    var rank: Int { communicator.rank }
    var size: Int { communicator.size }
    /// Whether a training step has been made: what fails before is the input's fault.
    var hasTrained = { false }
    /// Whether the number of threads was left to this program.
    private(set) var sharesOutThreads = true
    /// Whether this rank is inside `agree`, where the others wait for its verdict.
    private var isAgreeing = false
    /// The file on which `agree` works.
    private var subject: String?

    /// Runs a command's body on every rank and ends the process.
    ///
    /// - Parameter threads: those of matrix products; `nil` shares out the cores of each host.
    static func run(threads: Int? = nil, _ body: (Job) throws -> Void) -> Never {
        let job = Job()
        job.sharesOutThreads = threads == nil && getenv("OPENBLAS_NUM_THREADS") == nil && getenv("OMP_NUM_THREADS") == nil
        if let threads {
            Threads.count = threads
        } else if job.sharesOutThreads {
            Threads.count = job.coresPerRank
        }
        do {
            try body(job)
        } catch {
            job.end(Job.message(of: error))
        }
        job.finish(status: job.outputIsWhole ? 0 : 1)
    }

    private init() {
        // Initialising MPI takes a quarter of a second, so a process alone does without.
        communicator = MPICommunicator.launched ? MPICommunicator() : LocalCommunicator()
        Distribution.communicator = communicator
        Console.isSpeaker = communicator.rank == 0
        peers = communicator.allGather(Peer(host: communicator.host, cores: Peer.availableCores()).encoded).map(Peer.init(encoded:))
        Failure.stop = { [unowned self] message in stop(message) }
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
        (isAgreeing, self.subject) = (true, subject)
        do { result = try body() } catch { failure = Job.message(of: error) }
        isAgreeing = false
        settle(failure, status)
        return result!
    }

    /// As above, for what rank zero does for all: writing files.
    func agreeOnRankZero(status: Int32 = 2, _ body: () throws -> Void) {
        var failure: String?
        (isAgreeing, subject) = (true, nil)
        if rank == 0 { do { try body() } catch { failure = Job.message(of: error) } }
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
        if isAgreeing { settle((subject.map { "\($0): " } ?? "") + message, 2) }
        end(message)
    }

    /// Ends the job on all ranks, after a failure that the others may not share.
    func end(_ message: String) -> Never {
        // Most such failures happen on all ranks alike: rank zero then speaks for all, and its abort ends the others while
        // they wait.
        if rank != 0 { sleep(2) }
        let name = size == 1 ? "" : "rank \(rank) on \(peers[rank].host): "
        Console.report(name + message)
        communicator.abort(status: hasTrained() ? 1 : 2)
    }

    private func finish(status: Int32) -> Never {
        (communicator as? MPICommunicator)?.finalize()
        exit(status)
    }

    /// What an error says. Foundation's own errors are long and name no file: the system's words do.
    static func message(of error: any Error) -> String {
        guard error is CocoaError || error is POSIXError || type(of: error) is NSError.Type else { return String(describing: error) }
        let foreign = error as NSError
        let cause = foreign.userInfo[NSUnderlyingErrorKey] as? NSError ?? foreign
        let words = cause.domain == NSPOSIXErrorDomain ? String(cString: strerror(Int32(cause.code))) : "\(cause.domain) \(cause.code)"
        let file = foreign.userInfo[NSFilePathErrorKey] as? String ?? (foreign.userInfo[NSURLErrorKey] as? URL)?.path
        return "\(file ?? "a file"): cannot be read or written: \(words)"
    }
}

extension Files {
    /// Does what may fail on the file at `path`.
    ///
    /// - Throws: `InputError` that names the file, in place of `Files.Failure`.
    static func at<Result>(_ path: String, _ wayOut: String = "", _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let failure as Files.Failure { throw InputError("\(path): \(failure)\(wayOut)") }
    }
}
