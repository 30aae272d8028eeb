import Lockstep
import XCTest

/// Callbacks that decide, on figures given to them one epoch after another. What must come out is what Keras 3.15.1 does
/// (golden_callbacks.py).
final class CallbackTests: XCTestCase {
    private func model(learningRate: Float = 1) throws -> Sequential {
        let model = Sequential([Input([1]), Dense(1, useBias: false)])
        try model.compile(optimizer: SGD(learningRate: learningRate), loss: "mse")
        return model
    }

    /// Shows the figures to the callback; gives the epoch after which it stopped training, and the rate after each.
    private func run(_ callback: Callback, _ model: Model, name: String = "val_loss", _ values: [Float]) throws -> (
        stop: Int?, rates: [Float]
    ) {
        callback.model = model
        model.stopTraining = false
        try callback.onTrainBegin()
        var (stop, rates) = (Int?.none, [Float]())
        for (epoch, value) in values.enumerated() {
            model.weights[0].assign(.constant(Float(epoch), shape: [1, 1]))
            try callback.onEpochEnd(epoch, Logs(names: [name], values: [value]))
            rates.append(model.compilation!.optimizer.learningRate)
            if model.stopTraining {
                stop = epoch
                break
            }
        }
        try callback.onTrainEnd(Logs(names: [], values: []))
        return (stop, rates)
    }

    private let losses: [Float] = [1, 0.9, 0.95, 0.85, 0.86, 0.87, 0.84, 0.9, 0.9, 0.9, 0.9, 0.9]

    func testEarlyStopping() throws {
        for golden in try CallbackGolden.read().early {
            let model = try model()
            let callback = EarlyStopping(
                minDelta: golden.min_delta, patience: golden.patience, baseline: golden.baseline, restoreBestWeights: golden.restore,
                startFromEpoch: golden.start)
            XCTAssertEqual(try run(callback, model, losses).stop, golden.stop, "\(golden)")
            XCTAssertEqual(model.weights[0].value.scalars, [golden.weight], "\(golden)")
        }
    }

    func testReduceLROnPlateau() throws {
        for golden in try CallbackGolden.read().plateau {
            let callback = ReduceLROnPlateau(
                factor: golden.factor, patience: golden.patience, minDelta: golden.min_delta, cooldown: golden.cooldown,
                minLR: golden.min_lr)
            XCTAssertEqual(try run(callback, try model(), losses).rates, golden.rates, "\(golden)")
        }
    }

    // MARK: Events

    /// Notes down what is called, the figures' names with it.
    private final class Recorder: Callback {
        var events: [String] = []

