import Lockstep
import XCTest

/// Constraints of weights in training against Keras: the figures come from golden.py (keras 3.15.1, JAX).
///
/// In Keras, too, they are applied after every batch, also of those that make no update.
final class ConstrainedFitTests: XCTestCase {
    private func fractions(_ count: Int, from start: Int = 0) -> [Float] {
        (start ..< start + count).map { Float(($0 * 7919 + 13) % 997) / 997 }
    }
    private var x: Tensor { Tensor(fractions(17 * 6).map { $0 - 0.5 }, shape: [17, 6]) }
    private var y: Tensor { Tensor(fractions(34), shape: [17, 2]) }

    private func model() -> Sequential {
        let constraint = MinMaxNorm(minValue: 0.1, maxValue: 0.5, rate: 0.5)
        let model = Sequential([
            Input([6]), Dense(5, activation: "tanh", kernelConstraint: constraint), Dense(2, kernelConstraint: "non_neg"),
        ])
        for (variable, start) in zip(model.weights, [0, 7, 11, 3]) {
            variable.assign(Tensor(fractions(variable.shape.count, from: start).map { $0 - 0.5 }, shape: variable.shape))
        }
        return model
    }

    private func compare(_ what: String, _ got: [Float], _ wanted: [Float], line: UInt) {
        XCTAssertEqual(got.count, wanted.count, what, line: line)
        for (a, b) in zip(got, wanted) { XCTAssertEqual(a, b, accuracy: 1e-5 * max(0.1, abs(b)), what, line: line) }
    }

    /// Three epochs by `fit`, traced or not, and in a loop of one's own.
    private func check(_ optimizer: () -> Optimizer, loss: [Float], weights: [Float], line: UInt = #line) throws {
        for runEagerly in [false, true] {
            let model = model()
            try model.compile(optimizer: optimizer(), loss: "mse", runEagerly: runEagerly)
            let history = try model.fit(x, y, batchSize: 5, epochs: 3, verbose: 0, shuffle: false)
            compare("loss", history["loss"], loss, line: line)
            compare("weights", model.weights.flatMap { $0.value.scalars }, weights, line: line)
        }
        let (model, optimizer) = (model(), optimizer())
        for _ in 0 ..< 3 {
            for start in stride(from: 0, to: 17, by: 5) {
                let (rows, tape) = (start ..< min(start + 5, 17), GradientTape())
                let loss = tape.record { MeanSquaredError()(y[rows], model(x[rows], training: true)) }
                optimizer.apply(tape.gradient(loss, model.trainableWeights).map { $0! }, to: model.trainableWeights)
            }
        }
        compare("a loop of one's own", model.weights.flatMap { $0.value.scalars }, weights, line: line)
    }

    func testMomentum() throws {
        try check(
            { SGD(learningRate: 0.2, momentum: 0.9) },
            loss: [
                0.13901382684707642, 0.08297458291053772, 0.09803426265716553,
            ],
            weights: [
                -0.33948805928230286, 0.3064996600151062, 0.2626396417617798, 0.06224426254630089, 0.212873175740242,
                0.12931689620018005, 0.08542532473802567, 0.03681933134794235, 0.046383846551179886, -0.03002549335360527,
                -0.04672914743423462, -0.09982158988714218, -0.14965130388736725, -0.16965946555137634,
                -0.2687283158302307, -0.22277523577213287, -0.2850685715675354, -0.336122065782547, 0.3919985890388489,
                0.3038947880268097, 0.24975591897964478, 0.23483029007911682, 0.20954132080078125, 0.16223418712615967,
                0.051924385130405426, 0.07531481981277466, 0.05254188925027847, 0.02702588401734829, -0.03075541742146015,
                -0.15531662106513977, -0.08134427666664124, -0.25824639201164246, -0.43738678097724915,
                -0.15937837958335876, 0.024204952642321587, 0.0, 0.15345312654972076, 0.11920619755983353, 0.0,
                0.14645856618881226, 0.033101487904787064, 0.0, 0.31959739327430725, 0.3387696444988251,
                0.0926804468035698, 0.47024694085121155, 0.4403601586818695,
            ])
    }

    func testBatchesThatMakeNoUpdate() throws {
        try check(
            { Adam(learningRate: 0.05, weightDecay: 0.1, gradientAccumulationSteps: 3) },
            loss: [
                0.16101308166980743, 0.10241327434778214, 0.08748498558998108,
            ],
            weights: [
                -0.38718754053115845, 0.1918879896402359, 0.17466315627098083, 0.0854228138923645, 0.30602553486824036,
                0.02264455519616604, 0.0002928083122242242, -0.038123805075883865, 0.2034439891576767,
                0.11928627640008926, -0.13425813615322113, -0.21219800412654877, -0.2509987950325012,
                -0.07036779820919037, -0.25372400879859924, -0.14810961484909058, -0.23073260486125946,
                -0.26492613554000854, 0.2845310866832733, 0.1731405407190323, 0.2527197301387787, 0.31267955899238586,
                0.29052868485450745, 0.028339888900518417, -0.0382939949631691, 0.14042796194553375, 0.13913819193840027,
                0.09472928941249847, 0.047686271369457245, -0.23337818682193756, 0.00935456994920969,
                -0.05761779472231865, -0.1213403195142746, 0.10469266027212143, 0.039027586579322815,
                0.003926290199160576, 0.16640545427799225, 0.14257197082042694, 0.06171996518969536, 0.1414588838815689,
                0.0, 0.0, 0.32587000727653503, 0.3082776367664337, 0.20117001235485077, 0.4862343966960907,
                0.43658506870269775,
            ])
    }
}
