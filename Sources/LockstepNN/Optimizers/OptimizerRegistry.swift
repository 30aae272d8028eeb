/// The optimizers that `compile` and configurations name.
public enum Optimizers {
    nonisolated(unsafe) public static var registry = Registry<Optimizer>(
        "optimizer",
        [
            "SGD": { config in
                try refuse(config)
                return SGD(
                    learningRate: try rate(config, 0.01), momentum: try config.float("momentum", default: 0),
                    nesterov: try config.bool("nesterov", default: false), name: try config.string("name", default: "sgd"))
            },
            "RMSprop": { config in
                try refuse(config)
                return RMSprop(
                    learningRate: try rate(config, 0.001), rho: try config.double("rho", default: 0.9),
                    momentum: try config.float("momentum", default: 0),
                    epsilon: try config.float("epsilon", default: 1e-7), centered: try config.bool("centered", default: false),
                    name: try config.string("name", default: "rm_sprop"))
            },
            "Adam": { config in
                try refuse(config)
                return Adam(
                    learningRate: try rate(config, 0.001), beta1: try config.double("beta_1", default: 0.9),
                    beta2: try config.double("beta_2", default: 0.999),
                    epsilon: try config.float("epsilon", default: 1e-7), amsgrad: try config.bool("amsgrad", default: false),
                    name: try config.string("name", default: "adam"))
            },
            "Adagrad": { config in
                try refuse(config)
                return Adagrad(
                    learningRate: try rate(config, 0.001),
                    initialAccumulatorValue: try config.float("initial_accumulator_value", default: 0.1),
                    epsilon: try config.float("epsilon", default: 1e-7), name: try config.string("name", default: "adagrad"))
            },
        ])

    private static func rate(_ config: Config, _ fallback: Float) throws -> Float {
        let rate = try config.float("learning_rate", default: fallback)
        guard rate.isFinite, rate >= 0 else {
            throw ConfigError("expected a number that is not negative, found \(rate)", at: ["learning_rate"])
        }
        return rate
    }

    /// Keras writes these for every optimizer. What would change the training and is not implemented is an error, never
    /// left out in silence.
    private static func refuse(_ config: Config) throws {
        try config.refuse("weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "loss_scale_factor", "gradient_accumulation_steps")
        if try config.bool("use_ema", default: false) { throw ConfigError("use_ema is not supported yet", at: ["use_ema"]) }
        _ = config.value("ema_momentum")
        _ = config.value("ema_overwrite_frequency")
        _ = config.value("jit_compile")
    }
}
