import XCTest

/// Every mistake in a config: status 2 and one line that says where, on one process and on three ranks.
final class BadConfigTests: XCTestCase {
    func testKeys() throws {
        try check(
            Config.with { $0.fit = "fit: {epohcs: 2}" }, says: "config.yaml:11:7: fit.epohcs: unknown key \"epohcs\"; did you mean epochs?",
            ranks: 3)
        try check(
            Config.with { $0.rest = "callback: []" }, says: "config.yaml:12:1: callback: unknown key \"callback\"; did you mean callbacks?")
        try check(Config.with { $0.compile = "compile: {los: mse}" }, says: "config.yaml:10:11: compile.los: unknown key")
        try check(
            Config.with { $0.data = "data: {train: {digits: {coutn: 3}}}" },
            says: "config.yaml:6:25: data.train.digits.coutn: unknown key \"coutn\"; did you mean count?")
        try check(
            Config.with { $0.data = "data: {train: {digit: {count: 3}}}" },
            says: "config.yaml:6:16: data.train.digit: unknown key \"digit\"; did you mean digits?")
        try check(
            Config.with { $0.data = "data: {train: {digits: {}, npz: a.npz}}" },
            says: "expected one of idx, npz, npy, digits, found npz and digits")
        try check(Config.with { $0.fit = "fit: {seed: 1, seed: 2}" }, says: "\"seed\" is there twice")
        try check(
            Config.with { $0.model = "model: {layers: [{Flatten: {input_shape: [28, 28]}}, {Dense: {units: 10, activaton: relu}}]}" },
            says: "config.yaml:1:74: model.layers.1.Dense.activaton: unknown argument \"activaton\"; did you mean activation?")
        try check(Config.with { $0.model = "model: {name: a}" }, says: "config.yaml:1:1: model: missing layers")
        try check("fit: {epochs: 1}\n", says: "missing model")
        try check("", says: "config is empty")
    }

    func testTypes() throws {
        try check(
            Config.with { $0.fit = "fit: {epochs: many}" }, says: "config.yaml:11:7: fit.epochs: expected a whole number, found \"many\"",
            ranks: 3)
        try check(Config.with { $0.fit = "fit: {epochs: 0}" }, says: "fit.epochs: expected a whole number of at least 1, found 0")
        try check(Config.with { $0.fit = "fit: {batch_size: 1.5}" }, says: "fit.batch_size: expected a whole number, found the number 1.5")
        try check(Config.with { $0.fit = "fit: {shuffle: yes}" }, says: "fit.shuffle: expected true or false, found \"yes\"")
        try check(Config.with { $0.fit = "fit: 3" }, says: "config.yaml:11:1: fit: expected arguments by name, found the number 3")
        try check(Config.with { $0.model = "model: [Dense]" }, says: "config.yaml:1:1: model: expected a mapping with layers")
        try check(
            Config.with { $0.compile = "compile: {optimizer: {SGD: {learning_rate: fast}}, loss: mse}" },
            says: "config.yaml:10:29: compile.optimizer.SGD.learning_rate: expected a number, found \"fast\"")
        try check(Config.with { $0.rest = "callbacks: {CSVLogger: 1}" }, says: "callbacks: expected a list")
        try check(Config.with { $0.fit = "fit: [" }, says: "config.yaml:", "not YAML")
    }

