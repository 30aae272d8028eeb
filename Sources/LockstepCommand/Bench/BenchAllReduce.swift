import ArgumentParser
import Foundation
import Lockstep
import LockstepMPI

/// `lockstep bench allreduce`: what it costs to sum gradients over all ranks, against MPI and against copying memory.
struct BenchAllReduce: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allreduce",
        abstract: "Measures the sum of gradients over all ranks against MPI_Allreduce and memcpy.",
        discussion: """
            All are measured in turn in one run, each on the slowest rank; every sum is checked. Times are medians. The \
            bandwidth is that of the bus, 2 (n - 1) / n x bytes / time for n ranks, whatever the algorithm; of memcpy, bytes \
            copied by one core.

              lockstep       the reduction that training uses here
              exchange       by messages, as training does between hosts
              allReduce      as above made of MPI's all-reduce
              MPI_Allreduce  the bare call

            Example:
              mpirun -n 2 lockstep bench allreduce --bytes 65536 --bytes 1048576
            """)

    @Option(help: "Bytes of one rank's gradients; may be repeated (default: 4 KiB, 64 KiB, 1 MiB, 16 MiB and 64 MiB).")
    var bytes: [Int] = []
    @Option(help: "How long to measure each size.") var seconds = 1.0
    @Flag(help: "Print one JSON object a size and algorithm.") var json = false

    func validate() throws {
        for bytes in bytes where bytes < 4 || bytes % 4 != 0 || bytes > BenchAllReduce.most {
            throw ValidationError("--bytes \(bytes): expected whole floats, a multiple of 4 from 4 to \(BenchAllReduce.most)")
        }
        try validateSeconds(seconds)
    }

    func run() {
        Job.run(threads: 1) { job in
            let hosts = Set(job.peers.map(\.host)).count
            if job.size == 1 {
                let notice = "One process: there is nothing to reduce. Start several: mpirun -n 2 lockstep bench allreduce"
                // Not among the JSON objects.
                json ? Console.report(notice) : job.write(notice + "\n")
            }
            if !json { job.write(BenchAllReduce.head(ranks: job.size, hosts: hosts)) }
            for bytes in bytes.isEmpty ? BenchAllReduce.usual : bytes {
                let rows = measure(bytes, hosts, job)
                // Alone there is no MPI_Allreduce to compare with.
                let reference = rows.first { $0.algorithm == "MPI_Allreduce" }
                for row in rows { json ? job.write(json: row.entries) : job.write(row.line(against: reference)) }
            }
        }
    }

    private func measure(_ bytes: Int, _ hosts: Int, _ job: Job) -> [Row] {
        var rows: [Row] = []
        if job.size > 1, let communicator = job.communicator as? MPICommunicator {
            rows = communicator.measureAllReduce(bytes: bytes, seconds: seconds).map {
                Row(bytes: bytes, algorithm: $0.algorithm, ranks: job.size, hosts: hosts, seconds: $0.seconds)
            }
        }
        // One core alone, while the other ranks wait.
        if job.rank == 0 {
            let time = MPICommunicator.measureCopy(bytes: bytes, seconds: seconds / 5)
            rows.append(Row(bytes: bytes, algorithm: "memcpy", ranks: 1, hosts: 1, seconds: time))
        }
        job.communicator.barrier()
        return rows
    }

    private static let usual = [4 << 10, 64 << 10, 1 << 20, 16 << 20, 64 << 20]
    /// MPI counts floats in Int32.
    private static let most = 4 << 30

    private static func head(ranks: Int, hosts: Int) -> String {
        (ranks == 1 ? "" : "\(ranks) ranks on \(hosts == 1 ? "one host" : "\(hosts) hosts")\n")
            + columns(["bytes", "algorithm", "µs", "GB/s", "x MPI_Allreduce"])
    }

    fileprivate static func columns(_ texts: [String]) -> String {
        let cells = zip(texts, [12, 16, 12, 10, 18]).enumerated().map { column, cell in
            let gap = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return column == 1 ? "  " + cell.0 + gap : gap + cell.0
        }
        return cells.joined() + "\n"
    }
}

/// One size summed by one algorithm.
private struct Row {
    let bytes: Int, algorithm: String, ranks: Int, hosts: Int, seconds: Double

    /// Bytes a second over the bus of each rank, in 10⁹; of a lone copy, bytes copied.
    var gigabytesPerSecond: Double {
        let share = ranks == 1 ? 1 : 2 * Double(ranks - 1) / Double(ranks)
        return share * Double(bytes) / seconds / 1e9
    }

    var entries: [ConfigValue.Entry] {
        [
            .init("bytes", .int(bytes)), .init("algorithm", .string(algorithm)), .init("ranks", .int(ranks)),
            .init("hosts", .int(hosts)), .init("microseconds", .double(rounded(1e6 * seconds, 6))),
            .init("gb_per_s", .double(rounded(gigabytesPerSecond, 4))),
        ]
    }

    func line(against reference: Row?) -> String {
        let ratio = algorithm == "memcpy" ? nil : reference.map { String(format: "%.2f", $0.seconds / seconds) }
        return BenchAllReduce.columns([
            String(bytes), algorithm, String(format: "%.1f", 1e6 * seconds), String(format: "%.2f", gigabytesPerSecond), ratio ?? "",
        ])
    }
}

/// The middle one in order of size, of two the larger; NaN of none.
func median(_ values: [Double]) -> Double { values.isEmpty ? .nan : values.sorted()[values.count / 2] }

/// `value` with so many decimals.
func rounded(_ value: Double, _ digits: Int) -> Double {
    let scale = pow(10, Double(digits))
    return (value * scale).rounded() / scale
}

/// Refuses a time that is none, or that nobody waits for.
func validateSeconds(_ seconds: Double) throws {
    guard seconds > 0, seconds <= 86_400 else { throw ValidationError("--seconds \(seconds): expected a time above 0, at most 86400") }
}
