extension Tensor {
    /// Which steps count, where not all do: of type bool, `[batch, steps]`. Layers that know masks pass it on, losses and metrics leave
    /// out what it says. Keras' `_keras_mask`.
    public var mask: Tensor? { value.mask }

    /// The same elements with a mask.
    public func masked(by mask: Tensor) -> Tensor {
        let tensor = apply(Reshape(shape: shape), self)
        tensor.value.mask = mask
        tensor.value.logits = value.logits
        return tensor
    }

    /// The same elements without a mask.
    package var unmasked: Tensor {
        guard mask != nil else { return self }
        let tensor = apply(Reshape(shape: shape), self)
        tensor.value.logits = value.logits
        return tensor
    }

    /// The same elements with the mask of another tensor, if that has one.
    package func masked(like other: Tensor) -> Tensor { other.mask.map { mask == nil ? masked(by: $0) : self } ?? self }
}
