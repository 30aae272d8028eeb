/// The optimizers that `compile` and configurations name.
public enum Optimizers {
    nonisolated(unsafe) public static var registry = Registry<Optimizer>(
        "optimizer",
        [
            "SGD": { config in
                try common(config, 0.01) {
                    SGD(
                        learningRate: $0, momentum: try config.float("momentum", default: 0, in: 0 ... 1),
                        nesterov: try config.bool("nesterov", default: false), name: try config.string("name", default: "sgd"))
                }
            },
            "RMSprop": { config in
                try common(config, 0.001) {
                    RMSprop(
                        learningRate: $0, rho: try config.double("rho", default: 0.9), momentum: try config.float("momentum", default: 0),
                        epsilon: try config.float("epsilon", default: 1e-7), centered: try config.bool("centered", default: false),
                        name: try config.string("name", default: "rm_sprop"))
                }
            },
            "Adam": { config in
                try common(config, 0.001) {
                    Adam(
                        learningRate: $0, beta1: try config.double("beta_1", default: 0.9),
                        beta2: try config.double("beta_2", default: 0.999),
                        epsilon: try config.float("epsilon", default: 1e-7), amsgrad: try config.bool("amsgrad", default: false),
                        name: try config.string("name", default: "adam"))
                }
            },
            "Adagrad": { config in
                try common(config, 0.001) {
                    Adagrad(
                        learningRate: $0, initialAccumulatorValue: try config.float("initial_accumulator_value", default: 0.1),
                        epsilon: try config.float("epsilon", default: 1e-7), name: try config.string("name", default: "adagrad"))
                }
            },
            "Lamb": { config in
                try common(config, 0.001) {
                    Lamb(
                        learningRate: $0, beta1: try config.double("beta_1", default: 0.9),
                        beta2: try config.double("beta_2", default: 0.999),
                        epsilon: try config.float("epsilon", default: 1e-7), name: try config.string("name", default: "lamb"))
                }
            },
            "LARS": { config in
                try common(config, 0.01) {
                    LARS(
                        learningRate: $0, momentum: try config.float("momentum", default: 0.9),
                        nesterov: try config.bool("nesterov", default: false),
                        trustCoefficient: try config.float("trust_coefficient", default: 0.001),
                        epsilon: try config.float("epsilon", default: 0), name: try config.string("name", default: "lars"))
                }
            },
        ])

    /// Reads what all optimizers have. Keras writes all of it; what would change the training and is not implemented is an
    /// error, never left out in silence.
    private static func common(_ config: Config, _ rate: Float, _ make: (any LearningRateSpec) throws -> Optimizer) throws -> Optimizer {
        let optimizer = try make(try config.learningRate("learning_rate", default: rate))
        optimizer.weightDecay = try config.optionalFloat("weight_decay")
        optimizer.gradientAccumulationSteps = try Optimizer.accumulation(config.optionalInt("gradient_accumulation_steps"))
        optimizer.clipping = try GradientClipping(
            clipnorm: try config.optionalFloat("clipnorm"), clipvalue: try config.optionalFloat("clipvalue"),
            globalClipnorm: try config.optionalFloat("global_clipnorm"))
        try optimizer.validateCommon()
        try config.refuse("loss_scale_factor")
        if try config.bool("use_ema", default: false) { throw ConfigError("use_ema is not supported yet", at: ["use_ema"]) }
        _ = config.value("ema_momentum")
        _ = config.value("ema_overwrite_frequency")
        _ = config.value("jit_compile")
        return optimizer
    }
}

extension Optimizer {
    /// Keras takes 0 for none.
    static func accumulation(_ steps: Int?) -> Int? { steps == 0 ? nil : steps }

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
            .init("global_clipnorm", ConfigValue(clip.globalNorm)), .init("clipvalue", ConfigValue(clip.value)), .init("use_ema", false),
            .init("ema_momentum", 0.99), .init("ema_overwrite_frequency", nil), .init("loss_scale_factor", nil),
            .init("gradient_accumulation_steps", ConfigValue(gradientAccumulationSteps)),
        ]
        return .serialized(module: module, className, common + config)
    }
}
