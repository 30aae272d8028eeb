// A program outside of the project that makes one mistake: `mistakes NAME`.
import Foundation
import Lockstep

enum Mistake: String, CaseIterable {
    case none, forgotten, forgottenPrediction, thrown, bridged, library, shapes, twice
    case otherCount, otherValues, otherModel, unsaveable, noSuchLayer
    case exitZero, exitThree, exitThreeOnOne, exitOnOne, exitInCallback, returnOnOne, exitElsewhere
}

struct OwnError: Error {}

/// A layer of one's own, of which files know nothing.
final class Own: Layer {
    override func call(_ input: Tensor, training: Bool) -> Tensor { input + input }
}

final class Leaver: Callback {
    override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) { exit(0) }
}

func train(_ mistake: Mistake) throws {
    let rank = Distribution.communicator.rank
    // Printed, and never flushed by this program.
    for line in 0 ..< 100 { print("line \(line)") }
    let count = mistake == .otherCount && rank == 1 ? 40 : 80
    let modulus = mistake == .otherValues && rank == 1 ? 5 : 7
    let x = Tensor((0 ..< 8 * count).map { Float($0 % modulus) }, shape: [count, 8])
    let y = Tensor((0 ..< count).map { Int32($0 % 4) })
    let units = mistake == .otherModel && rank == 1 ? 5 : 4
    let model = Sequential([Input([8])] + (mistake == .unsaveable ? [Own()] : []) + [Dense(units, activation: "softmax")])
    try model.compile(optimizer: SGD(learningRate: 0.01), loss: "sparse_categorical_crossentropy")
    switch mistake {
    case .none, .forgotten, .otherCount, .otherValues, .otherModel, .exitInCallback: break
    case .unsaveable:
        try model.fit(x, y, batchSize: 8, epochs: 1, verbose: 0)
        try model.save("mistake.keras")
    case .noSuchLayer: _ = model.layer(at: 9)
    case .forgottenPrediction:
        _ = try model.predict(x)
        return
    case .thrown: throw OwnError()
    case .bridged: _ = try String(contentsOfFile: "/nowhere/at/all", encoding: .utf8)
    case .library: _ = try NPY.read("/nowhere/at/all")
    case .shapes: _ = x.matmul(x)
    case .twice: Distribution.run {}
    case .exitZero: exit(0)
    case .exitThree: exit(3)
    case .exitThreeOnOne: if rank == 1 { exit(3) }
    case .exitOnOne: if rank == 1 { exit(0) }
    case .returnOnOne: if rank == 1 { return }
    case .exitElsewhere:
        Thread.detachNewThread { exit(0) }
        sleep(10)
    }
    try model.fit(x, y, batchSize: 8, epochs: 2, verbose: 0, callbacks: mistake == .exitInCallback ? [Leaver()] : [])
    print("trained")
}

guard let mistake = CommandLine.arguments.dropFirst().first.flatMap(Mistake.init) else {
    print("one of \(Mistake.allCases)")
    exit(2)
}
if [.forgotten, .forgottenPrediction].contains(mistake) {
    try train(mistake)
    exit(0)
}
Distribution.run { try train(mistake) }
