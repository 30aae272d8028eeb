import ArgumentParser

/// `lockstep bench`: measurements.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures training steps, the sum of gradients over ranks, scaling, saving, and the cost of watching.",
        discussion: """
            Example:
              mpirun -n 2 lockstep bench step --workload mlp_512
            """,
        subcommands: [BenchStep.self, BenchAllReduce.self, BenchScaling.self, BenchSaving.self, BenchCallbacks.self])
}
