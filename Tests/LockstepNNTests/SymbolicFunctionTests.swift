import LockstepNN
import LockstepTensor
import XCTest

final class SymbolicFunctionTests: XCTestCase {
    override func setUp() { clearSession() }

    /// What Golden/golden.py calls of `keras.ops`, by the names there; what is called `file_…` there only files hold.
    private let functions: [String: ([KerasTensor]) -> KerasTensor] = [
        "relu": { relu($0[0]) }, "sigmoid": { sigmoid($0[0]) }, "softplus": { softplus($0[0]) }, "tanh": { tanh($0[0]) },
        "exp": { exp($0[0]) }, "expm1": { expm1($0[0]) }, "log": { log($0[0]) }, "log1p": { log1p($0[0]) }, "sqrt": { sqrt($0[0]) },
        "rsqrt": { rsqrt($0[0]) }, "reciprocal": { reciprocal($0[0]) }, "square": { square($0[0]) }, "abs": { abs($0[0]) },
        "sign": { sign($0[0]) }, "sin": { sin($0[0]) }, "cos": { cos($0[0]) }, "erf": { erf($0[0]) }, "floor": { floor($0[0]) },
        "ceil": { ceil($0[0]) }, "round": { round($0[0]) }, "negative": { -$0[0] }, "softmax": { softmax($0[0]) },
        "softmax_1": { softmax($0[0], axis: 1) }, "log_softmax_1": { logSoftmax($0[0], axis: 1) }, "clip": { clip($0[0], -0.5, 0.75) },
        "add": { $0[0] + $0[1] }, "add_number": { $0[0] + 1.5 }, "number_add": { 1.5 + $0[0] }, "subtract": { $0[0] - $0[1] },
        "number_subtract": { 1.5 - $0[0] }, "multiply": { $0[0] * $0[1] }, "divide": { $0[0] / $0[1] },
        "number_divide": { 1.5 / $0[0] }, "maximum": { maximum($0[0], $0[1]) }, "maximum_number": { maximum($0[0], 0.5) },
        "minimum": { minimum($0[0], $0[1]) }, "power": { pow($0[0], $0[1]) }, "power_number": { pow($0[0], 2.5) },
        "number_power": { pow(2.5, $0[0]) }, "matmul": { matmul($0[0], $0[1]) }, "greater_where": { `where`($0[0] .> $0[1], $0[0], $0[2]) },
        "less": { ($0[0] .< $0[1]).cast(to: .float32) }, "logical_or": { logicalOr($0[0] .>= $0[1], $0[0] .<= 0.5).cast(to: .int32) },
        "equal": { ($0[0] .== $0[0]).cast(to: .float32) }, "sum": { $0[0].sum(axes: [1]) },
        "mean": { mean($0[0], axes: [-1], keepDims: true) }, "mean_all": { $0[0].mean() }, "var": { $0[0].variance(axes: [1, 2]) },
        "prod": { $0[0].prod(axes: [1]) }, "max": { $0[0].max(axes: [1]) }, "min": { $0[0].min(axes: [1, 2], keepDims: true) },
        "argmax": { $0[0].argmax() }, "argmin": { $0[0].argmin(axis: 1) }, "reshape": { $0[0].reshaped([-1, 2, 6]) },
        "transpose": { $0[0].transposed([0, 2, 1]) }, "expand_dims": { $0[0].expandingDims(axis: -1) }, "squeeze": { $0[0].squeezed() },
        "squeeze_axis": { $0[0].squeezed(axes: [2]) }, "stack": { stack([$0[0], $0[1]], axis: 1) }, "one_hot": { oneHot($0[0], 4) },
        "take": { sum($0[0], axes: [0]).gathered($0[1]) }, "cast": { $0[0].cast(to: .float32) * 0.5 },
        "item": { $0[0][all, all, 1] }, "items": { $0[0][all, 1 ..< 3, -1] }, "item_first": { $0[0][all, 0] },
    ]

