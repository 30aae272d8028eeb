import ArgumentParser

/// `lockstep bench`: measurements.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures how fast this machine trains, and how fast ranks sum their gradients.",
        discussion: """
            Example:
              mpirun -n 2 lockstep bench step --workload mlp_512
            """,
        subcommands: [BenchStep.self, BenchAllReduce.self])
}
