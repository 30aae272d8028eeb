"""Writes graphs.json: files of functional, nested and subclassed models made by Keras, and what Keras computes with them.

    KERAS_BACKEND=jax python3 golden_graphs.py        (made with Keras 3.15.1, JAX 0.10.2, h5py 3.14.0)

GraphModels.swift makes the same models. Weights and inputs come from NumPy's RandomState, seeded by the model's name.
"""
import base64
import gzip
import json
import os
import tempfile
import zlib

import keras
import numpy as np

layers, Input, Model, Sequential, Dense = keras.layers, keras.Input, keras.Model, keras.Sequential, keras.layers.Dense
ROWS = 3


def several():
    """Two inputs, two outputs."""
    a, b = Input((3,), name="a"), Input((2,), name="b")
    joined = layers.Concatenate()([Dense(4, activation="relu")(a), Dense(3, use_bias=False)(b)])
    return Model([a, b], [Dense(1, name="score")(joined), Dense(3, activation="softmax", name="kind")(joined)])


def by_name():
    """Dictionaries of inputs and outputs, in an order that is not that of their names; keys that are not the layers' names."""
    q, p = Input((2,), name="q"), Input((3,), name="p")
    first, second = Dense(2, name="late")(layers.concatenate([q, p])), Dense(1, activation="sigmoid", name="early")(q)
    return Model({"q": q, "p": p}, {"second": second, "first": first}, name="by_name")


def shared():
    """One layer called three times, once on its own output."""
    x, y = Input((3,)), Input((3,))
    both = Dense(3, activation="tanh", name="both")
    once = both(x)
    return Model([x, y], layers.add([once, both(y), both(once)]))


def operators():
    """Operators and functions between layers, and a diamond."""
    x = Input((3,), name="x")
    h = Dense(3)(x)
    y = 2 * h - x / 0.5 + (h * x - 1) * -h
    return Model(x, Dense(2)(layers.ReLU()(y)))


def inner(name=None, units=2):
    x = Input((3,))
    return Model(x, Dense(units)(layers.BatchNormalization()(Dense(4, activation="relu")(x))), name=name)


def nested():
    """A functional model in one, called twice, and as the output."""
    x, y = Input((3,), name="x"), Input((3,), name="y")
    model = inner(units=3)
    return Model([x, y], [model(layers.subtract([model(x), y])), model(y)])


def nested_twice():
    """A model of two inputs and two outputs in a model in a model, and a stack in it."""
    a, b = Input((3,)), Input((2,))
    two = Model([a, b], [Dense(2)(layers.concatenate([a, b])), Dense(3)(b)], name="two")
    c, d = Input((3,), name="c"), Input((2,), name="d")
    one, other = two([c, d])
    middle = Model([c, d], layers.multiply([one, Sequential([Input((3,)), Dense(2, activation="tanh"), Dense(2)])(other)]), name="middle")
    e, f = Input((3,), name="e"), Input((2,), name="f")
    return Model([e, f], Dense(1)(middle([e, f])), name="outer")


def stack_of_models():
    """Functional models and stacks in a stack."""
    return Sequential([Input((3,)), Dense(3), inner("graph", 4), Sequential([Dense(4, activation="relu"), layers.Dropout(0.25)]), Dense(2)])


def frozen():
    """A frozen model in a model, a frozen layer, and one that is frozen alone inside of another model."""
    x = Input((3,))
    whole, part = inner("whole", 3), inner("part", 3)
    whole.trainable = False
    part.layers[1].trainable = False
    return Model(x, Dense(2, trainable=False)(layers.Activation("tanh")(part(whole(x)))))


def frozen_model():
    """The model itself is frozen."""
    model = several()
    model.trainable = False
    return model


def grown():
    """A new head on an inner tensor, and a part of a model with an input of its own."""
    x = Input((3,), name="x")
    h = Dense(4, activation="relu", name="h")(x)
    first = Model(x, Dense(2, name="first")(h))
    rest = Model(h, Dense(3, name="rest")(h), name="rest_of_it")
    return Model(first.input, [first.output, Dense(1, name="second")(first.get_layer("h").output), rest(h)], name="grown")


def flags():
    """Calls that say whether they train; an input that is an output, one that nothing uses, a list of one."""
    x, unused = Input((3,), name="x"), Input((1,), name="unused")
    y = layers.Dropout(0.5)(Dense(3)(x), training=False)
    return Model([x, unused], [layers.BatchNormalization()(y, training=False), x], name="flags")


