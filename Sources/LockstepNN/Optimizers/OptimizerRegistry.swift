/// The optimizers that `compile` and configurations name.
public enum Optimizers {
    nonisolated(unsafe) public static var registry = Registry<Optimizer>(
        "optimizer",
        [
            "SGD": { try SGD(config: $0) },
            "RMSprop": { try RMSprop(config: $0) },
            "Adam": { try Adam(config: $0) },
            "AdamW": { try AdamW(config: $0) },
            "Adamax": { try Adamax(config: $0) },
            "Nadam": { try Nadam(config: $0) },
            "Adadelta": { try Adadelta(config: $0) },
            "Adagrad": { try Adagrad(config: $0) },
            "Adafactor": { try Adafactor(config: $0) },
            "Ftrl": { try Ftrl(config: $0) },
            "Lion": { try Lion(config: $0) },
            "Lamb": { try Lamb(config: $0) },
            "LARS": { try LARS(config: $0) },
        ])
}

extension Optimizer {
    /// Reads what all optimizers have. Keras writes all of it; what would change the training and is not implemented is an
    /// error, never left out in silence.
    func readCommon(_ config: Config) throws {
        let decay = try config.optionalFloat("weight_decay")
        if config.contains("weight_decay") { weightDecay = decay }
        useEMA = try config.bool("use_ema", default: false)
        emaMomentum = try config.float("ema_momentum", default: 0.99)
        emaOverwriteFrequency = try Optimizer.count(config.optionalInt("ema_overwrite_frequency"))
        gradientAccumulationSteps = try Optimizer.count(config.optionalInt("gradient_accumulation_steps"))
        clipping = try GradientClipping(
            clipnorm: try config.optionalFloat("clipnorm"), clipvalue: try config.optionalFloat("clipvalue"),
            globalClipnorm: try config.optionalFloat("global_clipnorm"))
        try validateCommon()
        try config.refuse("loss_scale_factor")
        _ = config.value("jit_compile")
    }

    /// Keras takes 0 for none.
    static func count(_ steps: Int?) -> Int? { steps == 0 ? nil : steps }

    /// - Throws: `ConfigError` for a value that makes no sense.
    func validateCommon() throws {
        if let weightDecay, !(weightDecay >= 0 && weightDecay.isFinite) {
            throw ConfigError("expected a number that is not negative, found \(weightDecay)", at: ["weight_decay"])
        }
        if let gradientAccumulationSteps, gradientAccumulationSteps < 2 {
            throw ConfigError(
                "expected a whole number of at least 2, or nothing, found \(gradientAccumulationSteps)", at: ["gradient_accumulation_steps"]
            )
        }
        guard useEMA else { return }
        if !(0 ... 1).contains(emaMomentum) {
            throw ConfigError("expected a number between 0 and 1, found \(emaMomentum)", at: ["ema_momentum"])
        }
        if let emaOverwriteFrequency, emaOverwriteFrequency < 1 {
            throw ConfigError(
                "expected a whole number of at least 1, or nothing, found \(emaOverwriteFrequency)", at: ["ema_overwrite_frequency"])
        }
    }

    /// The optimizer as Keras writes it into `compile_config`.
    package var serialized: ConfigValue {
        let clip: (norm: Float?, globalNorm: Float?, value: Float?) =
            switch clipping {
            case nil: (nil, nil, nil)
            case .norm(let bound): (bound, nil, nil)
            case .globalNorm(let bound): (nil, bound, nil)
            case .value(let bound): (nil, nil, bound)
            }
        let common: [ConfigValue.Entry] = [
            .init("name", .string(name)), .init("learning_rate", schedule?.serialized ?? ConfigValue(constantRate)),
            .init("weight_decay", ConfigValue(weightDecay)), .init("clipnorm", ConfigValue(clip.norm)),
            .init("global_clipnorm", ConfigValue(clip.globalNorm)), .init("clipvalue", ConfigValue(clip.value)),
            .init("use_ema", .bool(useEMA)), .init("ema_momentum", ConfigValue(emaMomentum)),
            .init("ema_overwrite_frequency", ConfigValue(emaOverwriteFrequency)), .init("loss_scale_factor", nil),
            .init("gradient_accumulation_steps", ConfigValue(gradientAccumulationSteps)),
        ]
        return Optimizers.registry.serialized(className, common + config, module: module)
    }
}
