"""Writes convolution.json: models of convolution, pooling, padding, cropping and upsampling layers; see graphs.py.

    KERAS_BACKEND=jax python convolution.py
"""

from graphs import SGD, Adam, Case, Dense, Input, Model, Sequential, classes, data, layers, losses, np, write


def head(x, units=2):
    return Dense(units, name="y")(layers.Flatten()(x))


def line(random, layer, steps=9, channels=4, optimizer=None):
    """One layer over an axis, and a head."""
    x = Input((steps, channels), name="x")
    return Case(Model(x, head(layer(x))), optimizer or SGD(0.05), {"x": data(random, steps, channels)}, {"y": data(random, 2)}, loss="mse")


def plane(random, *stack, rows=6, columns=7, channels=3, optimizer=None):
    """Layers over two axes, and a head."""
    x = Input((rows, columns, channels), name="x")
    h = x
    for layer in stack:
        h = layer(h)
    return Case(Model(x, head(h)), optimizer or SGD(0.02), {"x": data(random, rows, columns, channels)}, {"y": data(random, 2)}, loss="mse")


def conv1d_valid(random):
    return line(random, layers.Conv1D(3, 4, strides=2, activation="relu"))


def conv1d_same_dilated(random):
    return line(random, layers.Conv1D(4, 3, padding="same", dilation_rate=2, activation="tanh", groups=2))


def conv1d_causal(random):
    return line(random, layers.Conv1D(3, 3, padding="causal", dilation_rate=2, use_bias=False))


def conv1d_causal_strides(random):
    return line(random, layers.Conv1D(3, 3, padding="causal", strides=2, activation="gelu"))


def conv2d_valid(random):
    return plane(random, layers.Conv2D(3, (2, 3), strides=(2, 1), activation="relu"))


def conv2d_same(random):
    return plane(random, layers.Conv2D(4, 3, strides=2, padding="same", activation="sigmoid"))


def conv2d_dilated(random):
    return plane(random, layers.Conv2D(2, 2, dilation_rate=(2, 3), padding="same", use_bias=False))


def conv2d_groups(random):
    return plane(random, layers.Conv2D(6, 3, groups=2, activation="elu"), channels=4)


def conv2d_penalties(random):
    layer = layers.Conv2D(2, 3, kernel_regularizer="l2", kernel_constraint="unit_norm", bias_constraint="non_neg",
                          kernel_initializer="he_normal", bias_initializer="ones")
    return plane(random, layer)


def conv3d(random):
    x = Input((4, 3, 5, 2), name="x")
    h = layers.Conv3D(3, 2, padding="same", strides=(2, 1, 2), activation="relu")(x)
    h = layers.ZeroPadding3D(((1, 0), (0, 2), (1, 1)))(layers.UpSampling3D((1, 2, 1))(h))
    h = layers.AveragePooling3D(2)(layers.MaxPooling3D((2, 1, 1), strides=1, padding="same")(layers.Cropping3D(((0, 1), (1, 0), (0, 0)))(h)))
    h = layers.Conv3DTranspose(2, 2, strides=2)(h)
    y = layers.Concatenate()([layers.GlobalMaxPooling3D()(h), layers.GlobalAveragePooling3D()(h)])
    return Case(Model(x, Dense(2, name="y")(y)), SGD(0.05), {"x": data(random, 4, 3, 5, 2)}, {"y": data(random, 2)}, loss="mse")


def transposed1d(random):
    return line(random, layers.Conv1DTranspose(3, 3, strides=2, padding="same", activation="relu"), steps=4)


def transposed1d_wide(random):
    return line(random, layers.Conv1DTranspose(2, 2, strides=3, output_padding=0), steps=4)


def transposed2d(random):
    return plane(random, layers.Conv2DTranspose(2, (3, 2), strides=(2, 3), activation="tanh"), rows=3, columns=3)


def transposed2d_same(random):
    return plane(random, layers.Conv2DTranspose(3, 4, strides=2, padding="same", use_bias=False),
                 layers.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=1, activation="sigmoid"), rows=2, columns=3)


def transposed2d_even(random):
    return plane(random, layers.Conv2DTranspose(2, (4, 3), strides=(2, 1), padding="same", output_padding=0), rows=3, columns=3)


