import LockstepNN
import LockstepTensor

/// The models whose summaries and configurations Golden/golden.py writes down, under the same names; made anew each time.
enum TestModel: String, CaseIterable {
    case mnist, firstLayerShape = "first_layer_shape", unbuilt, called, built, empty, inputOnly = "input_only", frozen, longNames =
        "long_names"
    case compiled, adam, sgd, rmsprop, adagrad, normalized, initialized, regularized

    func make() throws -> Sequential {
        clearSession()
        switch self {
        case .mnist:
            return Sequential([Input([28, 28]), Flatten(), Dense(512, activation: "relu"), Dropout(0.2), Dense(10, activation: "softmax")])
        case .firstLayerShape:
            return Sequential(
                [Dense(8, activation: "relu", inputShape: [4], name: "entry"), Activation("tanh"), Dense(1, useBias: false)], name: "small")
        case .unbuilt: return Sequential([Dense(4, activation: "relu"), Dense(3, activation: "softmax")])
        case .called:
            let model = try TestModel.unbuilt.make()
            _ = model(.zeros([5, 3]))
            return model
        case .built:
            let model = try TestModel.unbuilt.make()
            model.build(inputShape: [Shape.unknown, 3])
            return model
        case .empty: return Sequential()
        case .inputOnly: return Sequential([Input([3])])
        case .frozen:
            let frozen = Dense(4)
            frozen.trainable = false
            return Sequential([Input([3]), frozen, Dense(2)])
        case .longNames:
            return Sequential(
                [Input([3]), Dense(1000, name: "a_dense_layer_with_quite_a_long_name_indeed"), Dense(1234, name: "another")],
                name: "a_model_with_a_name")
        case .compiled:
            let model = Sequential([Input([3]), Dense(4), Dense(2)])
            try model.compile(optimizer: "adam", loss: "mse")
            return model
        case .adam, .sgd, .rmsprop, .adagrad:
            let model = Sequential([Input([3]), Dense(4), Dropout(0.5), Dense(2)])
            model.layers[2].trainable = false
            try model.compile(optimizer: rawValue, loss: "mse")
            model.compilation!.optimizer.build(model.trainableWeights)
            return model
        case .normalized:
            let model = Sequential([
                Input([4, 3]), BatchNormalization(axis: 1, momentum: 0.9, epsilon: 1e-4, center: false), Flatten(), Dense(5),
                BatchNormalization(), BatchNormalization(scale: false),
                BatchNormalization(
                    betaInitializer: Constant(0.5), gammaInitializer: Zeros(), movingMeanInitializer: Ones(),
                    movingVarianceInitializer: Constant(2)),
            ])
            model.layers[4].trainable = false
            try model.compile(optimizer: "adam", loss: "mse")
            model.compilation!.optimizer.build(model.trainableWeights)
            return model
        case .regularized:
            let flatten = Flatten()
            flatten.activityRegularizer = L2()
            return Sequential([
                Input([4]),
                Dense(
                    6, kernelRegularizer: "l2", biasRegularizer: L1(0.1), activityRegularizer: L1L2(l1: 0.1, l2: 0.2),
                    kernelConstraint: "max_norm", biasConstraint: NonNeg()),
                BatchNormalization(
                    betaRegularizer: "l1", gammaRegularizer: L2(0.03), betaConstraint: "non_neg", gammaConstraint: "unit_norm"),
                PReLU(alphaRegularizer: L1L2(l1: 0.5), alphaConstraint: MinMaxNorm(minValue: 0.1, maxValue: 0.7, rate: 0.5, axis: -1)),
                ActivityRegularization(l1: 0.01, l2: 0.3), flatten,
                Dense(
                    3, kernelRegularizer: OrthogonalRegularizer(factor: 0.3, mode: .columns), kernelConstraint: UnitNorm(axis: [0, 1])),
            ])
        case .initialized:
            return Sequential(
                [
                    Input([2, 3], dtype: .int32, name: "counts"), Flatten(),
                    Dense(4, kernelInitializer: RandomNormal(mean: 0.5, stddev: 0.1, seed: 3), biasInitializer: Constant(0.25)),
                    Dense(4, kernelInitializer: HeNormal(), biasInitializer: Ones()),
                    Dense(
                        4, kernelInitializer: VarianceScaling(scale: 2, mode: .fanOut, distribution: .uniform, seed: 1),
                        biasInitializer: RandomUniform(minval: -1, maxval: 1)),
                    Dropout(0.25, seed: 5), Activation("gelu"),
                ], name: "initialized")
        }
    }
}
