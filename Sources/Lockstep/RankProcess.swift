import Foundation
import LockstepCommunication
import LockstepMPI
import LockstepSystem
import LockstepTensor

/// This process as one rank of a program: how it meets the others, and how all of them end.
package final class RankProcess {
    package let communicator: any Communicator
    /// What each rank has told the others about its place.
    package let peers: [Peer]
    package var rank: Int { communicator.rank }
    package var size: Int { communicator.size }

    /// Meets the other ranks, if a launcher started this process: initialising MPI takes a quarter of a second, so a process
    /// alone does without. Collective.
    ///
    /// - Parameter purpose: what this process runs; another one on another rank ends all of them.
    package init(_ purpose: String) {
        Console.prepare()
        communicator = MPICommunicator.launched ? MPICommunicator() : LocalCommunicator()
        Distribution.communicator = communicator
        communicator.requireSame(purpose)
        peers = communicator.allGather(Peer(host: communicator.host, cores: Peer.availableCores()).encoded).map(Peer.init(encoded:))
    }

    /// Whether the environment has a number of threads for matrix products.
    package static var isToldThreads: Bool { getenv("OPENBLAS_NUM_THREADS") != nil || getenv("OMP_NUM_THREADS") != nil }

    /// Gives matrix products of this rank its share of the cores of its host.
    package func shareOutThreads() {
        Threads.count = peers.cores(ofRank: rank)
        Distribution.sharesOutThreads = true
    }

    /// Ends the job on all ranks, after a failure that the others may not share.
    package func end(_ message: String, status: Int32) -> Never {
        (communicator as? MPICommunicator)?.letRankZeroSpeak()
        // What ranks have found out together names the rank that it is about.
        if size > 1, message.firstMatch(of: #/^rank [0-9]+ on /#) != nil {
            Console.report(message)
            communicator.abort(status: status)
        }
        communicator.fail(message, status: status)
    }

    /// Ends this rank, as all others do.
    package func finish(status: Int32) -> Never {
        (communicator as? MPICommunicator)?.finalize()
        exit(status)
    }

    /// An error in words: its own, or the system's where Foundation's would be long and name no file.
    package static func message(of error: any Error) -> String {
        guard type(of: error) is NSError.Type || error is CocoaError || error is POSIXError else {
            return (error as? any LocalizedError)?.errorDescription ?? String(describing: error)
        }
        let foreign = error as NSError
        let cause = foreign.userInfo[NSUnderlyingErrorKey] as? NSError ?? foreign
        let words = cause.domain == NSPOSIXErrorDomain ? String(cString: strerror(Int32(cause.code))) : "\(cause.domain) \(cause.code)"
        let file = foreign.userInfo[NSFilePathErrorKey] as? String ?? (foreign.userInfo[NSURLErrorKey] as? URL)?.path
        return "\(file ?? "a file"): cannot be read or written: \(words)"
    }
}
