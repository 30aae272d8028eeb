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
        let x1 = distinct([2, 7, 4]), x2 = distinct([2, 4, 5, 3]), x3 = distinct([2, 3, 3, 3, 1])
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
        let margins = [
            ("ZeroPadding1D", check(x1, [], { ZeroPadding1D() }, { ZeroPadding1D([2, 0]) })),
            ("ZeroPadding2D", check(x2, [], { ZeroPadding2D([1, 2]) }, { ZeroPadding2D([[0, 1], [2, 0]]) })),
            ("ZeroPadding3D", check(x3, [], { ZeroPadding3D([1, 0, 1]) })),
            ("Cropping1D", check(x1, [], { Cropping1D() }, { Cropping1D([0, 3]) })),
            ("Cropping2D", check(x2, [], { Cropping2D() }, { Cropping2D(1) }, { Cropping2D([[1, 2], [0, 1]]) })),
            ("Cropping3D", check(x3, [], { Cropping3D() })),
            ("UpSampling1D", check(x1, [], { UpSampling1D(3) })),
            ("UpSampling2D", check(x2, [], { UpSampling2D() }, { UpSampling2D([1, 3]) })),
            ("UpSampling3D", check(x3, [], { UpSampling3D([2, 1, 2]) })),
        ]
        let bias = ("bias", [6] as Shape)
        return pools + margins + [
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
                check(x3, [("kernel", [2, 2, 2, 1, 6]), bias], { Conv3D(6, kernelSize: 2, strides: [1, 2, 1], activation: "tanh") })
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
                check(x3, [("kernel", [2, 1, 2, 6, 1]), bias], { Conv3DTranspose(6, kernelSize: [2, 1, 2], strides: 2) })
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
                    {
                        SeparableConv2D(
                            6, kernelSize: 3, padding: .same, dilationRate: 2, activation: "sigmoid", pointwiseRegularizer: "l2")
                    })
            ),
        ]
    }

    /// Lengths that are not known stay so, whatever strides and windows there are, and those that are known are found.
    func testUnknownLengths() {
        let image = Input([nil, nil, 3])
        let halved: KerasTensor = MaxPooling2D(16)(Conv2D(8, kernelSize: 3, strides: 8, padding: .same)(image))
        XCTAssertEqual(halved.shape, [nil, nil, nil, 8])
        XCTAssertEqual((GlobalMaxPooling2D()(halved) as KerasTensor).shape, [nil, 8])
        XCTAssertEqual((AveragePooling1D(35)(Input([nil, 4])) as KerasTensor).shape, [nil, nil, 4])
        XCTAssertEqual((Conv1D(2, kernelSize: 200)(Input([nil, 4])) as KerasTensor).shape, [nil, nil, 2])
        XCTAssertEqual((Conv2DTranspose(2, kernelSize: 3, strides: 2)(Input([nil, 5, 1])) as KerasTensor).shape, [nil, nil, 11, 2])
        for layer in [UpSampling2D(), ZeroPadding2D(), Cropping2D(1)] {
            XCTAssertEqual((layer(image) as KerasTensor).shape, [nil, nil, nil, 3])
        }
    }

    func testConfigurationsThatAreRefused() {
        let conv: [ConfigValue.Entry] = [.init("filters", 4), .init("kernel_size", 3)]
        for (want, name, entries) in [
            (
                "Conv2D.kernel_size: expected a positive whole number, or 2 of them, found 3 of them", "Conv2D",
                [.init("filters", 4), .init("kernel_size", .array([1, 2, 3]))]
            ),
            ("Conv2D: missing kernel_size: expected a positive whole number, or 2 of them", "Conv2D", [.init("filters", 4)]),
            ("Conv1D.strides: expected a positive whole number, found the number 0", "Conv1D", conv + [.init("strides", 0)]),
            (
                "Conv2D.data_format: expected channels_last, the only order of axes that there is here; found \"channels_first\"", "Conv2D",
                conv + [.init("data_format", "channels_first")]
            ),
            (
                "Conv2D.groups: expected a positive number of groups that divides the 4 filters, got 3", "Conv2D",
                conv + [.init("groups", 3)]
            ),
            (
                "Conv2D.dilation_rate: strides [2, 2] and a dilation of [1, 2] do not go together; one of them must be 1", "Conv2D",
                conv + [.init("strides", 2), .init("dilation_rate", .array([1, 2]))]
            ),
            ("Conv2D.padding: unknown padding \"causal\". Known: valid, same", "Conv2D", conv + [.init("padding", "causal")]),
            ("Conv2D.lora_rank: lora_rank is not supported yet", "Conv2D", conv + [.init("lora_rank", 2)]),
            (
                "Conv2DTranspose.output_padding: expected an output padding less than the strides, [2, 2], on each axis; got [2, 2]",
                "Conv2DTranspose", conv + [.init("strides", 2), .init("output_padding", 2)]
            ),
            (
                "DepthwiseConv2D.depth_multiplier: expected a positive number, found 0", "DepthwiseConv2D",
                [.init("kernel_size", 3), .init("depth_multiplier", 0)]
            ),
            (
                "MaxPooling2D.data_format: expected channels_last, the only order of axes that there is here; found \"channels_first\"",
                "MaxPool2D", [.init("data_format", "channels_first")]
            ),
            ("MaxPooling1D.pool_size: expected a positive whole number, found \"two\"", "MaxPooling1D", [.init("pool_size", "two")]),
            (
                "ZeroPadding2D.padding: expected a whole number that is not negative, or a list of 2 of them or of pairs [before, behind], "
                    + "found [1, 2, 3]", "ZeroPadding2D", [.init("padding", .array([1, 2, 3]))]
            ),
            (
                "Cropping1D.cropping: expected a whole number that is not negative, or [before, behind], found -1", "Cropping1D",
                [.init("cropping", -1)]
            ),
            (
                "UpSampling2D.interpolation: expected nearest, the only one that there is here; found \"bilinear\"", "UpSampling2D",
                [.init("interpolation", "bilinear")]
            ),
        ] as [(String, String, [ConfigValue.Entry])] {
            XCTAssertThrowsError(try Layers.registry.make(name, .object(entries)), want) { XCTAssertEqual("\($0)", want) }
        }
    }
}