def transposed2d_dilated(random):
    return plane(random, layers.Conv2DTranspose(2, 2, dilation_rate=2, padding="valid"),
                 layers.Conv2DTranspose(2, 3, dilation_rate=(1, 2), padding="same", activation="tanh"), rows=3, columns=4, optimizer=SGD(0.005))


def depthwise(random):
    return plane(random, layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", strides=2, activation="relu"))


def depthwise_dilated(random):
    return plane(random, layers.DepthwiseConv2D((2, 3), dilation_rate=2, use_bias=False, depthwise_regularizer="l2"))


def depthwise1d(random):
    return line(random, layers.DepthwiseConv1D(3, depth_multiplier=2, activation="tanh"))


def separable(random):
    return plane(random, layers.SeparableConv2D(4, 3, depth_multiplier=2, strides=2, padding="same", activation="relu",
                                                pointwise_regularizer="l2", depthwise_constraint="max_norm"))


def separable1d(random):
    return line(random, layers.SeparableConv1D(3, 3, dilation_rate=2, padding="same"))


def pools1d(random):
    x = Input((9, 3), name="x")
    h = layers.Conv1D(4, 2)(x)
    parts = [layers.MaxPooling1D(3, strides=2, padding="same")(h), layers.AveragePooling1D(2)(h)]
    h = layers.Concatenate(axis=1)(parts)
    h = layers.Concatenate()([layers.GlobalMaxPooling1D()(h), layers.GlobalAveragePooling1D()(h),
                              layers.Flatten()(layers.GlobalMaxPooling1D(keepdims=True)(h))])
    return Case(Model(x, Dense(2, name="y")(h)), SGD(0.05), {"x": data(random, 9, 3)}, {"y": data(random, 2)}, loss="mse")


def pools2d(random):
    x = Input((7, 6, 3), name="x")
    h = layers.Conv2D(4, 2, padding="same", activation="relu")(x)
    parts = [layers.MaxPooling2D((3, 2), strides=2, padding="same")(h), layers.AveragePooling2D(3, strides=2, padding="same")(h)]
    h = layers.AveragePooling2D((2, 1), strides=1)(layers.Concatenate()(parts))
    h = layers.Concatenate()([layers.GlobalMaxPooling2D(keepdims=True)(h), layers.GlobalAveragePooling2D(keepdims=True)(h)])
    return Case(Model(x, head(h)), SGD(0.05), {"x": data(random, 7, 6, 3)}, {"y": data(random, 2)}, loss="mse")


def masked_mean_of_steps(random):
    x = Input((5, 3), name="x")
    steps = data(random, 5, 3)
    for row, length in enumerate([5, 3, 1, 2, 4, 5, 5, 2, 3]):
        steps[row, length:] = 0
    h = Dense(3, activation="tanh")(layers.Masking()(x))
    y = layers.Concatenate()([layers.GlobalAveragePooling1D()(h), layers.Flatten()(layers.GlobalAveragePooling1D(keepdims=True)(h))])
    return Case(Model(x, Dense(2, name="y")(y)), SGD(0.1), {"x": steps}, {"y": data(random, 2)}, loss="mse")


def margins(random):
    return plane(random, layers.Cropping2D(((1, 0), (0, 2))), layers.UpSampling2D((2, 1)), layers.Conv2D(3, 3, activation="tanh"),
                 layers.ZeroPadding2D(((2, 1), (0, 1))), layers.UpSampling2D(2), layers.Conv2D(2, 3, strides=2, activation="tanh"), optimizer=SGD(0.005))


def margins1d(random):
    x = Input((8, 3), name="x")
    h = layers.Conv1D(3, 2)(layers.ZeroPadding1D((2, 0))(layers.Cropping1D((1, 2))(x)))
    h = layers.ZeroPadding1D(1)(layers.UpSampling1D(3)(h))
    return Case(Model(x, head(layers.Conv1D(2, 3, strides=2, activation="tanh")(h))), SGD(0.005), {"x": data(random, 8, 3)}, {"y": data(random, 2)}, loss="mse")


def stack(random):
    model = Sequential([Input((12, 12, 1)), layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(), layers.Conv2D(6, 3, padding="same",
                       activation="relu"), layers.AveragePooling2D(2, strides=1), layers.Flatten(), Dense(5, activation="relu"),
                       Dense(3, activation="softmax", name="y")])
    return Case(model, Adam(0.01), {"x": data(random, 12, 12, 1)}, {"y": classes(random, 3)}, loss="sparse_categorical_crossentropy",
                metrics=["accuracy"])


def residual_block(random):
    x = Input((6, 6, 3), name="x")
    h = layers.Conv2D(4, 3, padding="same", use_bias=False)(x)
    h = layers.Activation("relu")(layers.BatchNormalization(momentum=0.8)(h))
    h = layers.BatchNormalization(momentum=0.8)(layers.Conv2D(4, 3, padding="same", use_bias=False)(h))
    h = layers.Activation("relu")(layers.Add()([h, layers.Conv2D(4, 1)(x)]))
    y = Dense(2, name="y")(layers.GlobalAveragePooling2D()(h))
    return Case(Model(x, y), SGD(0.02), {"x": data(random, 6, 6, 3)}, {"y": data(random, 2)}, loss="mse")


def unknown_sizes(random):
    """Images of any size; the data have one."""
    x = Input((None, None, 2), name="x")
    h = layers.MaxPooling2D(padding="same")(layers.Conv2D(3, 3, activation="relu", padding="same")(x))
    h = layers.ZeroPadding2D(1)(layers.Conv2DTranspose(2, 3, strides=2)(layers.UpSampling2D()(layers.Cropping2D(1)(h))))
    y = Dense(2, name="y")(layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3, strides=8)(h)))
    return Case(Model(x, y), SGD(0.02), {"x": data(random, 7, 8, 2)}, {"y": data(random, 2)}, loss="mse")


