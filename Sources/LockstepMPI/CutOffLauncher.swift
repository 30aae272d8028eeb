import Foundation
import LockstepSystem

extension Watchdog {
    /// Ends the process of Open MPI's above this rank, `mpirun` or its daemon on this host, if there is one: each would wait
    /// for minutes for the other across a link that is cut.
    ///
    /// Asked to end, it ends its ranks and removes its files. `mpirun` then waits for its daemons; asked again, it goes, and
    /// leaves its files to this rank. Nothing but this process's own parent is ever asked.
    func endCutOffLauncher() {
        let parent = getppid()
        func name() -> String {
            guard getppid() == parent else { return "" }
            let name = (try? String(contentsOfFile: "/proc/\(parent)/comm", encoding: .utf8)) ?? ""
            return name.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let isDaemon = ["orted", "prted"].contains(name())
        guard isDaemon || ["mpirun", "mpiexec", "orterun", "prterun"].contains(name()) else { return }
        tellEnd()
        // This rank may be ended by its daemon, but not by `mpirun` before that has been asked again.
        signal(SIGTERM, isDaemon ? SIG_DFL : SIG_IGN)
        kill(parent, SIGTERM)
        for _ in 0 ..< 12 {
            usleep(250_000)
            if name().isEmpty { break }
            if !isDaemon { kill(parent, SIGTERM) }
        }
        if !name().isEmpty { kill(parent, SIGKILL) }
        if !isDaemon { removeFiles(ofLauncher: parent) }
    }

    /// Removes the folder in which Open MPI keeps what belongs to a job, and the shared memory of its ranks on this host.
    private func removeFiles(ofLauncher launcher: pid_t) {
        func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        if let folder = variable("OMPI_MCA_orte_jobfam_session_dir"), folder.hasSuffix("/pid.\(launcher)") {
            try? FileManager.default.removeItem(atPath: folder)
            rmdir(Files.folder(of: folder))  // unless another job has a folder there
        }
        guard let job = variable("PMIX_NAMESPACE").flatMap({ UInt64($0) }) else { return }
        let mark = ".\(places[rank].host).\(getuid()).\(String(job, radix: 16))."
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/dev/shm")) ?? [] where name.contains(mark) {
            unlink("/dev/shm/\(name)")
        }
    }
}
