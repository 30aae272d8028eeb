import Foundation
import LockstepData
import LockstepNN
import LockstepSaving
import LockstepTensor
import XCTest

/// A test case with a directory of its own that vanishes with it.
class SavingTestCase: XCTestCase {
    private(set) var directory = ""

    override func setUpWithError() throws {
        directory = NSTemporaryDirectory() + "lockstep-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        clearSession()
        Random.setSeed(3)
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(atPath: directory) }

    func path(_ name: String) -> String { directory + "/" + name }
    func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory).sorted() }
    func bytes(of name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

    /// Writes bytes to a file and returns its path.
    func file(_ name: String, _ bytes: Data) throws -> String {
        try bytes.write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    /// Writes a file of `Golden` and returns its path.
    func golden(_ name: String, _ text: String) throws -> String {
        let zipped = try ByteBuffer([UInt8](XCTUnwrap(Data(base64Encoded: text, options: .ignoreUnknownCharacters))))
        return try file(name, Gzip.prefix(of: zipped, count: 1 << 24, source: name).withBytes { Data($0) })
    }

    /// Checks that `body` throws a `SavingError` of one line from `source` whose message contains every one of `parts`.
    func assertSavingError<Result>(
        _ source: String, _ parts: String..., file: StaticString = #filePath, line: UInt = #line, _ body: () throws -> Result
    ) {
        XCTAssertThrowsError(try body(), "expected an error from \(source)", file: file, line: line) { error in
            guard let error = error as? SavingError else { return XCTFail("\(error) is no SavingError", file: file, line: line) }
            XCTAssertEqual(error.source, source, file: file, line: line)
            XCTAssertFalse(error.description.contains("\n"), "more than one line: \(error)", file: file, line: line)
            for part in parts { XCTAssertTrue(error.message.contains(part), "no '\(part)' in: \(error)", file: file, line: line) }
        }
    }
}

// MARK: Models

/// The layers of golden.py's model.
func classifier(dropout: Float = 0.2) -> Sequential {
    Sequential([Input([2, 2]), Flatten(), Dense(3, activation: "tanh"), Dropout(dropout), Dense(2), Activation("softmax")])
}

var inputs: Tensor { Tensor(Golden.inputs, shape: [5, 2, 2]) }
let labels: [Int32] = [0, 1, 1, 0, 1]

/// A model of which not all weights are trained.
func normalizedClassifier() -> Sequential {
    Sequential([
        Input([2, 2]), BatchNormalization(axis: 1, momentum: 0.5), Flatten(), Dense(3), BatchNormalization(scale: false),
        Dense(2, activation: "softmax"),
    ])
}

extension Compilation {
    /// What is wanted of the only output.
    var objective: Objective { try! objectives(["y"])[0] }
}

/// One step of training on all of `inputs`; without dropout unless `training`.
func step(_ model: Model, training: Bool = false) {
    let compilation = model.compilation!, tape = GradientTape()
    let loss = tape.record { compilation.objective.loss!(Tensor(labels), model(inputs, training: training)) }
    let variables = model.trainableWeights
    compilation.optimizer.apply(tape.gradient(loss, variables).map { $0! }, to: variables)
}

extension Optimizer {
    /// Iterations, learning rate and states in the order of Keras' `optimizer.variables`.
    func kerasVariables(_ variables: [Variable]) -> [[Float]] {
        func floats(_ variable: Variable, _ slot: Int?) -> [Float] {
            Array(UnsafeBufferPointer(start: state!.floats(of: variable, slot: slot)!, count: variable.shape.count))
        }
        let slots = slotGroups.flatMap { group in variables.flatMap { variable in group.map { floats(variable, $0) } } }
        let sums = gradientAccumulationSteps == nil ? [] : variables.map { floats($0, nil) }
        return [[Float(steps)]] + (schedule == nil ? [[learningRate]] : []) + sums + slots
    }
}

/// Equal bit for bit: also NaN, and the sign of zero.
func assertSameBits(_ a: [[Float]], _ b: [[Float]], _ message: String = "", file: StaticString = #filePath, line: UInt = #line) {
    XCTAssertEqual(a.map { $0.map(\.bitPattern) }, b.map { $0.map(\.bitPattern) }, message, file: file, line: line)
}

extension Model {
    var weightBits: [[Float]] { weights.map(\.value.scalars) }
    var optimizerBits: [[Float]] { compilation!.optimizer.kerasVariables(trainableWeights) }
}

/// Every optimizer, each with states in every arrangement that it has.
func optimizers() -> [Optimizer] {
    [
        SGD(learningRate: 0.1), SGD(learningRate: 0.1, momentum: 0.9, nesterov: true), Adam(learningRate: 0.05), Adam(amsgrad: true),
        RMSprop(), RMSprop(momentum: 0.5, centered: true), RMSprop(centered: true), Adagrad(learningRate: 0.1),
        SGD(learningRate: ExponentialDecay(initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5), momentum: 0.5, clipnorm: 0.1),
        Adam(weightDecay: 0.1, globalClipnorm: 0.1, gradientAccumulationSteps: 3), Lamb(learningRate: 0.05, clipvalue: 0.01),
        SGD(learningRate: CosineDecay(initialLearningRate: 0.1, decaySteps: 9), gradientAccumulationSteps: 2),
        LARS(learningRate: GradualWarmup(baseLearningRate: 1, batchSize: 512, warmupSteps: 3), weightDecay: 0.001),
    ]
}

extension FileImage {
    /// All of it in one piece.
    var data: Data { withExtendedLifetime(self) { pieces.reduce(into: Data()) { $0.append(contentsOf: $1) } } }
}