def scores(random):
    """A loss on a convolution's own sigmoid, which looks for the logits."""
    x = Input((5, 5, 2), name="x")
    y = layers.Conv2D(1, 2, activation="sigmoid", name="y")(x)
    return Case(Model(x, y), SGD(0.1), {"x": data(random, 5, 5, 2)}, {"y": random.randint(0, 2, (9, 4, 4, 1)).astype("float32")},
                loss=losses.BinaryCrossentropy(), metrics=["accuracy"])


def wide(random):
    """Channels and images for which Winograd's algorithm and blocks of channels pay; data few, of one channel."""
    x = Input((8, 9, 1), name="x")
    h = layers.Conv2D(32, 1, activation="tanh", trainable=False)(x)
    h = layers.DepthwiseConv2D(2, padding="same")(layers.MaxPooling2D(2, strides=1)(h))
    narrow = layers.Conv2D(32, 3, padding="same", groups=16, activation="relu")(h)
    h = layers.Add()([h, narrow])
    h = layers.ZeroPadding2D(1)(layers.AveragePooling2D(2, strides=1, padding="same")(h))
    y = Dense(2, name="y")(layers.Concatenate()([layers.GlobalAveragePooling2D()(h), layers.GlobalMaxPooling2D()(h)]))
    return Case(Model(x, y), SGD(0.01), {"x": data(random, 8, 9, 1)}, {"y": data(random, 2)}, loss="mse")


def ties(random):
    """Equal elements share the gradient of a global maximum; those of a window do not."""
    x = Input((4, 5, 2), name="x")
    h = layers.Conv2D(3, 2, activation="relu")(x)
    y = layers.Concatenate()([layers.GlobalMaxPooling2D()(h), layers.GlobalMaxPooling2D()(layers.ReLU(max_value=0.1)(h))])
    values = np.round(data(random, 4, 5, 2))
    return Case(Model(x, Dense(2, name="y")(y)), SGD(0.05), {"x": values}, {"y": data(random, 2)}, loss="mse")


GRAPHS = [conv1d_valid, conv1d_same_dilated, conv1d_causal, conv1d_causal_strides, conv2d_valid, conv2d_same, conv2d_dilated, conv2d_groups,
          conv2d_penalties, conv3d, transposed1d, transposed1d_wide, transposed2d, transposed2d_same, transposed2d_even, transposed2d_dilated,
          depthwise, depthwise_dilated, depthwise1d, separable, separable1d, pools1d, pools2d, masked_mean_of_steps, margins, margins1d, stack,
          residual_block, unknown_sizes, scores, wide, ties]

if __name__ == "__main__":
    write("convolution", GRAPHS)
