"""Writes normalization.json: models of normalizing layers, noise and rescaling; see graphs.py.

    KERAS_BACKEND=jax python normalization.py

Layers of noise are without any, as nobody draws JAX's numbers: their configurations are what is compared.
"""

import keras
import numpy as np

from graphs import SGD, Adam, Case, Dense, Input, Model, Sequential, data, layers, write


def regression(model, random, shape, targets, optimizer=None, **compiled):
    return Case(model, optimizer or SGD(0.1), {model.inputs[0].name: data(random, *shape)}, {model.output_names[0]: data(random, *targets)}, loss="mse",
                **compiled)


def batch_of_images(random):
    x = Input((2, 3, 4), name="x")
    h = layers.BatchNormalization(momentum=0.7, epsilon=0.01, gamma_regularizer="l2")(x)
    h = layers.BatchNormalization(axis=1, scale=False)(Dense(3, activation="tanh")(h))
    return regression(Model(x, Dense(2, name="y")(h)), random, (2, 3, 4), (2, 3, 2), metrics=["mae"])


def batch_of_steps(random):
    x = Input((4, 3), name="x")
    h = layers.BatchNormalization(axis=-2, center=False, momentum=0.5)(x)
    return regression(Model(x, Dense(2, name="y")(layers.BatchNormalization(trainable=False, name="frozen")(h))), random, (4, 3), (4, 2))


def layer_rows(random):
    x = Input((5,), name="x")
    h = layers.LayerNormalization(epsilon=1e-5, beta_regularizer="l1")(Dense(6)(x))
    h = layers.LayerNormalization(center=False, gamma_constraint="non_neg")(Dense(4, activation="relu")(h))
    return regression(Model(x, Dense(2, name="y")(h)), random, (5,), (2,), Adam(0.02))


def layer_axes(random):
    x = Input((4, 3), name="x")
    h = layers.LayerNormalization(axis=[2, 1])(x)
    h = layers.LayerNormalization(axis=1)(Dense(3, use_bias=False)(h))
    return regression(Model(x, layers.LayerNormalization(axis=[-2], scale=False, name="y")(Dense(2)(h))), random, (4, 3), (4, 2))


def root_mean_square(random):
    x = Input((2, 4), name="x")
    h = layers.RMSNormalization(axis=[1, 2], epsilon=1e-3)(x)
    return regression(Model(x, Dense(2, name="y")(layers.RMSNormalization()(Dense(5)(h)))), random, (2, 4), (2, 2), Adam(0.02))


def groups(random):
    x = Input((2, 3, 4), name="x")
    h = layers.GroupNormalization(groups=2)(x)
    h = layers.GroupNormalization(groups=-1, scale=False, epsilon=0.1)(Dense(4, activation="tanh")(h))
    h = layers.GroupNormalization(groups=3, axis=2, center=False)(Dense(6)(h))
    h = layers.GroupNormalization(groups=1, axis=1)(h)
    return regression(Model(x, Dense(2, name="y")(h)), random, (2, 3, 4), (2, 3, 2))


def groups_of_rows(random):
    x = Input((3,), name="x")
    return regression(Model(x, Dense(1, name="y")(layers.GroupNormalization(groups=3)(Dense(6)(x)))), random, (3,), (1,))


def unit(random):
    x = Input((3, 4), name="x")
    h = layers.UnitNormalization(axis=[1, 2])(Dense(4)(x))
    return regression(Model(x, layers.UnitNormalization(name="y")(Dense(3)(h))), random, (3, 4), (3, 3))


def standardized(random):
    x = Input((2, 3), name="x")
    one, all_, both = layers.Normalization(), layers.Normalization(axis=None), layers.Normalization(axis=(1, 2), name="both")
    h = layers.Concatenate()([one(x), all_(x), both(x)])
    h = layers.Normalization(mean=[0.5, 1.0, -1.0, 0.0, 2.0, 0.0, 1.0, 0.0, 0.0], variance=[0.25, 4.0, 1.0, 1.0, 0.5, 2.0, 1.0, 1.0, 1.0])(h)
    h = layers.Normalization(mean=0.5, variance=4.0, invert=True)(h)
    return regression(Model(x, Dense(2, name="y")(h)), random, (2, 3), (2, 2), SGD(0.01))


def rescaled(random):
    x = Input((2, 3), name="x")
    h = layers.Rescaling([0.5, 2.0, -1.0], [1.0, 0.0, 0.25])(layers.Rescaling(0.5, offset=-1)(x))
    return regression(Model(x, Dense(2, name="y")(h)), random, (2, 3), (2, 2))


def without_noise(random):
    x = Input((4, 3), name="x")
    h = Dense(4, activation="selu")(x)
    h = layers.SpatialDropout1D(0.0)(layers.Dropout(0.0, noise_shape=(None, 1, 4))(h))
    h = layers.AlphaDropout(0.0, noise_shape=(None, 1, 4), seed=5)(layers.GaussianNoise(0.0)(layers.GaussianDropout(0.0, seed=2)(h)))
    h = layers.SpatialDropout2D(0.0, data_format="channels_first", seed=1)(layers.Reshape((2, 2, 4))(h))
    h = layers.SpatialDropout3D(0.0)(layers.Reshape((2, 2, 2, 2))(h))
    return regression(Model(x, Dense(2, name="y")(layers.Flatten()(h))), random, (4, 3), (2,))


def stack(random):
    """A Sequential model, its file included."""
    model = Sequential([Input((3,)), layers.Rescaling(2.0), Dense(4), layers.BatchNormalization(), layers.LayerNormalization(), layers.GaussianNoise(0.0),
                        Dense(1, name="y")])
    return Case(model, SGD(0.1), {"input_layer": data(random, 3)}, {"y": data(random, 1)}, loss="mse")


GRAPHS = [batch_of_images, batch_of_steps, layer_rows, layer_axes, root_mean_square, groups, groups_of_rows, unit, standardized, rescaled, without_noise,
          stack]

if __name__ == "__main__":
    write("normalization", GRAPHS, [batch_of_images, layer_axes, root_mean_square, groups, standardized, without_noise, stack])