    /// Numbers that no memory, no time and no arithmetic are enough for, or that are none.
    func testNumbers() throws {
        func shards(_ number: String) -> String { Config.with { $0.rest = "distributed: {logical_shards: \(number)}" } }
        for number in ["4097", "1000000000000", "9223372036854775807"] {
            try check(
                shards(number),
                says: "config.yaml:12:15: distributed.logical_shards: expected a whole number of at most 4096, found \(number)")
        }
        try check(shards("0"), says: "distributed.logical_shards: expected a whole number of at least 1")
        func digits(_ number: String) -> String { Config.with { $0.data = "data: {train: {digits: {count: \(number)}}}" } }
        try check(
            digits("9223372036854775807"), says: "config.yaml:6:25: data.train.digits.count: expected a whole number of at most 2147483647",
            ranks: 3)
        try check(digits("2147483647"), says: "config.yaml:6:25: data.train.digits.count: 2147483647 digits take 1692217113836 bytes")
        func source(_ setting: String) -> String { Config.with { $0.data = "data: {train: {digits: {}, \(setting)}}" } }
        try check(source("take: 0"), says: "data.train.take: expected a whole number of at least 1, found 0")
        for scale in [".nan", ".inf", "0", "1e-60", "1e60"] { try check(source("scale: \(scale)"), says: "data.train.scale: expected") }
        for (split, words) in [
            ("1", "fraction between 0 and 1"), ("-0.1", "fraction between 0 and 1"), (".nan", "finite"), (".inf", "finite"),
        ] {
            try check(
                Config.with { $0.data = "data: {train: {digits: {}}, validation: {split: \(split)}}" },
                says: "data.validation.split: expected a \(words)")
        }
        func distributed(_ setting: String) -> String { Config.with { $0.rest = "distributed: {\(setting)}" } }
        for seconds in [".nan", ".inf", "1e300"] {
            try check(distributed("watchdog_seconds: \(seconds)"), says: "config.yaml:12:15: distributed.watchdog_seconds: ", "expected a ")
        }
        try check(
            distributed("desync_check_steps: 9223372036854775807"), says: "distributed.desync_check_steps: expected a number of steps")
        for epochs in ["9223372036854775807", "1e30"] {
            try check(Config.with { $0.fit = "fit: {epochs: \(epochs)}" }, says: "config.yaml:11:7: fit.epochs: expected a whole number")
        }
        for callback in [
            "EarlyStopping: {patience: 9223372036854775807}", "EarlyStopping: {patience: -1}", "EarlyStopping: {min_delta: .nan}",
            "EarlyStopping: {baseline: .nan}", "ReduceLROnPlateau: {factor: .nan}", "ReduceLROnPlateau: {min_lr: .inf}",
            "ReduceLROnPlateau: {cooldown: 9223372036854775807}", "LearningRateScheduler: {schedule: }",
        ] {
            let key = callback.split(separator: "{")[1].split(separator: ":")[0]
            try check(Config.with { $0.rest = "callbacks: [{\(callback)}]" }, says: "callbacks.0.", ".\(key): expected a")
        }
    }

    /// What the core refuses of a model names the config.
    func testWhatALayerRefuses() throws {
        try check(
            Config.with { $0.model = "model: {layers: [{Dense: {units: 3, input_shape: [4, null]}}]}" }, says: "config.yaml: in ",
            "the last axis of the input must be known")
        for (layer, words) in [
            ("Conv2D: {filters: 4, kernel_size: 30}", "a kernel of [30, 30] is larger than the input"),
            ("Conv2D: {filters: 4, kernel_size: 3, groups: 3}", "groups that divides the 4 filters, got 3"),
            ("Conv2D: {filters: 4, kernel_size: 3, strides: 2, dilation_rate: 2}", "do not go together"),
            ("Conv2D: {filters: 4, kernel_size: 3, padding: causal}", "unknown padding \"causal\""),
            ("DepthwiseConv2D: {kernel_size: 3, depth_multiplier: 0}", "expected a positive number, found 0"),
            ("MaxPooling2D: {pool_size: 30}", "a window of [30, 30] is larger than the input"),
            ("Cropping2D: {cropping: 14}", "leaves nothing of an input"),
            ("UpSampling2D: {interpolation: bilinear}", "expected nearest"),
            ("LSTM: {units: 3}", "LSTM: expected 3 axes"),
            ("Bidirectional: {layer: {class_name: Dense, config: {units: 3}}}", "expected an LSTM, a GRU or a SimpleRNN, found Dense"),
            ("GroupNormalization: {groups: 5}", "groups must divide the number of channels"),
            ("SpatialDropout2D: {rate: 2}", "expected a number between 0 and 1, found 2.0"),
        ] {
            let layers = "[{Reshape: {target_shape: [28, 28, 1], input_shape: [28, 28]}}, {\(layer)}, {Flatten: {}}]"
            try check(Config.with { $0.model = "model: {layers: \(layers)}" }, says: words)
        }
    }

