import ArgumentParser
import Lockstep
import LockstepSystem

/// `lockstep diff`: what differs between two models.
struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says which settings, weights and optimizer states of two models differ, and by how much.",
        discussion: """
            Status 0 where nothing differs, 1 where anything does.

            Examples:
              lockstep diff runs/a/model.keras runs/b/model.keras
              lockstep diff model.keras model.h5 --json
            """)

    @Argument(help: "A model file or a checkpoint, .keras or .h5.") var first: String
    @Argument(help: "Another one.") var second: String
    @Flag(help: "Print one JSON object.") var json = false

    func run() {
        Job.run { job in
            let verdict = job.fromRankZero {
                let comparison = try ModelComparison(first, second)
                job.write(json ? "\(comparison.json.strictJSON)\n" : text(comparison))
                return comparison.isEmpty ? "same" : ""
            }
            if verdict.isEmpty { job.leave(status: 1) }
        }
    }

    private func text(_ comparison: ModelComparison) -> String {
        if comparison.isEmpty { return "\(first) and \(second): the same settings, weights and states\n" }
        func lines(_ kind: String, _ arrays: [ModelComparison.Array]) -> [String] {
            arrays.map { array in
                switch array.difference {
                case .missing(let inFirst): "\(kind) \(array.name): only in \(inFirst ? second : first)"
                case .shapes(let one, let other): "\(kind) \(array.name): shapes \(one) and \(other)"
                case .elements(let count, let all, let largest):
                    "\(kind) \(array.name): \(count) of \(all) elements differ, by at most \(largest)"
                }
            }
        }
        let settings = comparison.settings.map { setting in
            let (one, other) = String.excerpts(setting.first ?? "none", setting.second ?? "none")
            return "setting \(setting.place): \(one) and \(other)"
        }
        return (settings + lines("weight", comparison.weights) + lines("state", comparison.states)).joined(separator: "\n") + "\n"
    }
}

extension ModelComparison {
    /// The differences by kind, as `--json` prints them.
    fileprivate var json: ConfigValue {
        func list(_ arrays: [Array]) -> ConfigValue {
            .array(
                arrays.map { array in
                    let found: [ConfigValue.Entry] =
                        switch array.difference {
                        case .missing(let inFirst): [.init("only_in", .string(inFirst ? "second" : "first"))]
                        case .shapes(let one, let other): [.init("shapes", .array([ConfigValue(one), ConfigValue(other)]))]
                        case .elements(let count, let all, let largest):
                            [.init("differ", .int(count)), .init("elements", .int(all)), .init("largest", ConfigValue(largest))]
                        }
                    return .object([.init("name", .string(array.name))] + found)
                })
        }
        return .object([
            "same": .bool(isEmpty),
            "settings": .array(
                settings.map {
                    .object([
                        "place": .string($0.place), "first": $0.first.map { .string($0) } ?? .null,
                        "second": $0.second.map { .string($0) } ?? .null,
                    ])
                }),
            "weights": list(weights), "states": list(states),
        ])
    }
}
