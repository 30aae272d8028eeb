import Foundation
import LockstepData
import LockstepNN
import LockstepSaving
import LockstepTensor
import XCTest

/// Where layers of layers keep their weights, and in which order. Expected paths are those of Keras 3.15.1 for layers of
/// the same classes and attributes.
final class WeightGroupTests: SavingTestCase {
    /// A weight that is not trained, made before one that is, as in a layer of one's own.
    private final class Conv2DScale: Layer {
        override func build(_ inputShape: Shape) {
            _ = addWeight("moving", shape: [1], initializer: Zeros(), trainable: false)
            _ = addWeight("factor", shape: [2], initializer: Ones())
        }
        override func call(_ input: Tensor, training: Bool) -> Tensor { input }
    }

    /// A layer with sublayers under names of their own, as Bidirectional has them.
    private final class Pair: Layer {
        let forwardLayer = Dense(2), backwardLayer = Dense(2)
        override func build(_ inputShape: Shape) {
            forwardLayer.build(inputShape: inputShape)
            backwardLayer.build(inputShape: inputShape)
        }
        override func call(_ input: Tensor, training: Bool) -> Tensor { input }
    }

    func testPaths() throws {
        let inner = Sequential([Input([2]), Dense(2)])
        let model = Sequential([Input([2]), Dense(2), inner, Conv2DScale(), Pair(), Dense(2)])
        try model.saveWeights(path("m.weights.h5"))
        let file = try HDF5File(ByteBuffer(contentsOf: path("m.weights.h5")), source: "m")
        for (place, shape) in [
            ("layers/dense/vars/0", [2, 2]), ("layers/dense_1/vars/1", [2]), ("layers/sequential/layers/dense/vars/0", [2, 2]),
            ("layers/pair/forward_layer/vars/0", [2, 2]), ("layers/pair/backward_layer/vars/1", [2]),
            ("layers/conv2d_scale/vars/0", [2]), ("layers/conv2d_scale/vars/1", [1]),
        ] as [(String, [Int])] {
            let parts = place.split(separator: "/")
            let group = try XCTUnwrap(try file.root.group(parts.dropLast().joined(separator: "/")), place)
            XCTAssertEqual(try XCTUnwrap(try group.dataset(String(parts.last!)), place).shape, Shape(shape), place)
        }
        for weight in model.weights { weight.assign(weight.value + 1) }
        let changed = model.weightBits
        try model.saveWeights(path("m.weights.h5"))
        for weight in model.weights { weight.assign(.zeros(weight.shape)) }
        try model.loadWeights(path("m.weights.h5"))
        assertSameBits(model.weightBits, changed)
    }

    func testClassNamesAsKerasWritesThem() {
        for (name, expected) in [
            ("Dense", "dense"), ("Conv2D", "conv2d"), ("MaxPooling2D", "max_pooling2d"), ("Conv2DTranspose", "conv2d_transpose"),
            ("BatchNormalization", "batch_normalization"), ("LSTM", "lstm"), ("LSTMCell", "lstm_cell"), ("RMSprop", "rm_sprop"),
            ("PReLU", "p_re_lu"), ("GlobalAveragePooling1D", "global_average_pooling1d"), ("ReLU", "re_lu"), ("ELU", "elu"),
            ("UpSampling2D", "up_sampling2d"), ("ConvLSTM2D", "conv_lstm2d"), ("SpatialDropout3D", "spatial_dropout3d"),
        ] { XCTAssertEqual(snakeCase(name), expected) }
    }
}