    func testNames() throws {
        try check(
            Config.with { $0.compile = "compile: {loss: sparse_categorical_crossentropi}" },
            says: "config.yaml:10:11: compile.loss: unknown loss", "did you mean SparseCategoricalCrossentropy?", ranks: 3)
        try check(
            Config.with { $0.compile = "compile: {optimizer: adamm, loss: mse}" },
            says: "compile.optimizer: unknown optimizer \"adamm\"; did you mean Adam?", "RMSprop, SGD")
        try check(
            Config.with { $0.compile = "compile: {loss: mse, metrics: [acuracy]}" }, says: "compile.metrics.0: unknown metric \"acuracy\"")
        try check(
            Config.with { $0.model = "model: {layers: [{Dens: {units: 3}}]}" },
            says: "config.yaml:1:18: model.layers.0: unknown layer \"Dens\"; did you mean Dense?")
        try check(
            Config.with { $0.model = "model: {layers: [{Dense: {units: 3, activation: rellu}}]}" },
            says: "config.yaml:1:37: model.layers.0.Dense.activation: unknown activation \"rellu\"; did you mean relu?")
        try check(
            Config.with { $0.rest = "callbacks:\n  - LateStopping: {patience: 2}" },
            says: "config.yaml:13:5: callbacks.0.LateStopping: unknown callback \"LateStopping\"", "Known: CSVLogger")
        try check(
            Config.with { $0.rest = "callbacks: [LambdaCallback]" },
            says: "callbacks.0.LambdaCallback: LambdaCallback takes functions, which only a program can give")
        try check(
            Config.with { $0.model = "model: {class_name: Sequentiel, config: {layers: []}}" },
            says: "unknown model class \"Sequentiel\"; did you mean Sequential?")
        try check(Config.with { $0.compile = "compile: {optimizer: adam}" }, says: "compile.loss: missing")
        try check(Config.with { $0.compile = "" }, says: "missing compile")
    }

    func testWhatIsNotThereYet() throws {
        try check(Config.with { $0.data = "data: {train: {csv: a.csv}}" }, says: "csv is not supported yet")
    }

    func testCheckpoints() throws {
        try check(Config().text, "--resume", "latest", says: "out has no checkpoints; name another directory, or begin anew")
        try check(Config().text, "--resume", "none.keras", says: "none.keras: no such file")
        try check(
            Config.with { $0.rest = "checkpoints: {every_steps: 0}" },
            says: "checkpoints.every_steps: expected a whole number of at least 1, found 0")
        try check(
            Config.with { $0.rest = "checkpoints: {best: val_f1}" },
            says: "checkpoints: Checkpoints: ")
        for name in ["{epoch}.h6", "best", "best.weights.h5"] {
            try check(
                Config.with { $0.rest = "callbacks: [ModelCheckpoint: {filepath: \"\(name)\"}]" },
                says: "\(name): expected a name that ends in .keras or .h5")
        }
        try check(
            Config.with { $0.rest = "callbacks: [ModelCheckpoint: {filepath: \"{acc:.2f}.keras\"}]" },
            says: "{acc}; expected one of epoch, ")
    }

    func testDistribution() throws {
        try check(
            Config.with { $0.rest = "distributed: {logical_shards: 2}" }, says: "logical_shards: 2 are fewer than the 3 ranks", ranks: 3,
            alone: false)
        try check(
            Config.with { $0.rest = "distributed: {watchdog_seconds: -3}" },
            says: "config.yaml:12:15: distributed.watchdog_seconds: -3.0: expected a number of at least 0")
        try check(
            Config.with { $0.rest = "distributed: {watchdog_seconds: soon}" },
            says: "config.yaml:12:15: distributed.watchdog_seconds: expected a number")
    }

    func testOverrides() throws {
        try check(
            Config().text, "--set", "fit.epohcs=3", says: "--set fit.epohcs=3: fit.epohcs: unknown key \"epohcs\"; did you mean epochs?",
            ranks: 3)
        try check(Config().text, "--set", "fit.epochs=three", says: "--set fit.epochs=three: fit.epochs: expected a whole number")
        try check(Config().text, "--set", "fit.epochs", says: "--set fit.epochs: expected key.key=value")
        try check(Config().text, "--set", "model.layers.7=Flatten", says: "expected a place in the list, 0 to 2")
        try check(Config().text, "--set", "compile.loss.name=3", says: "expected a mapping around it")
    }

    func testEnvironment() throws {
        let text = Config.with { $0.data = "data: {train: {npz: \"${LOCKSTEP_NOT_SET}/a.npz\"}}" }
        try check(text, says: "config.yaml:6:21: the environment variable LOCKSTEP_NOT_SET is not set")
        try check(text.replacing("_SET}", with: "_SET:-/nowhere}"), says: "/nowhere/a.npz: no such file")
    }

    /// Trains with a config that is wrong: alone and, if asked for, on some ranks.
    private func check(
        _ text: String, _ options: String..., says parts: String..., ranks: Int? = nil, alone: Bool = true, line: UInt = #line
    ) throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", text)
        for ranks in (alone ? [nil] : []) + (ranks.map { [$0] } ?? []) {
            let result = try CommandRun.run(ranks: ranks, ["train", config, "--output", folder["out"]] + options)
            expectRefusal(result, parts, line: line)
        }
        XCTAssertFalse(folder.exists("out/model.keras"), line: line)
    }
}
