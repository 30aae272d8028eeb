/// The layers that configurations and files name.
public enum Layers {
    nonisolated(unsafe) public static var registry = Registry<Layer>(
        "layer",
        [
            "InputLayer": { try InputLayer(config: $0) },
            "Input": { try InputLayer(config: $0) },
            "Sequential": { try Sequential(config: $0.whole()) },
            "Functional": { try Model(config: $0.whole()) },
            "Dense": { try Dense(config: $0) },
            "Activation": { try Activation(config: $0) },
            "Flatten": { try Flatten(config: $0) },
            "Dropout": { try Dropout(config: $0) },
            "ActivityRegularization": { try ActivityRegularization(config: $0) },
            "BatchNormalization": { try BatchNormalization(config: $0) },
            "ReLU": { try ReLU(config: $0) },
            "LeakyReLU": { try LeakyReLU(config: $0) },
            "ELU": { try ELU(config: $0) },
            "PReLU": { try PReLU(config: $0) },
            "Softmax": { try Softmax(config: $0) },
            "Reshape": { try Reshape(config: $0) },
            "Permute": { try Permute(config: $0) },
            "RepeatVector": { try RepeatVector(config: $0) },
            "Masking": { try Masking(config: $0) },
            "Concatenate": { try Concatenate(config: $0) },
            "Add": { try Add(config: $0) },
            "Subtract": { try Subtract(config: $0) },
            "Multiply": { try Multiply(config: $0) },
            "Average": { try Average(config: $0) },
            "Maximum": { try Maximum(config: $0) },
            "Minimum": { try Minimum(config: $0) },
            "Dot": { try Dot(config: $0) },
        ])
}