    /// Each function, written in Swift and read from Keras' file: its outputs, its type, and what is written of the model.
    func testAgainstKeras() throws {
        let golden = try golden("operations")
        var untested = Set(functions.keys)
        for test in golden["cases"]!.items {
            let name = test["name"]!.text!, want = test["y"]!.tensor
            let keys = test["inputs"]!.items.map { $0.text! }
            let inputs = keys.map { golden["arrays"]![$0]!.tensor.cast(to: $0 == "i" ? .int32 : .float32) }
            func compare(_ model: Model, _ note: String) {
                let y: Tensor = model(inputs)
                XCTAssertEqual(y.shape, want.shape, note)
                XCTAssertEqual(y.dtype.rawValue, test["dtype"]!.text!, note)
                assertNear(y.cast(to: .float32).scalars, want.scalars, tolerance: 3e-6, note)
            }
            clearSession()
            let read = try Model.make(.object(["class_name": "Functional", "config": test["config"]!]))
            compare(read, "\(name), read")
            // Arguments are written in their places.
            if name != "file_keyword" { assertSame(.object(read.config), test["config"]!, at: "\(name), read and written") }
            guard !name.hasPrefix("file_") else { continue }
            clearSession()
            let symbolic = zip(keys, inputs).map { Input($1.shape.sample, dtype: $1.dtype, name: $0) }
            let made = Model(inputs: symbolic, outputs: try XCTUnwrap(functions[name], name)(symbolic), name: "model")
            compare(made, name)
            // Keras' ellipsis is a number of whole axes here.
            if name != "item" { assertSame(.object(made.config), test["config"]!, at: name) }
            untested.remove(name)
        }
        XCTAssertEqual(untested, [])
    }

    /// One line that says what is wrong with a function of a file.
    func testMistakesInFiles() throws {
        let cases = try golden("operations")["cases"]!.items
        /// The configuration of a case with one text of its JSON replaced.
        func config(_ name: String, _ text: String, _ other: String) throws -> ConfigValue {
            let json = cases.first { $0["name"]!.text == name }!["config"]!.json
            XCTAssertTrue(json.contains(text), "\(name): \(text) is not in \(json)")
            return try ConfigValue(json: Data(json.replacingOccurrences(of: text, with: other).utf8))
        }
        let table: [(ConfigValue, String)] = [
            (
                try config("tanh", "\"Tanh\"", "\"Tang\""),
                "config.layers.1.class_name: unknown function \"Tang\"; did you mean Tan"
            ),
            (
                try config("cast", "\"dtype\": \"float32\"}", "\"dtype\": \"float16\"}"),
                "config.layers.1.config.dtype: unknown type \"float16\""
            ),
            (try config("sum", "\"axis\": [1]", "\"axis\": \"one\""), "config.layers.1.config.axis: expected whole numbers, found \"one\""),
            (
                try config("sum", "\"axis\": [1]", "\"axs\": [1]"),
                "config.layers.1.config.axs: unknown argument \"axs\"; did you mean axis?"
            ),
            (
                try config("max", "\"initial\": null", "\"initial\": 2"),
                "config.layers.1.config.initial: initial is not supported yet"
            ),
            (
                try config("add_number", ", 1.5]", ", \"1.5\"]"),
                "config.layers.1.config: expected tensors and numbers as x2 of Add, found \"1.5\""
            ),
            (try config("add_number", ", 1.5]", "]"), "config.layers.1.config: Add takes x1, x2; found 1 arguments"),
            (
                try config("one_hot", "\"num_classes\": 4", "\"num_classes\": 2000000000"),
                "config.layers.1.config.num_classes: expected at most 16777216 classes, found 2000000000"
            ),
            (
                try config("items", "\"step\": null", "\"step\": 2"),
                "config.layers.1.config: slices with a step are not supported yet"
            ),
        ]
        for (config, want) in table {
            XCTAssertThrowsError(try Model.make(.object(["class_name": "Functional", "config": config])), want) {
                XCTAssertTrue("\($0)".hasPrefix(want), "\($0)\nexpected \(want)")
            }
        }
    }

    /// Functions of tensors forget masks, as in Keras.
    func testForgetsMasks() {
        let x = Input([3, 2]), masked = Masking()(x)
        let model = Model(inputs: x, outputs: [masked, relu(masked), masked + masked, add([masked, masked])])
        let outputs: [Tensor] = model([Tensor([[[1, 1], [0, 0], [2, 0]]] as [[[Float]]])])
        XCTAssertEqual(outputs.map { $0.mask?.cast(to: .float32).scalars }, [[1, 0, 1], nil, nil, [1, 0, 1]])
    }
}
