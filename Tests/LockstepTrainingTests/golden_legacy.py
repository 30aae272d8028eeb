"""Writes legacy.json: small models in `.h5` files that Keras 2 has written, and what it makes of them.

    TF_USE_LEGACY_KERAS=1 python3 golden_legacy.py > legacy.json        tf_keras 2.21.0, TensorFlow 2.21.0

Each case: the file, gzipped, in base64; inputs, predictions, weights, iterations, and the weights after one more step on all samples. The
last is of weights alone, for a model that `config` describes.
"""
import base64
import gzip
import json
import os
import tempfile

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import numpy as np
import tf_keras as keras
from tf_keras import layers as L

keras.utils.set_random_seed(3)
random = np.random.default_rng(7)


def numbers(*shape):
    return random.normal(size=shape).astype("float32")


def array(value):
    value = np.asarray(value)
    return {"shape": list(value.shape), "scalars": [float(v) for v in value.flatten()]}


def packed(path):
    with open(path, "rb") as file:
        return base64.b64encode(gzip.compress(file.read(), 9, mtime=0)).decode()


cases = []


def case(name, model, x, y, save=None):
    """Trained in two steps, saved, and trained in one more."""
    for _ in range(2):
        model.train_on_batch(x, y)
    with tempfile.TemporaryDirectory() as folder:
        (save or model.save)(f"{folder}/m.h5")
        file = packed(f"{folder}/m.h5")
    inputs = x if isinstance(x, list) else [x]
    found = {
        "name": name, "file": file, "inputs": [array(v) for v in inputs], "targets": array(y), "predictions": array(model.predict(x, verbose=0)),
        "weights": [array(v) for v in model.get_weights()], "iterations": int(model.optimizer.iterations), "config": json.loads(model.to_json()),
    }
    model.train_on_batch(x, y)
    cases.append(found | {"after": [array(v) for v in model.get_weights()]})


# Recurrent, shared, nested layers; a schedule.
x = L.Input((5, 3), name="x")
hidden = L.Bidirectional(L.GRU(2))(L.LSTM(3, kernel_regularizer="l2", return_sequences=True)(L.Masking()(x)))
shared = L.Dense(4, activation="relu", kernel_constraint=keras.constraints.MaxNorm(2))
both = L.BatchNormalization()(L.Concatenate()([shared(hidden), shared(shared(hidden))]))
inner = keras.Sequential([L.Dense(3, input_shape=(8,)), L.LeakyReLU(0.2)], name="inner")
body = L.Input((3,), name="body_input")
outer = keras.Model(body, [L.Dense(2)(body), L.Dense(2, activation="tanh")(body)], name="outer")
first, second = outer(inner(both))
model = keras.Model(x, L.Activation("softmax", name="probabilities")(L.Add()([first, second])), name="graph")
model.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.05, 10, 0.9)), keras.losses.CategoricalCrossentropy(),
    ["accuracy", keras.metrics.TopKCategoricalAccuracy(k=1)])
case("graph", model, numbers(6, 5, 3), np.eye(2, dtype="float32")[random.integers(0, 2, 6)])

# Calls with arguments by name; a mask that travels.
words = L.Input((4,), name="words")
steps = L.Embedding(7, 4, mask_zero=True)(words)
attended = L.MultiHeadAttention(2, 2)(steps, steps)
normalized = L.LayerNormalization()(L.Add()([steps, attended]))
model = keras.Model(words, L.Dense(1)(L.GlobalAveragePooling1D()(normalized)))
model.compile(keras.optimizers.RMSprop(0.01), "mse", ["mae"])
case("attention", model, random.integers(1, 7, (6, 4)).astype("float32"), numbers(6, 1))

# A stack of convolutions, and the optimizers of before 2.11, whose states come kind by kind.
for name, optimizer in {
    "sgd": keras.optimizers.SGD(0.1), "momentum": keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adam_of_before": keras.optimizers.legacy.Adam(0.01), "rmsprop_of_before": keras.optimizers.legacy.RMSprop(0.01),
    "momentum_of_before": keras.optimizers.legacy.SGD(0.1, momentum=0.9), "adagrad": keras.optimizers.Adagrad(0.1),
    "amsgrad": keras.optimizers.Adam(0.01, amsgrad=True), "adadelta": keras.optimizers.Adadelta(0.5), "adamax": keras.optimizers.Adamax(0.01),
}.items():
    model = keras.Sequential([
        L.Conv2D(2, 3, activation="relu", input_shape=(6, 6, 1)), L.SeparableConv2D(3, 2), L.MaxPooling2D(), L.Flatten(),
        L.Dense(2, activation="softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", ["accuracy"])
    case(name, model, numbers(6, 6, 6, 1), random.integers(0, 2, 6).astype("float32"))

model = keras.Sequential([L.Dense(3, input_shape=(2,), activation="tanh"), L.Dropout(0.5), L.BatchNormalization(), L.Dense(1)])
model.compile("sgd", "mse")
case("weights", model, numbers(6, 2), numbers(6, 1), save=model.save_weights)

print("[\n" + ",\n".join(json.dumps(found) for found in cases) + "\n]")