def compiled():
    """Compiled by output, and trained for three steps."""
    model = several()
    model.compile(keras.optimizers.Adam(0.05), loss={"kind": "sparse_categorical_crossentropy", "score": keras.losses.MeanSquaredError()},
                  loss_weights={"score": 0.5, "kind": 2.0},
                  metrics={"kind": ["accuracy", keras.metrics.SparseCategoricalAccuracy(name="sca")], "score": "mae"})
    return model


def compiled_lists():
    """Compiled in lists, one output without a loss."""
    model = several()
    model.compile(keras.optimizers.SGD(0.05, momentum=0.5), loss=["mse", None], metrics=[["mae"], ["accuracy"]], weighted_metrics=[["mse"], []])
    return model


class Block(keras.layers.Layer):
    """A layer of layers: an attribute, a list with a list in it, a dictionary."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.late = Dense(2)
        self.all = [Dense(3), Dense(3), [Dense(3)]]
        self.by_key = {"a": Dense(3), "b": layers.BatchNormalization()}

    def build(self, shape):
        self.own = self.add_weight(name="own", shape=(shape[-1],), initializer="zeros")

    def call(self, x):
        x = x + self.own
        for layer in [*self.all[:2], self.all[2][0], self.by_key["a"], self.by_key["b"], self.late]:
            x = layer(x)
        return x


class Classes(keras.Model):
    """A model with a call of its own, whose attributes stand before and behind `layers`."""

    def __init__(self):
        super().__init__()
        self.zeta = Dense(3)
        self.blocks = [Block(), Dense(3)]
        self.a_first = Dense(4)
        self.named = {"x": Dense(3), "y": Dense(3)}
        self.seq = Sequential([Dense(3), Dense(2)])
        self.graph_like = inner()
        self.lists_of_lists = [[Dense(3)], [Dense(3), Dense(3)]]

    def call(self, x):
        x = self.a_first(self.zeta(x))
        for layer in [*self.blocks, self.named["x"], self.named["y"], self.lists_of_lists[0][0], *self.lists_of_lists[1]]:
            x = layer(x)
        return self.seq(x) + self.graph_like(x)


def subclassed():
    """A subclass of Model."""
    model = Classes()
    model(np.zeros((1, 3), "float32"))
    return model


def floats(array):
    return {"shape": list(np.shape(array)), "scalars": [float(x) for x in np.asarray(array, "float32").flatten()]}


def text(path):
    with open(path, "rb") as file:
        return base64.b64encode(gzip.compress(file.read(), mtime=0)).decode()


result, folder = {}, tempfile.mkdtemp()
for make in [several, by_name, shared, operators, nested, nested_twice, stack_of_models, frozen, frozen_model, grown, flags, compiled, compiled_lists, subclassed]:
    keras.utils.clear_session()
    name = make.__name__
    random = np.random.RandomState(zlib.crc32(name.encode()))
    draw = lambda *shape: np.round(random.uniform(-1, 1, shape), 2).astype("float32")
    model = make()
    for weight in model.weights:
        # A variance is positive.
        weight.assign(draw(*weight.shape) ** 2 + 0.5 if "variance" in weight.path else draw(*weight.shape))
    shapes = [(3,)] if name == "subclassed" else [tensor.shape[1:] for tensor in model.inputs]
    inputs = [draw(ROWS, *shape) for shape in shapes]
    # One without names is called keras_tensor_…, by a counter.
    names = [] if name == "subclassed" else [tensor.name for tensor in model.inputs]
    if name.startswith("compiled"):
        y = [draw(ROWS, 1), random.randint(0, 3, (ROWS,))]
        for _ in range(3):
            model.train_on_batch(inputs, y)
    given = dict(zip(names, inputs)) if name == "by_name" else inputs
    outputs = model.predict(given if len(inputs) > 1 else inputs[0], verbose=0)
    keys = list(outputs) if isinstance(outputs, dict) else []
    outputs = list(outputs.values()) if keys else outputs if isinstance(outputs, list) else [outputs]
    entry = {
        "inputs": [floats(x) for x in inputs], "input_names": names, "outputs": [floats(y) for y in outputs], "output_keys": keys,
        "weights": [[v.path, floats(v), bool(v.trainable)] for v in model.weights],
        "trainable": [v.path for v in model.trainable_weights],
        "optimizer": [[v.path, floats(v)] for v in model.optimizer.variables] if name.startswith("compiled") else [],
    }
    model.save_weights(f"{folder}/{name}.weights.h5")
    entry["weights_file"] = text(f"{folder}/{name}.weights.h5")
    if name != "subclassed":
        model.save(f"{folder}/{name}.keras")
        entry["file"] = text(f"{folder}/{name}.keras")
    result[name] = entry
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "graphs.json"), "w") as file:
    file.write("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in result.items()) + "\n}\n")
