import Lockstep
import LockstepMPI

/// A config with its model and its data, in memory.
struct Run {
    let config: RunConfig
    let model: Model
    let training: Dataset
    let validation: Dataset?
    let test: Dataset?

    /// Reads the data and sees that they fit the model.
    init(_ config: RunConfig) throws {
        self.config = config
        model = try config.makeModel()
        guard model.compilation != nil else {
            throw InputError("\(config.file.path): missing compile: expected an optimizer, a loss and metrics")
        }
        (training, validation) = try config.data.loadTraining(for: model, config.file.path)
        test = try config.data.test?.load(for: model)
        for data in [training, validation, test].compactMap({ $0 }) { try model.validate(data, batchSize: config.fit.batchSize) }
    }

    /// Warns where the inputs of the training data and others are of other magnitudes: bytes here and parts of one there.
    func warnOfScales() {
        let expected = training.magnitude
        for (name, data) in [("validation", config.data.validates ? validation : nil), ("test", test)] {
            guard let magnitude = data?.magnitude, magnitude > 0, expected > 0 else { continue }
            let ratio = max(magnitude / expected, expected / magnitude)
            guard ratio > Run.largestRatio else { continue }
            Console.warn(
                "\(config.file.path): inputs of data.train reach \(expected), those of data.\(name) \(magnitude); give both the same scale (scale: 255 divides bytes)"
            )
        }
    }

    /// Data of one kind rarely differ so much, and what is forgotten to scale is mostly bytes.
    private static let largestRatio: Float = 30

    /// The callbacks of the config, which have been seen to work with this model and its data. On rank zero, which runs them.
    ///
    /// - Parameter writing: `false` for those alone that decide how the run goes on.
    /// - Throws: `InputError` with the place of one that cannot.
    func makeCallbacks(in folder: RunFolder, writing: Bool = true) throws -> [Callback] {
        try config.file.reading {
            var plan = try TrainingPlan(model, training, hasValidation: validation != nil)
            func admit(_ callback: Callback, _ place: String...) throws -> Callback {
                do { try plan.admit(callback) } catch let error as TrainingError { throw ConfigError("\(error)", at: place) }
                return callback
            }
            let given = try config.callbacks.enumerated().filter { writing || !$0.element.writes }.map { index, spec in
                let callback = try admit(spec.make(in: folder.path), "callbacks", String(index), spec.name)
                if let board = callback as? TensorBoard { try describe(on: board) }
                return callback
            }
            guard writing, let checkpoints = config.checkpoints else { return given }
            return given + [try admit(checkpoints.make(in: folder.path), "checkpoints")]
        }
    }

    /// Shows the config, as a text and by its settings.
    private func describe(on board: TensorBoard) throws {
        let shown = ["compile", "fit", "distributed"]
        let value = config.file.tree.value
        board.hyperParameters = .object(
            shown.flatMap { key in
                (value[key]?.settings ?? []).map { .init("\(key).\($0.place)", Double($0.value).map { .double($0) } ?? .string($0.value)) }
            })
        let text = try KeptConfig(config.file, command: CommandLine.arguments).text
        board.texts = [
            ("config", text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(separator: "\n"))
        ]
    }

    /// What the run's checksums are of, on these ranks.
    func auditHeader(_ job: Job) -> AuditTrail.Header {
        let identity = Identity(
            ofRun: model, model.compilation!, batchSize: config.fit.batchSize, shuffle: config.fit.shuffle, training: training,
            validation: validation)
        return AuditTrail.Header(
            model, identity.runFacts, ranks: job.size, logicalShards: config.distributed.logicalShards, threads: Threads.count,
            processor: Identity.processor)
    }

    /// Sees that all ranks have found the same, and takes over what the config says about them.
    func prepare(_ job: Job) {
        config.distributed.apply(job.communicator)
        Convolutions.winograd = config.winograd
        if let shards = config.distributed.logicalShards {
            job.agree {
                guard shards >= job.size else {
                    throw InputError(
                        "\(config.file.path): distributed.logical_shards: \(shards) are fewer than the \(job.size) ranks; set at least \(job.size), or start fewer ranks"
                    )
                }
            }
        }
        if job.size > 1 {
            Identity(config: config.file.text, model, ["training data": training, "validation data": validation, "test data": test])
                .requireSame(job)
        }
        if let optimizer = model.compilation?.optimizer {
            let before = optimizer.steps
            job.hasTrained = { optimizer.steps > before }
        }
    }
}

extension Dataset {
    /// The largest magnitude among finite inputs.
    fileprivate var magnitude: Float { inputs.map(\.column.magnitude).max() ?? 0 }
}
