import LockstepTensor
import XCTest

/// A classifier in thirty lines, with nothing but tensors, variables and a gradient tape: after "A linear classifier in
/// pure TensorFlow" of Chollet, Deep Learning with Python, ch. 3.
final class LinearClassifierTests: XCTestCase {
    func testLinearClassifier() {
        // Two clouds of 1,000 points each in the plane: class 0 around (0, 3), class 1 around (3, 0). Their covariance
        // [[1, 0.5], [0.5, 1]] is L·Lᵀ with L = [[1, 0], [0.5, √0.75]].
        let n = 1000
        let shear = Tensor([[1, 0.5], [0, 0.866_025_4]] as [[Float]])
        let negative = Tensor.randomNormal([n, 2], seed: 1).matmul(shear) + Tensor([0, 3] as [Float])
        let positive = Tensor.randomNormal([n, 2], seed: 2).matmul(shear) + Tensor([3, 0] as [Float])
        let inputs = concatenate([negative, positive], axis: 0)
        let targets = concatenate([.zeros([n, 1]), .ones([n, 1])], axis: 0)

        let w = Variable(.randomUniform([2, 1], low: -0.05, high: 0.05, seed: 3), name: "W")
        let b = Variable(.zeros([1]), name: "b")
        let learningRate: Float = 0.1

        var losses: [Float] = []
        for _ in 0 ..< 40 {
            let tape = GradientTape()
            let loss = tape.record { square(targets - (inputs.matmul(w.value) + b.value)).mean() }
            let gradients = tape.gradient(loss, [w, b])
            w.assignSub(gradients[0]! * learningRate)
            b.assignSub(gradients[1]! * learningRate)
            losses.append(loss.scalar)
        }
        let predictions = inputs.matmul(w.value) + b.value
        let accuracy = ((predictions .> 0.5).cast(to: .float32) .== targets).cast(to: .float32).mean().scalar

        // The line where the prediction is one half.
        let (w0, w1, b0) = (w[0, 0].scalar, w[1, 0].scalar, b[0].scalar)
        let (slope, intercept) = (-w0 / w1, (0.5 - b0) / w1)
        let line = "y = \(slope) x + \(intercept)"

        XCTAssertGreaterThan(losses[0], 0.2)
        XCTAssertLessThan(losses.last!, 0.04)
        XCTAssertTrue(zip(losses, losses.dropFirst()).dropFirst(10).allSatisfy { $0 >= $1 }, "the loss falls")
        XCTAssertGreaterThan(accuracy, 0.97)
        // It rises between the middles of the clouds, near the diagonal to which it tends.
        XCTAssertEqual(slope, 1, accuracy: 0.4, line)
        XCTAssertTrue(3 > intercept && 0 < 3 * slope + intercept, line)
    }
}