        override func onTrainBegin() { events.append("train begin") }
        override func onTrainEnd(_ logs: Logs) { events.append("train end") }
        override func onEpochBegin(_ epoch: Int) { events.append("epoch begin \(epoch)") }
        override func onEpochEnd(_ epoch: Int, _ logs: Logs) { events.append("epoch end \(epoch) \(logs.names)") }
        override func onTrainBatchBegin(_ batch: Int) { events.append("train batch begin \(batch)") }
        override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) { events.append("train batch end \(batch)") }
        override func onTestBegin() { events.append("test begin") }
        override func onTestEnd(_ logs: Logs) { events.append("test end \(logs.names)") }
        override func onTestBatchBegin(_ batch: Int) { events.append("test batch begin \(batch)") }
        override func onTestBatchEnd(_ batch: Int, _ logs: Logs) { events.append("test batch end \(batch)") }
        override func onPredictBegin() { events.append("predict begin") }
        override func onPredictEnd() { events.append("predict end") }
        override func onPredictBatchBegin(_ batch: Int) { events.append("predict batch begin \(batch)") }
        override func onPredictBatchEnd(_ batch: Int) { events.append("predict batch end \(batch)") }
    }

    /// What Keras 3.15.1 calls, in its order: golden_callbacks.py.
    func testEvents() throws {
        let model = try model(learningRate: 0), recorder = Recorder(), x = Tensor.ones([3, 1])
        try model.fit(x, x, batchSize: 2, epochs: 1, verbose: 0, callbacks: [recorder], validationData: (x, x))
        try model.evaluate(x, x, batchSize: 2, verbose: 0, callbacks: [recorder])
        let _: Tensor = try model.predict(x, batchSize: 2, callbacks: [recorder])
        XCTAssertEqual(recorder.events, try CallbackGolden.read().events)
    }

    func testLambdaCallback() throws {
        var events: [String] = []
        let callback = LambdaCallback(
            onEpochBegin: { events.append("begin \($0)") }, onEpochEnd: { events.append("end \($0) \($1.names)") },
            onTrainBegin: { events.append("train") }, onTrainEnd: { _ in events.append("trained") },
            onTrainBatchBegin: { events.append("batch \($0)") }, onTrainBatchEnd: { batch, _ in events.append("done \(batch)") })
        let x = Tensor.ones([2, 1])
        try model().fit(x, x, batchSize: 2, epochs: 1, verbose: 0, callbacks: [callback, LambdaCallback()])
        XCTAssertEqual(events, ["train", "begin 0", "batch 0", "done 0", "end 0 [\"loss\"]", "trained"])
    }

    // MARK: Files

    /// Columns, their order, separators, and what a second training leaves; numbers to 1e-5.
    func testCSVLogger() throws {
        let x = Tensor([0, 1, 2, 3] as [Float], shape: [4, 1])
        for golden in try CallbackGolden.read().csv {
            let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).csv").path
            defer { try? FileManager.default.removeItem(atPath: path) }
            let logger = CSVLogger(path, separator: golden.separator, append: golden.append)
            for (training, rate) in golden.rates.enumerated() {
                let model = try model(learningRate: 0.1)
                try model.compile(optimizer: SGD(learningRate: 0.1), loss: "mse", metrics: ["mae"])
                model.weights[0].assign(.constant(Float(2), shape: [1, 1]))
                let schedule = LearningRateScheduler { epoch, rate in epoch == 0 ? rate : rate * 0.5 }
                try model.fit(
                    x, x, batchSize: 2, epochs: 2, verbose: 0, callbacks: [schedule, logger],
                    validationData: training == 1 && !golden.append ? (x, x) : nil, shuffle: false)
                XCTAssertEqual(model.compilation!.optimizer.learningRate, rate, accuracy: 1e-7)
            }
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
            XCTAssertEqual(lines.count, golden.lines.count)
            for (line, expected) in zip(lines, golden.lines) {
                let (fields, others) = (line.split(separator: golden.separator), expected.split(separator: golden.separator))
                XCTAssertEqual(fields.count, others.count, line)
                for (field, other) in zip(fields, others) {
                    guard let number = Float(field), let value = Float(other) else { XCTAssertEqual(field, other); continue }
                    XCTAssertEqual(number, value, accuracy: 1e-5 * max(1, abs(value)), line)
                }
            }
        }
    }

    /// The names of all files, and the weight in each to 1e-6.
    func testModelCheckpoint() throws {
        let x = Tensor([1, 0.5, 0.25, 1] as [Float], shape: [4, 1])
        for golden in try CallbackGolden.read().checkpoints {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let model = try model()
            try model.compile(optimizer: SGD(learningRate: 0.15), loss: "mse", metrics: ["mae"])
            model.weights[0].assign(.constant(Float(2), shape: [1, 1]))
            let arguments = golden.arguments
            let callback = ModelCheckpoint(
                "\(folder)/\(golden.filepath)", monitor: arguments.monitor ?? "val_loss", saveBestOnly: arguments.save_best_only ?? false,
                saveWeightsOnly: arguments.save_weights_only ?? false, mode: arguments.mode.map { MonitorMode(rawValue: $0)! } ?? .auto,
                saveFreq: golden.save_freq == 0 ? .epoch : .batches(golden.save_freq),
                initialValueThreshold: arguments.initial_value_threshold)
            try model.fit(
                x, x * 3, batchSize: 1, epochs: 5, verbose: 0, callbacks: [callback], validationData: (x, x * 2.7), shuffle: false)
            let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.contains(".") }
            XCTAssertEqual(files.sorted(), golden.files.keys.sorted(), golden.filepath)
            for (name, weight) in golden.files where files.contains(name) {
                let file = "\(folder)/\(name)"
                let saved = arguments.save_weights_only == true ? model : try loadModel(file)
                if saved === model { try model.loadWeights(file) }
                XCTAssertEqual(saved.weights[0].value.scalars[0], weight, accuracy: 1e-6 * weight, name)
            }
        }
    }

    // MARK: Averages in the place of weights

    func testSwapEMAWeights() throws {
        let x = Tensor((0 ..< 6).map { Float($0) / 6 }, shape: [6, 1])
        for golden in try CallbackGolden.read().averages {
            let model = Sequential([Input([1]), Dense(1, useBias: false)])
            func weight() -> Float { model.weights[0].value.scalars[0] }
            model.weights[0].assign(.constant(Float(2), shape: [1, 1]))
            let optimizer = SGD(learningRate: 0.2, momentum: 0.5, useEMA: true, emaMomentum: 0.8)
            try model.compile(optimizer: optimizer, loss: "mse")
            var seen: [Float] = []
            let history = try model.fit(
                x, x * 3, batchSize: 2, epochs: 3, verbose: 0,
                callbacks: [SwapEMAWeights(swapOnEpoch: golden.on_epoch), LambdaCallback(onEpochEnd: { _, _ in seen.append(weight()) })],
                validationData: (x, x * 3), shuffle: false)
            func near(_ a: [Float], _ b: [Float], _ what: String) {
                XCTAssertEqual(a.count, b.count, what)
                for (a, b) in zip(a, b) { XCTAssertEqual(a, b, accuracy: 1e-5 * max(1, abs(b)), "\(what), \(golden.on_epoch)") }
            }
            near(history["loss"], golden.losses, "loss")
            near(history["val_loss"], golden.validation, "val_loss")
            near(seen, golden.seen, "seen")
            near([weight()], [golden.end], "end")
            optimizer.state!.slot(optimizer.state!.slotCount - 1)[0] = 1.5
            near(try model.evaluate(x, x * 3, verbose: 0, callbacks: [SwapEMAWeights()]).list, [golden.evaluated], "evaluated")
            let predicted: Tensor = try model.predict(.ones([1, 1]), verbose: 0, callbacks: [SwapEMAWeights()])
            near(predicted.scalars, [golden.predicted], "predicted")
            // Back in their place. (Those of Keras on JAX are not.)
            near([weight()], [golden.end], "after")
        }
        let plain = try model()
        XCTAssertThrowsError(try plain.fit(x, x, verbose: 0, callbacks: [SwapEMAWeights()])) {
            XCTAssert("\($0)".contains("useEMA: true"), "\($0)")
        }
        XCTAssertThrowsError(try plain.evaluate(x, x, verbose: 0, callbacks: [SwapEMAWeights()]))
    }

    // MARK: What figures are called, and which way they are better

    private func twoClasses(metrics: [any MetricSpec], weighted: [any MetricSpec] = [], optimizer: Optimizer = SGD(learningRate: 0)) throws
        -> Sequential
    {
        let model = Sequential([Input([1]), Dense(1, kernelInitializer: Zeros())])
        try model.compile(optimizer: optimizer, loss: "mse", metrics: metrics, weightedMetrics: weighted)
        return model
    }
    private let (x, y) = (Tensor.zeros([4, 1]), Tensor([0, 1, 2, 4] as [Float], shape: [4, 1]))

    func testNamesAreThoseOfKeras() throws {
        for golden in try CallbackGolden.read().figures {
            func metrics(_ names: [String]) -> [any MetricSpec] {
                names.map { $0.hasPrefix("mse=") ? MeanSquaredError.metric(named: String($0.dropFirst(4))) as any MetricSpec : $0 }
            }
            let model = try twoClasses(metrics: metrics(golden.metrics), weighted: metrics(golden.weighted))
            XCTAssertEqual(try model.fit(x, y, verbose: 0).names, golden.names, "\(golden)")
            XCTAssertEqual(try model.evaluate(x, y, verbose: 0).names, golden.names, "\(golden)")
        }
    }

    func testFiguresOfOneNameHaveTheirOwnValues() throws {
        // Predictions are 0: the squares of the targets are 0, 1, 4 and 16.
        let metrics: [any MetricSpec] = [MeanSquaredError.metric(named: "a"), "mae"]
        let model = try twoClasses(metrics: metrics, weighted: [MeanSquaredError.metric(named: "a"), "mae", "mae"])
        let history = try model.fit(x, y, verbose: 0, sampleWeight: Tensor([0, 0, 0, 2] as [Float]))
        XCTAssertEqual(history.names, ["a", "loss", "mae", "weighted_a", "weighted_mae", "weighted_mae_1"])
        XCTAssertEqual(history.names.map { history[$0] }, [[5.25], [8], [1.75], [16], [4], [4]])
    }

    /// The epoch after which a training stops that has come no further, whatever the metric is called.
    func testTheMetricTellsWhichWayItIsBetter() throws {
        // With a rate of -0.05 the error grows, with 0.05 it falls.
        for (rate, stops) in [(Float(-0.05), true), (0.05, false)] {
            for name in ["acceleration", "hits", "auc"] {
                let model = try twoClasses(metrics: [MeanSquaredError.metric(named: name)], optimizer: SGD(learningRate: rate))
                let history = try model.fit(x, y, epochs: 5, verbose: 0, callbacks: [EarlyStopping(monitor: name, patience: 1)])
                XCTAssertEqual(history.epochs.count, stops ? 2 : 5, "\(name) at \(rate)")
            }
        }
        let up = TrainingPlanProbe()
        _ = try twoClasses(metrics: ["accuracy", AUC(name: "less")], weighted: ["accuracy"]).fit(
            x, y, verbose: 0, callbacks: [up], validationData: (x, y))
        for name in ["accuracy", "weighted_accuracy", "less", "val_accuracy", "val_weighted_accuracy", "val_less"] {
            XCTAssertEqual(up.plan?.direction(of: name), .up, name)
        }
        for name in ["loss", "val_loss"] { XCTAssertEqual(up.plan?.direction(of: name), .down, name) }
    }

    // MARK: What is said before the first step

    func testWhatCannotWorkIsSaidBeforeTheFirstStep() throws {
        let schedule = ExponentialDecay(initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.9)
        func refused(_ callbacks: [Callback], _ optimizer: Optimizer = SGD(learningRate: 0.1), says text: String, line: UInt = #line) throws
        {
            let counter = BatchCounter()
            let model = try twoClasses(metrics: ["mae"], optimizer: optimizer)
            XCTAssertThrowsError(try model.fit(x, y, verbose: 0, callbacks: [counter] + callbacks), line: line) {
                XCTAssert($0 is TrainingError && "\($0)".contains(text), "\($0)", line: line)
            }
            XCTAssertEqual(counter.count, 0, line: line)
        }
        try refused([EarlyStopping()], says: "EarlyStopping: monitors val_loss, but there is no validation data")
        try refused([EarlyStopping(monitor: "maee")], says: "unknown figure to monitor \"maee\"; did you mean mae?")
        try refused([ReduceLROnPlateau(monitor: "acc", mode: .max)], says: "unknown figure to monitor \"acc\"")
        try refused(
            [ReduceLROnPlateau(monitor: "loss")], SGD(learningRate: schedule), says: "which the optimizer takes from ExponentialDecay")
        try refused(
            [LearningRateScheduler { _, rate in rate }], SGD(learningRate: schedule), says: "LearningRateScheduler: sets the learning rate")
        try refused([EarlyStopping(monitor: "learning_rate", mode: .min)], says: "unknown figure")
        try refused(
            [LearningRateScheduler { _, rate in rate }, EarlyStopping(monitor: "learning_rate")], says: "set mode to min or max")
        try refused([CSVLogger("/no/such/folder/log.csv")], says: "/no/such/folder/log.csv: cannot be written")
        try refused([CSVLogger("/tmp")], says: "/tmp: ")
        let model = try twoClasses(metrics: ["mae"], optimizer: SGD(learningRate: 0.1))
        let ok: [Callback] = [LearningRateScheduler { _, rate in rate }, EarlyStopping(monitor: "learning_rate", mode: .min)]
        XCTAssertNoThrow(try model.fit(x, y, verbose: 0, callbacks: ok))
    }

    func testMetricsThatDoNotFitTheirTargetsAreRefused() throws {
        let model = Sequential([Input([1]), Dense(3, activation: "softmax")])
        try model.compile(optimizer: "sgd", loss: "sparse_categorical_crossentropy", metrics: ["mae"])
        for call in [
            { _ = try model.fit(self.x, Tensor([0, 1, 2, 0] as [Int32]), verbose: 0) },
            { _ = try model.evaluate(self.x, Tensor([0, 1, 2, 0] as [Int32]), verbose: 0) },
        ] {
            XCTAssertThrowsError(try call()) { XCTAssert("\($0)".hasPrefix("y: metric mae: targets of shape"), "\($0)") }
        }
    }

    // MARK: What callbacks add

    func testAddedFiguresAreInLogsHistoryAndFile() throws {
        final class Adding: Callback {
            override var addedFigures: [String] { ["epochs_left"] }
            override func onEpochEnd(_ epoch: Int, _ logs: Logs) { logs["epochs_left"] = Float(2 - epoch) }
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).csv").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let model = try twoClasses(metrics: [], optimizer: SGD(learningRate: 1))
        let rate = LearningRateScheduler { epoch, rate in epoch == 0 ? rate : rate * 0.5 }
        let history = try model.fit(
            .zeros([4, 1]), .zeros([4, 1]), epochs: 3, verbose: 0,
            callbacks: [rate, Adding(), EarlyStopping(monitor: "epochs_left", mode: .min), CSVLogger(file)],
            validationData: (.zeros([4, 1]), .zeros([4, 1])))
        XCTAssertEqual(history.names, ["loss", "val_loss", "learning_rate", "epochs_left"])
        XCTAssertEqual(history["learning_rate"], [1, 0.5, 0.25])
        XCTAssertEqual(history["epochs_left"], [2, 1, 0])
        let lines = try String(contentsOfFile: file, encoding: .utf8)
        XCTAssertEqual(
            lines, "epoch,epochs_left,learning_rate,loss,val_loss\n0,2.0,1.0,0.0,0.0\n1,1.0,0.5,0.0,0.0\n2,0.0,0.25,0.0,0.0\n",
            "sorted, as Keras' CSVLogger sorts them")
    }

    func testARefusedCompilationChangesNothing() throws {
        let model = try twoClasses(metrics: [], optimizer: SGD(learningRate: 1))
        XCTAssertThrowsError(try model.compile(optimizer: "adam", loss: "mse", metrics: ["acuracy"]))
        XCTAssertEqual(model.compilation?.optimizer.className, "SGD")
        XCTAssertNoThrow(try model.fit(.zeros([4, 1]), .zeros([4, 1]), verbose: 0))
    }

    func testAnEpochWithoutABatchIsNotRecorded() throws {
        final class Stop: Callback {
            let epoch: Int
            init(before epoch: Int) { self.epoch = epoch }
            override func onEpochBegin(_ epoch: Int) { if epoch == self.epoch { model?.stopTraining = true } }
        }
        let counter = BatchCounter()
        for (epoch, losses) in [(0, []), (2, [5.25, 5.25])] as [(Int, [Float])] {
            let history = try twoClasses(metrics: []).fit(
                x, y, batchSize: 2, epochs: 5, verbose: 0, callbacks: [Stop(before: epoch), counter])
            XCTAssertEqual(history["loss"], losses)
            XCTAssertEqual(history.epochs.count, epoch)
        }
        XCTAssertEqual(counter.count, 4)
    }

    func testTerminateOnNaNCanThrow() throws {
        let callback = TerminateOnNaN(raiseError: true)
        try callback.onTrainBatchEnd(0, Logs(names: ["loss"], values: [1]))
        XCTAssertThrowsError(try callback.onTrainBatchEnd(1, Logs(names: ["loss"], values: [.infinity])))
    }
}

