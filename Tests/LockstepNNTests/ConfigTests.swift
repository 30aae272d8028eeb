import Foundation
import LockstepNN
import LockstepTensor
import XCTest

/// A configuration's mistakes are errors that name the place, what was expected and the nearest known name.
final class ConfigTests: XCTestCase {
    private func assertError(_ want: String, line: UInt = #line, _ body: () throws -> Any) {
        XCTAssertThrowsError(try body(), want, line: line) { XCTAssertEqual("\($0)", want, line: line) }
    }

    func testArguments() {
        assertError(
            "Dense.unit: unknown argument \"unit\"; did you mean units? Known: units, activation, use_bias, kernel_initializer, bias_initializer, "
                + "kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint, name, quantization_config"
        ) {
            try Layers.registry.make("Dense", .object(["units": 3, "unit": 3]))
        }
        // As Keras would have it, but written by hand; what Keras wrote names the module.
        let typo: ConfigValue = .object(["class_name": "Dense", "config": .object(["units": 3, "unit": 3])])
        XCTAssertThrowsError(try Layers.registry.make(typo)) { XCTAssert("\($0)".hasPrefix("Dense.unit: unknown argument"), "\($0)") }
        XCTAssertNoThrow(try Layers.registry.make(.object(["module": "keras.layers", "class_name": "Dense", "config": typo["config"]!])))
        assertError("Dense: missing units: expected a whole number") { try Layers.registry.make("Dense") }
        assertError("Dense.units: expected a whole number, found \"three\"") {
            try Layers.registry.make("Dense", .object(["units": "three"]))
        }
        assertError("Dense.units: expected a whole number, found the number 2.5") {
            try Layers.registry.make("Dense", .object(["units": 2.5]))
        }
        assertError("Dense.units: expected a positive number, found 0") { try Layers.registry.make("Dense", .object(["units": 0])) }
        assertError("Dense.use_bias: expected true or false, found the number 1") {
            try Layers.registry.make("Dense", .object(["units": 3, "use_bias": 1]))
        }
        assertError("Dense.activation: expected an activation by name, found a list") {
            try Layers.registry.make("Dense", .object(["units": 3, "activation": .array([])]))
        }
        assertError(
            "Dense.kernel_initializer: unknown initializer \"glorot\". Known: \(Initializers.registry.names.joined(separator: ", "))"
        ) {
            try Layers.registry.make("Dense", .object(["units": 3, "kernel_initializer": "glorot"]))
        }
        assertError("Dense.bias_regularizer.L2.l2: expected a number that is not negative, found -1.0") {
            try Layers.registry.make("Dense", .object(["units": 3, "bias_regularizer": .object(["L2": .object(["l2": -1])])]))
        }
        assertError("Dense.kernel_constraint: expected a constraint by name, found the number 2") {
            try Layers.registry.make("Dense", .object(["units": 3, "kernel_constraint": 2]))
        }
        assertError("Dense.quantization_config: quantization_config is not supported yet") {
            try Layers.registry.make("Dense", .object(["units": 3, "quantization_config": .object([])]))
        }
        assertError("Dropout.rate: expected a number between 0 and 1, found 1.5") {
            try Layers.registry.make("Dropout", .object(["rate": 1.5]))
        }
        assertError("Dropout.noise_shape: expected lengths of axes, found \"a\"") {
            try Layers.registry.make("Dropout", .object(["rate": 0.5, "noise_shape": .array(["a"])]))
        }
        assertError("Input.shape: expected lengths of axes, found \"a\"") {
            try Layers.registry.make("Input", .object(["shape": .array(["a"])]))
        }
        assertError("InputLayer: missing shape: expected the lengths of one sample's axes, such as [28, 28]") {
            try Layers.registry.make("InputLayer")
        }
        assertError("Flatten.data_format: expected channels_last, found \"channels_first\"") {
            try Layers.registry.make("Flatten", .object(["data_format": "channels_first"]))
        }
        assertError(
            "SGD.momentm: unknown argument \"momentm\"; did you mean momentum? Known: learning_rate, momentum, nesterov, name, weight_decay, "
                + "use_ema, ema_momentum, ema_overwrite_frequency, gradient_accumulation_steps, clipnorm, clipvalue, global_clipnorm, "
                + "loss_scale_factor, jit_compile"
        ) {
            try Optimizers.registry.make("SGD", .object(["momentm": 0.9]))
        }
        assertError("MeanSquaredError.reduction: unknown reduction \"avg\". Known: sum, sum_over_batch_size, mean_with_sample_weight") {
            try Losses.registry.make("mse", .object(["reduction": "avg"]))
        }
    }

