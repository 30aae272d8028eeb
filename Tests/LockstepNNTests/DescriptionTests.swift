import LockstepNN
import LockstepTensor
import XCTest

/// What `print` shows of tensors and variables.
final class DescriptionTests: XCTestCase {
    /// Scalars, empty and long arrays, all types, numbers of every size and none: as NumPy writes them.
    func testElementsAgainstNumPy() throws {
        for test in try golden("descriptions")["arrays"]!.items {
            let shape = Shape(test["shape"]!.items.map { Int($0.number!) }), dtype = DType(rawValue: test["dtype"]!.text!)!
            let bits = test["bits"]!.items.map { Int32($0.number!) }
            let tensor =
                dtype == .float32
                ? Tensor(bits.map { Float(bitPattern: UInt32(bitPattern: $0)) }, shape: shape) : Tensor(bits, shape: shape).cast(to: dtype)
            let text = test["text"]!.text!
            XCTAssertEqual(
                "\(tensor)", "Tensor(\(text.contains("\n") ? "\n" : "")\(text), shape=\(shape), dtype=\(dtype))", "\(shape) \(dtype)")
        }
    }

    /// The whole text as TensorFlow 2.21 prints it, but for its `tf.`.
    func testTensor() {
        XCTAssertEqual("\(Tensor([[1, 2], [3, 4]] as [[Float]]))", "Tensor(\n[[1. 2.]\n [3. 4.]], shape=(2, 2), dtype=float32)")
        XCTAssertEqual("\(Tensor([1, 2] as [Int32]))", "Tensor([1 2], shape=(2,), dtype=int32)")
        XCTAssertEqual("\(Graph().trace { Tensor.zeros([2, 3]) + 1 })", "Tensor(traced, shape=(2, 3), dtype=float32)")
    }

    func testVariablesAgainstKeras() throws {
        clearSession()
        let model = Sequential([Input([2]), Dense(3, kernelInitializer: Ones())])
        XCTAssertEqual(model.weights.map { "\($0)" }, try golden("descriptions")["variables"]!.items.map { $0.text! })
        let bias = model.weights[1]
        Graph().trace { bias.assign(.ones([3])) }
        XCTAssertEqual("\(bias)", "<Variable path=sequential/dense/bias, shape=(3,), dtype=float32, value=[0. 0. 0.]>")
    }
}
