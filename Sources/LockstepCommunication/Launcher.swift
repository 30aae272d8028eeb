import Foundation

/// What a launcher (`mpirun`, `srun`) has told this process in its environment: known at once, before MPI is up.
///
/// Variables that are set in a whole allocation, such as `SLURM_NTASKS`, prove nothing by themselves: a shell in it has them too.
/// What counts are those by which a process and its launcher find each other: Open MPI's own, PMIx and PMI.
public enum Launcher {
    /// Whether a launcher started this process, be it alone.
    public static var isPresent: Bool { ["OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMIX_RANK"].contains { variable($0) != nil } }

    /// This process's number among those that the launcher started; `nil` without one.
    public static var rank: Int? { number("OMPI_COMM_WORLD_RANK") ?? number("PMIX_RANK") ?? number("PMI_RANK") }

    /// How many processes the launcher started; `nil` without one, and where it does not say.
    public static var size: Int? {
        if let size = number("OMPI_COMM_WORLD_SIZE") ?? number("PMI_SIZE") { return size }
        // PMIx tells it to those who ask only. Under `srun` it stands here, and for this very step.
        return variable("PMIX_RANK") == nil ? nil : number("SLURM_STEP_NUM_TASKS")
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    private static func number(_ name: String) -> Int? { variable(name).flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }
}