    /// Numbers that no float32, no axis or no memory can hold, and those that are none, are refused at their key.
    func testNumbersOutOfRange() {
        func optimizer(_ name: String, _ key: String, _ value: ConfigValue) -> () throws -> Any {
            { try Optimizers.registry.make(name, .object([.init(key, value)])) }
        }
        for (name, keys) in [
            "SGD": ["learning_rate", "momentum", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm"],
            "RMSprop": ["rho", "momentum", "epsilon"],
            "Adam": ["beta_1", "beta_2", "epsilon"], "Adagrad": ["initial_accumulator_value", "epsilon"], "Lamb": ["beta_1", "epsilon"],
            "LARS": ["momentum", "trust_coefficient", "epsilon"],
        ] {
            for key in keys {
                for (number, text) in [(Double.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf")] {
                    assertError("\(name).\(key): expected a finite number, found \(text)", optimizer(name, key, .double(number)))
                }
                assertError("\(name).\(key): expected a finite number, found nan", optimizer(name, key, "nan"))
            }
        }
        assertError("Adam.epsilon: expected a number that float32 can hold, found 1e+300", optimizer("Adam", "epsilon", 1e300))
        assertError("SGD.momentum: expected a number between 0 and 1, found 1.5", optimizer("SGD", "momentum", 1.5))
        assertError("SGD.momentum: expected a number between 0 and 1, found -0.1", optimizer("SGD", "momentum", -0.1))
        XCTAssertEqual((try Optimizers.registry.make("SGD", .object(["momentum": 1])) as! SGD).momentum, 1)
        XCTAssertNil(try Optimizers.registry.make("SGD", .object(["gradient_accumulation_steps": 0])).gradientAccumulationSteps)
        XCTAssertEqual((try Optimizers.registry.make("Adam", .object(["beta_1": 1.5])) as! Adam).beta1, 1.5, "Keras takes it")

        func schedule(_ name: String, _ arguments: ConfigValue) -> () throws -> Any {
            { try LearningRateSchedules.registry.make(name, arguments) }
        }
        assertError(
            "PiecewiseConstantDecay.boundaries: expected numbers of steps, found the number 1e+300",
            schedule("PiecewiseConstantDecay", .object(["boundaries": .array([1e300]), "values": .array([1, 2])])))
        assertError(
            "PiecewiseConstantDecay.boundaries: expected numbers of steps, found the number nan",
            schedule("PiecewiseConstantDecay", .object(["boundaries": .array([.double(.nan)]), "values": .array([1, 2])])))
        assertError(
            "PiecewiseConstantDecay.values: expected numbers, found the number inf",
            schedule("PiecewiseConstantDecay", .object(["boundaries": .array([1]), "values": .array([1, .double(.infinity)])])))
        assertError(
            "CosineDecay.decay_steps: expected a whole number, found the number 1e+300",
            schedule("CosineDecay", .object(["initial_learning_rate": 1, "decay_steps": 1e300])))

        func layer(_ name: String, _ arguments: ConfigValue) -> () throws -> Any { { try Layers.registry.make(name, arguments) } }
        assertError(
            "Dense.units: expected a length of at most 2147483647, found 4611686018427387904",
            layer("Dense", .object(["units": 4611686018427387904])))
        assertError("Dense.units: expected a length of at most 2147483647, found 10000000000000", layer("Dense", .object(["units": 1e13])))
        assertError("Dense.units: expected a whole number, found the number 1e+20", layer("Dense", .object(["units": 1e20])))
        assertError(
            "Input.shape: expected a length of at most 2147483647, found 4294967296",
            layer("Input", .object(["shape": .array([4294967296])])))
        assertError("Input.shape: expected lengths of axes, found the number -3", layer("Input", .object(["shape": .array([-3])])))
        assertError(
            "Input.shape: expected a shape whose elements memory can hold, found (2147483647, 2147483647, 2147483647)",
            layer("Input", .object(["shape": .array([2147483647, 2147483647, 2147483647])])))
        assertError(
            "BatchNormalization.momentum: expected a finite number, found nan",
            layer("BatchNormalization", .object(["momentum": .double(.nan)])))
        assertError(
            "BatchNormalization.epsilon: expected a finite number, found inf",
            layer("BatchNormalization", .object(["epsilon": .double(.infinity)])))
        assertError("Dropout.rate: expected a finite number, found nan", layer("Dropout", .object(["rate": .double(.nan)])))
        assertError("VarianceScaling.scale: expected a positive number, found 0.0") {
            try Initializers.registry.make("VarianceScaling", .object(["scale": 0]))
        }
        assertError("RandomNormal.stddev: expected a finite number, found nan") {
            try Initializers.registry.make("RandomNormal", .object(["stddev": .double(.nan)]))
        }
        assertError("BinaryCrossentropy.label_smoothing: expected a finite number, found inf") {
            try Losses.registry.make("bce", .object(["label_smoothing": .double(.infinity)]))
        }
        assertError("AUC.num_thresholds: expected a number of at most 16777216, found 9223372036854775807") {
            try Metrics.registry.make("AUC", .object(["num_thresholds": .int(.max)]))
        }
        assertError("BinaryAccuracy.threshold: expected a finite number, found nan") {
            try Metrics.registry.make("BinaryAccuracy", .object(["threshold": .double(.nan)]))
        }
    }

    func testUnknownNamesListTheKnownOnes() {
        assertError(
            "unknown metric \"acuracy\"; did you mean Accuracy? Known: \(Metrics.registry.names.joined(separator: ", ")), accuracy, acc"
        ) { try "acuracy".validate() }
        assertError("metric \"accuracy\" takes no arguments; give its name alone") {
            try Metrics.registry.make("accuracy", .object(["name": "a"]))
        }
        assertError("unknown loss \"mes\"; did you mean mse? Known: \(Losses.registry.names.joined(separator: ", "))") {
            try Losses.registry.make("mes")
        }
        assertError("unknown layer \"Dens\"; did you mean Dense? Known: \(Layers.registry.names.joined(separator: ", "))") {
            try Layers.registry.make("Dens")
        }
        assertError(
            "unknown optimizer \"adamm\"; did you mean Adam? Known: \(Optimizers.registry.names.joined(separator: ", "))"
        ) {
            try Optimizers.registry.make("adamm")
        }
        assertError("unknown loss \"wasserstein\". Known: \(Losses.registry.names.joined(separator: ", "))") {
            try Losses.registry.make("wasserstein")
        }
        assertError("expected one layer by name, found a, b") { try Layers.registry.make(.object(["a": 1, "b": 2])) }
        assertError("expected a layer by name, found the number 3") { try Layers.registry.make(.int(3)) }
        assertError("Dense: expected arguments by name, found a list") { try Layers.registry.make(.object(["Dense": .array([])])) }
    }

    /// Class names, short names, snake case; Keras' form is read although it has arguments that do not matter here.
    func testNamesAndForms() throws {
        for (name, want) in [
            ("mse", "MeanSquaredError"), ("mean_squared_error", "MeanSquaredError"), ("MeanSquaredError", "MeanSquaredError"),
            ("mae", "MeanAbsoluteError"),
            ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"), ("bce", "BinaryCrossentropy"),
        ] {
            XCTAssertEqual(try Losses.registry.make(name).className, want)
        }
        for (name, want) in [("adam", "Adam"), ("sgd", "SGD"), ("rmsprop", "RMSprop"), ("RMSprop", "RMSprop"), ("adagrad", "Adagrad")] {
            XCTAssertEqual(try Optimizers.registry.make(name).className, want)
        }
        XCTAssertEqual(try Layers.registry.make(.string("Flatten")).className, "Flatten")
        XCTAssertEqual((try Layers.registry.make(.object(["Dense": .object(["units": 3])])) as! Dense).units, 3)
        let keras: ConfigValue = .object([
            "module": "keras.layers", "class_name": "Dense", "config": .object(["units": 3, "quantization_config": nil, "lora_rank": nil]),
            "registered_name": nil,
        ])
        XCTAssertEqual((try Layers.registry.make(keras) as! Dense).units, 3)
        XCTAssertEqual((try Optimizers.registry.make("sgd", .object(["learning_rate": "1e-3"]))).learningRate, 0.001)
    }

    /// The path to the mistake leads through the model.
    func testPlaceInAModel() {
        func model(_ layers: ConfigValue...) throws -> Sequential {
            try Sequential(config: .object(["layers": .array(layers)]), strict: true)
        }
        assertError("layers.1.Dense.units: expected a whole number, found \"x\"") {
            try model(.object(["Input": .object(["shape": .array([3])])]), .object(["Dense": .object(["units": "x"])]))
        }
        assertError("layers.1: the name \"a\" is taken by another layer") {
            try model(.object(["Dense": .object(["units": 1, "name": "a"])]), .object(["Dense": .object(["units": 1, "name": "a"])]))
        }
        assertError("layers.1: an Input can only be the first layer") {
            try model(.string("Flatten"), .object(["Input": .object(["shape": .array([3])])]))
        }
        assertError("layers: expected a list of layers") { try Sequential(config: .object([:])) }
    }

    func testRegisterOnesOwn() throws {
        final class Twice: Layer {
            override func call(_ input: Tensor, training: Bool) -> Tensor { input * 2 }
        }
        var registry = Layers.registry
        registry.register("Twice") { Twice(name: try $0.optionalString("name")) }
        XCTAssertEqual(try registry.make("twice")(Tensor([[3]] as [[Float]])).scalar, 6)
        XCTAssertTrue(registry.names.contains("Twice"))
        XCTAssertFalse(Layers.registry.names.contains("Twice"))
        // By package, as files name it; Keras' own of the same name is another.
        registry.register("Dense", package: "mine") { Twice(name: try $0.optionalString("name")) }
        func layer(_ name: String, module: ConfigValue, _ registered: ConfigValue) throws -> Layer {
            try registry.make(
                .object(["module": module, "class_name": .string(name), "config": .object([:]), "registered_name": registered]))
        }
        XCTAssertTrue(try layer("Dense", module: "mine", "mine>Dense") is Twice)
        XCTAssertTrue(try layer("mine>Dense", module: nil, nil) is Twice)
        XCTAssertEqual(registry.serialized("Twice", [], module: "keras.layers")["registered_name"], "Custom>Twice")
        XCTAssertEqual(Layers.registry.serialized("Dense", [], module: "keras.layers")["registered_name"], .null)
        assertError(
            "layer \"other>Dense\" is a class of one's own that is not registered here; before the file is opened, registry.register(\"Dense\", package: \"other\") { … } says how it is made of its config"
        ) { try layer("Dense", module: "other", "other>Dense") }
    }

    // MARK: JSON

    /// As Python's json.dumps writes it, and back.
    func testJSON() throws {
        let value: ConfigValue = .object([
            "a": 1, "b": .array([nil, true, 0.5]), "c": "say \"hi\"\n\tand \\ \u{01} é 🙂", "d": .object([:]), "e": .array([]), "f": 1e-7,
        ])
        let text = #"{"a": 1, "b": [null, true, 0.5], "c": "say \"hi\"\n\tand \\ \u0001 é 🙂", "d": {}, "e": [], "f": 1e-07}"#
        XCTAssertEqual(value.json, text)
        XCTAssertEqual(ConfigValue(Float(0.1)).json, "0.1")
        XCTAssertEqual(ConfigValue.double(.nan).json, "NaN")
        XCTAssertEqual(ConfigValue.double(-.infinity).json, "-Infinity")
        XCTAssertEqual(ConfigValue(Shape([-1, 28])).json, "[null, 28]")
        let read = try ConfigValue(json: Data(text.utf8))
        for entry in value.entries { XCTAssertEqual(read[entry.key], entry.value, entry.key) }
    }
}