/// Counts batches that were trained on.
private final class BatchCounter: Callback {
    var count = 0
    override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) { count += 1 }
}

/// Keeps the plan that it was shown.
private final class TrainingPlanProbe: Callback {
    var plan: TrainingPlan?
    override func validate(_ plan: TrainingPlan) { self.plan = plan }
}

extension MeanSquaredError {
    /// The metric of the same function.
    static func metric(named name: String) -> Metric { MeanMetricWrapper(name: name, direction: .down) { meanSquaredError($0, $1) } }
}

/// What Keras' callbacks did: written by golden_callbacks.py.
private struct CallbackGolden: Decodable {
    struct Early: Decodable { let min_delta: Float, patience: Int, baseline: Float?, restore: Bool, start: Int, stop: Int?, weight: Float }
    struct Plateau: Decodable { let factor: Double, patience: Int, min_delta: Float, cooldown: Int, min_lr: Double, rates: [Float] }
    struct Figures: Decodable { let metrics: [String], weighted: [String], names: [String] }
    let figures: [Figures]
    let early: [Early]
    let plateau: [Plateau]
    let events: [String]
    struct Averages: Decodable {
        let on_epoch: Bool, losses: [Float], validation: [Float], seen: [Float], end: Float, evaluated: Float, predicted: Float
    }
    let averages: [Averages]
    struct CSV: Decodable { let separator: String, append: Bool, lines: [String], rates: [Float] }
    let csv: [CSV]
    struct Checkpoints: Decodable {
        struct Arguments: Decodable {
            let monitor: String?, mode: String?, save_best_only: Bool?, save_weights_only: Bool?, initial_value_threshold: Float?
        }
        let filepath: String, save_freq: Int, arguments: Arguments, files: [String: Float]
    }
    let checkpoints: [Checkpoints]

    static func read() throws -> CallbackGolden {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("callbacks.json")
        return try JSONDecoder().decode(CallbackGolden.self, from: Data(contentsOf: file))
    }
}
