import LockstepNN
import LockstepTensor
import XCTest

/// Convolution, pooling, padding, cropping and upsampling: their entries among all layers, and what is their own.
extension LayerTests {
    /// Numbers from -1 to 1, each once. (37 and the number of elements have no factor in common.)
    private func distinct(_ shape: Shape) -> Tensor {
        Tensor((0 ..< shape.count).map { Float($0 * 37 % shape.count * 2 + 1) / Float(shape.count) - 1 }, shape: shape)
    }

    /// Odd sizes. No two elements of an input are nearer to each other than two steps: a maximum stays where it is.
    var convolutionCases: [(name: String, check: () throws -> Void)] {
        let x1 = distinct([2, 7, 4]), x2 = distinct([2, 5, 6, 3]), x3 = distinct([2, 3, 4, 3, 2])
        func check(_ input: Tensor, _ weights: [(String, Shape)] = [], _ layers: (() -> Layer)...) -> () throws -> Void {
            { for layer in layers { try checkLayer(layer, input: input, weights: weights, step: 1 / 256, tolerance: 2e-3) } }
        }
        func all(_ checks: (() throws -> Void)...) -> () throws -> Void { { for check in checks { try check() } } }
        let pools = [
            ("MaxPooling1D", check(x1, [], { MaxPooling1D() }, { MaxPooling1D(3, strides: 2, padding: .same) })),
            ("MaxPooling2D", check(x2, [], { MaxPooling2D() }, { MaxPooling2D([2, 3], strides: [1, 2], padding: .same) })),
            ("MaxPooling3D", check(x3, [], { MaxPooling3D(2, strides: 1) })),
            ("AveragePooling1D", check(x1, [], { AveragePooling1D(2) }, { AveragePooling1D(3, strides: 2, padding: .same) })),
            ("AveragePooling2D", check(x2, [], { AveragePooling2D(2) }, { AveragePooling2D([2, 3], strides: [1, 2], padding: .same) })),
            ("AveragePooling3D", check(x3, [], { AveragePooling3D(2, padding: .same) })),
            ("GlobalMaxPooling1D", check(x1, [], { GlobalMaxPooling1D() }, { GlobalMaxPooling1D(keepDims: true) })),
            ("GlobalMaxPooling2D", check(x2, [], { GlobalMaxPooling2D() }, { GlobalMaxPooling2D(keepDims: true) })),
            ("GlobalMaxPooling3D", check(x3, [], { GlobalMaxPooling3D() })),
            ("GlobalAveragePooling1D", check(x1, [], { GlobalAveragePooling1D() }, { GlobalAveragePooling1D(keepDims: true) })),
            ("GlobalAveragePooling2D", check(x2, [], { GlobalAveragePooling2D() }, { GlobalAveragePooling2D(keepDims: true) })),
            ("GlobalAveragePooling3D", check(x3, [], { GlobalAveragePooling3D() })),
        ]
        let bias = ("bias", [6] as Shape)
        return pools + [
            (
                "Conv1D",
                all(
                    check(
                        x1, [("kernel", [3, 4, 6]), bias], { Conv1D(6, kernelSize: 3, activation: "tanh") },
                        { Conv1D(6, kernelSize: 3, strides: 2, padding: .same) },
                        { Conv1D(6, kernelSize: [3], padding: .causal, dilationRate: 2, activation: "sigmoid") }),
                    check(x1, [("kernel", [2, 2, 6])], { Conv1D(6, kernelSize: 2, groups: 2, activation: "gelu", useBias: false) }))
            ),
            (
                "Conv2D",
                all(
                    check(
                        x2, [("kernel", [3, 2, 3, 6]), bias], { Conv2D(6, kernelSize: [3, 2], activation: "tanh") },
                        { Conv2D(6, kernelSize: [3, 2], strides: [1, 2], padding: .same) },
                        { Conv2D(6, kernelSize: [3, 2], padding: .same, dilationRate: [2, 3]) },
                        {
                            Conv2D(
                                6, kernelSize: [3, 2], activation: "gelu", kernelInitializer: "he_normal",
                                biasInitializer: Constant(-0.2), kernelRegularizer: "l2", biasRegularizer: L1(0.1),
                                activityRegularizer: "l1", kernelConstraint: "unit_norm", biasConstraint: MaxNorm(3))
                        }),
                    check(x2, [("kernel", [2, 2, 1, 6]), bias], { Conv2D(6, kernelSize: 2, groups: 3) }))
            ),
            (
                "Conv3D",
                check(x3, [("kernel", [2, 2, 2, 2, 6]), bias], { Conv3D(6, kernelSize: 2, strides: [1, 2, 1], activation: "tanh") })
            ),
            (
                "Conv1DTranspose",
                check(
                    x1, [("kernel", [2, 6, 4]), bias], { Conv1DTranspose(6, kernelSize: 2, strides: 3) },
                    { Conv1DTranspose(6, kernelSize: 2, strides: 2, padding: .same, outputPadding: 0, activation: "tanh") })
            ),
            (
                "Conv2DTranspose",
                all(
                    check(
                        x2, [("kernel", [3, 2, 6, 3]), bias],
                        { Conv2DTranspose(6, kernelSize: [3, 2], strides: 2, padding: .same, outputPadding: 1, activation: "sigmoid") },
                        { Conv2DTranspose(6, kernelSize: [3, 2], dilationRate: 2, activation: "gelu") }),
                    check(x2, [("kernel", [2, 3, 1, 3])], { Conv2DTranspose(1, kernelSize: [2, 3], strides: [2, 1], useBias: false) }))
            ),
            (
                "Conv3DTranspose",
                check(x3, [("kernel", [2, 1, 2, 6, 2]), bias], { Conv3DTranspose(6, kernelSize: [2, 1, 2], strides: 2) })
            ),
            (
                "DepthwiseConv1D",
                check(
                    x1, [("kernel", [3, 4, 2]), ("bias", [8])], { DepthwiseConv1D(kernelSize: 3, depthMultiplier: 2, activation: "tanh") })
            ),
            (
                "DepthwiseConv2D",
                all(
                    check(
                        x2, [("kernel", [2, 3, 3, 2]), bias], { DepthwiseConv2D(kernelSize: [2, 3], depthMultiplier: 2) },
                        { DepthwiseConv2D(kernelSize: [2, 3], strides: 2, padding: .same, depthMultiplier: 2) }),
                    check(x2, [("kernel", [2, 2, 3, 1])], { DepthwiseConv2D(kernelSize: 2, dilationRate: 2, useBias: false) }))
            ),
            (
                "SeparableConv1D",
                check(
                    x1, [("depthwise_kernel", [3, 4, 2]), ("pointwise_kernel", [1, 8, 6]), bias],
                    { SeparableConv1D(6, kernelSize: 3, depthMultiplier: 2, activation: "tanh") })
            ),
            (
                "SeparableConv2D",
                check(
                    x2, [("depthwise_kernel", [3, 3, 3, 1]), ("pointwise_kernel", [1, 1, 3, 6]), bias],
                    { SeparableConv2D(6, kernelSize: 3, strides: 2, padding: .same) },
                    { SeparableConv2D(6, kernelSize: 3, dilationRate: 2, activation: "sigmoid", pointwiseRegularizer: "l2") })
            ),
        ]
    }
}
