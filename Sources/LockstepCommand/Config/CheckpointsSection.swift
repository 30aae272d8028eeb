import Lockstep

/// When a run writes checkpoints, and how many it keeps.
struct CheckpointsSection {
    private let every: [Checkpoints.Frequency], keep: Int, best: String?, mode: MonitorMode, background: Bool

    /// Without any `every_…` there is one each epoch.
    init(_ value: ConfigValue) throws {
        let config = try section(value, keys: ["every_epochs", "every_steps", "every_minutes", "keep", "best", "mode", "background"])
        let minutes = try config.optionalDouble("every_minutes")
        if let minutes, !(minutes > 0 && minutes <= CheckpointsSection.mostMinutes) {
            throw ConfigError("expected a number of minutes above 0, found \(minutes)", at: ["every_minutes"])
        }
        let due: [Checkpoints.Frequency?] = [
            try config.positive("every_epochs", atMost: mostOfAll).map { .epochs($0) },
            try config.positive("every_steps", atMost: mostOfAll).map { .steps($0) }, minutes.map { .minutes($0) },
        ]
        every = due.contains { $0 != nil } ? due.compactMap { $0 } : [.epochs(1)]
        keep = try config.positive("keep", atMost: mostOfAll) ?? 2
        (best, mode) = (try config.optionalString("best"), try config.mode())
        background = try config.bool("background", default: false)
    }

    /// Three years.
    private static let mostMinutes = 1.5e6

    /// The callback that writes them.
    func make(in directory: String) -> Callback {
        Checkpoints("\(directory)/\(RunFolder.checkpoints)", every: every, keep: keep, best: best, mode: mode, inBackground: background)
    }
}
