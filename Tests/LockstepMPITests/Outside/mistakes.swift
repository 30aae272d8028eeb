// A program outside of the project that makes one mistake: `mistakes NAME`.
import Foundation
import Lockstep

enum Mistake: String, CaseIterable {
    case none, forgotten, forgottenPrediction, thrown, bridged, library, shapes, twice
    case exitZero, exitThree, exitThreeOnOne, exitOnOne, exitInCallback, returnOnOne, exitElsewhere
}

struct OwnError: Error {}

final class Leaver: Callback {
    override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) { exit(0) }
}

func train(_ mistake: Mistake) throws {
    let rank = Distribution.communicator.rank
    // Printed, and never flushed by this program.
    for line in 0 ..< 100 { print("line \(line)") }
    let x = Tensor((0 ..< 640).map { Float($0 % 7) }, shape: [80, 8])
    let y = Tensor((0 ..< 80).map { Int32($0 % 4) })
    let model = Sequential([Input([8]), Dense(4, activation: "softmax")])
    try model.compile(optimizer: SGD(learningRate: 0.01), loss: "sparse_categorical_crossentropy")
    switch mistake {
    case .none, .forgotten: break
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
    case .exitInCallback: break
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
