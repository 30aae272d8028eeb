"""Writes graphs.json: models of every kind of graph, and what Keras computes, prints and plots for them.

    KERAS_BACKEND=jax python graphs.py

The scripts beside it write models of a family of layers by the same means, each into a file of its name (see `write`).

Keras 3.15.1, JAX 0.10.2 on a CPU, NumPy 2.4.6, pydot 4.0.1, Python 3.11. A graph is a function of the script; it returns the model, the
arguments of `compile` and its data. Weights and data come from NumPy's RandomState, seeded by the graph's name, with two decimals.
Nine samples in batches of two, in order, two epochs: ten steps, every fifth with one sample.
"""

import base64
import contextlib
import gzip
import io
import json
import os
import re
import tempfile
import zlib

os.environ["KERAS_BACKEND"] = "jax"
os.environ["COLUMNS"] = "80"

import keras
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
layers, ops, Input, Model, Sequential = keras.layers, keras.ops, keras.Input, keras.Model, keras.Sequential
Dense, regularizers, constraints, losses, metrics = layers.Dense, keras.regularizers, keras.constraints, keras.losses, keras.metrics
SGD, Adam, RMSprop = keras.optimizers.SGD, keras.optimizers.Adam, keras.optimizers.RMSprop
ROWS, BATCH, EPOCHS = 9, 2, 2


class Case:
    """What a graph is compiled with and trained on; `x` and `y` by name, in the model's order, given to Keras as lists unless `by_name`."""

    def __init__(self, model, optimizer, x, y, by_name=False, sample_weight=None, class_weight=None, **compiled):
        self.model, self.x, self.y, self.by_name = model, x, y, by_name
        self.sample_weight, self.class_weight = sample_weight, class_weight
        model.compile(optimizer, **compiled)


def data(random, *shape):
    return np.round(random.uniform(-1, 1, (ROWS, *shape)), 2).astype("float32")


def positive(random, *shape):
    return np.round(random.uniform(0, 2, (ROWS, *shape)), 2).astype("float32")


def binary(random, *shape):
    return random.randint(0, 2, (ROWS, *shape)).astype("float32")


def classes(random, count):
    return random.randint(0, count, ROWS).astype("int32")


def steps(random):
    """Sequences of five steps, some shorter, two of them empty: one in a batch with another, one alone in the last batch."""
    x = data(random, 5, 3)
    for row, length in enumerate([5, 3, 1, 0, 4, 5, 5, 2, 0]):
        x[row, length:] = 0
    return x


def two_inputs(random):
    a, b = Input((3,), name="a"), Input((4,), name="b")
    y = Dense(2, name="y")(layers.Concatenate()([a, b]))
    return Case(Model([a, b], y), SGD(0.1, momentum=0.9), {"a": data(random, 3), "b": data(random, 4)}, {"y": data(random, 2)},
                loss="mse", metrics=["mae"])


def wide_and_deep(random):
    wide, deep = Input((4,), name="wide"), Input((3,), name="deep")
    hidden = Dense(3, activation="relu")(Dense(4, activation="relu")(deep))
    y = Dense(1, name="score")(layers.concatenate([wide, hidden]))
    return Case(Model([wide, deep], y), Adam(0.05), {"wide": data(random, 4), "deep": data(random, 3)}, {"score": data(random, 1)},
                by_name=True, loss="mse", metrics=[metrics.MeanAbsoluteError()])


def two_outputs(random):
    x = Input((3,), name="x")
    hidden = Dense(4, activation="tanh")(x)
    model = Model(x, [Dense(2, name="place")(hidden), Dense(1, activation="sigmoid", name="alarm")(hidden)])
    return Case(model, SGD(0.1), {"x": data(random, 3)}, {"place": data(random, 2), "alarm": binary(random, 1)},
                loss=["mse", "binary_crossentropy"], loss_weights=[1.0, 0.2], metrics=[["mae"], ["accuracy"]])


def three_outputs(random):
    x = Input((4,), name="x")
    hidden = Dense(5, activation="relu", name="hidden")(x)
    model = Model(x, [Dense(1, name="z")(hidden), Dense(3, activation="softmax", name="a")(hidden), Dense(2, activation="sigmoid", name="m")(hidden)])
    return Case(model, RMSprop(0.02), {"x": data(random, 4)}, {"z": data(random, 1), "a": classes(random, 3), "m": binary(random, 2)}, by_name=True,
                loss={"m": "binary_crossentropy", "z": losses.MeanAbsoluteError(), "a": "sparse_categorical_crossentropy"},
                loss_weights={"a": 0.5, "z": 1.0, "m": 2.0},
                metrics={"m": ["accuracy", "mse"], "a": ["accuracy"]}, weighted_metrics={"m": ["mse"], "z": "mae"})


def one_loss_for_all(random):
    x = Input((3,), name="x")
    a = Dense(2, name="first")(x)
    b = Dense(2, name="second", activation="tanh")(a)
    return Case(Model(x, [a, b]), SGD(0.1), {"x": data(random, 3)}, {"first": data(random, 2), "second": data(random, 2)}, loss="mse",
                metrics=["mae", "mse"])


def siamese(random):
    left, right = Input((3,), name="left"), Input((3,), name="right")
    tower = Dense(4, activation="tanh", name="tower")
    a, b = tower(left), tower(right)
    merged = layers.Concatenate()([layers.Subtract()([a, b]), layers.Multiply()([a, b])])
    model = Model([left, right], Dense(1, activation="sigmoid", name="same")(merged))
    return Case(model, Adam(0.05), {"left": data(random, 3), "right": data(random, 3)}, {"same": binary(random, 1)},
                loss="binary_crossentropy", metrics=["accuracy"])


def cosine(random):
    left, right = Input((3,), name="left"), Input((4,), name="right")
    y = layers.Dot(axes=1, normalize=True, name="cosine")([Dense(3)(left), Dense(3)(right)])
    return Case(Model([left, right], y), SGD(0.2), {"left": data(random, 3), "right": data(random, 4)}, {"cosine": data(random, 1)}, loss="mse")


def encoder(name="encoder"):
    x = Input((3,), name="encoder_input")
    return Model(x, Dense(3, name="code")(Dense(2, activation="tanh", name="squeeze")(x)), name=name)


def nested_twice(random):
    shared = encoder()
    a, b = Input((3,), name="a"), Input((3,), name="b")
    y = Dense(1, name="y")(layers.Concatenate()([shared(a), shared(shared(b))]))
    return Case(Model([a, b], y, name="pair"), SGD(0.1), {"a": data(random, 3), "b": data(random, 3)}, {"y": data(random, 1)}, loss="mse")


def nested_deep(random):
    inner = encoder()
    x = Input((3,), name="middle_input")
    middle = Model(x, layers.Add()([inner(x), x]), name="middle")
    top = Input((3,), name="top")
    return Case(Model(top, middle(Dense(3)(top)), name="outer"), SGD(0.1, nesterov=True, momentum=0.5), {"top": data(random, 3)},
                {"middle": data(random, 3)}, loss="mse", metrics=["mae"])


def sequential_inside(random):
    block = Sequential([Dense(4, activation="relu"), layers.Dropout(0.0), Dense(3)], name="block")
    x = Input((3,))
    model = Model(x, Dense(2)(layers.Average()([block(x), x])))
    return Case(model, SGD(0.1), {"input_layer": data(random, 3)}, {"dense_2": data(random, 2)}, loss="mae")


def functional_in_sequential(random):
    x = Input((4,))
    inner = Model(x, layers.Add()([Dense(4, activation="relu")(x), x]), name="residual")
    model = Sequential([Input((3,)), Dense(4), inner, Dense(3, activation="softmax")])
    return Case(model, Adam(0.03), {"input": data(random, 3)}, {"output": classes(random, 3)}, loss="sparse_categorical_crossentropy",
                metrics=["accuracy"])


def diamond(random):
    x = Input((3,), name="x")
    top = Dense(3, activation="tanh", name="top")(x)
    left, right = Dense(3, name="left")(top), Dense(3, name="right", activation="sigmoid")(top)
    y = Dense(1, name="bottom")(layers.Concatenate()([layers.Maximum()([left, right]), layers.Minimum()([left, right, top])]))
    return Case(Model(x, y), SGD(0.1), {"x": data(random, 3)}, {"bottom": data(random, 1)}, loss="mse")


def crossing(random):
    """Whose order of layers is neither that of inputs nor that of making them."""
    x, y = Input((3,), name="x"), Input((3,), name="y")
    a, b = Dense(2, name="a")(x), Dense(2, name="b")(y)
    late = Dense(1, name="late")(layers.Add(name="o")([Dense(2, name="b2")(b), a]))
    return Case(Model([y, x], [late, a]), SGD(0.1), {"y": data(random, 3), "x": data(random, 3)}, {"late": data(random, 1), "a": data(random, 2)},
                loss="mse", loss_weights=None)


def residual(random):
    x = Input((3,), name="x")
    h = x
    for i in range(3):
        h = layers.add([h, Dense(3, activation="relu", name=f"block{i}")(h)])
    return Case(Model(x, Dense(2, name="y")(h)), Adam(0.02), {"x": data(random, 3)}, {"y": data(random, 2)}, loss="mse")


def frozen(random):
    x = Input((3,), name="x")
    h = Dense(4, activation="tanh", trainable=False, kernel_regularizer="l2", name="old")(x)
    h = layers.BatchNormalization(trainable=False, name="statistics")(h)
    return Case(Model(x, Dense(2, kernel_regularizer="l2", name="new")(h)), SGD(0.1), {"x": data(random, 3)}, {"new": data(random, 2)}, loss="mse")


def frozen_nested(random):
    base = encoder("base")
    base.trainable = False
    x = Input((3,), name="x")
    return Case(Model(x, Dense(2, name="head")(layers.ReLU()(base(x)))), SGD(0.1, momentum=0.9), {"x": data(random, 3)}, {"head": data(random, 2)},
                loss="mse", metrics=["mae"])


def regularized(random):
    x = Input((3,), name="x")
    shared = Dense(3, kernel_regularizer=regularizers.L1L2(0.01, 0.02), bias_regularizer="l1", name="shared")
    h = shared(shared(x))
    model = Model(x, [Dense(2, kernel_regularizer=regularizers.L2(0.03), name="a")(h), Dense(1, kernel_regularizer="l1", name="b")(h)])
    return Case(model, SGD(0.1), {"x": data(random, 3)}, {"a": data(random, 2), "b": data(random, 1)}, loss={"a": "mse", "b": losses.MeanSquaredError()},
                loss_weights={"a": 0.5, "b": 2.0})


def activity(random):
    x = Input((3,), name="x")
    # Called once: fit on JAX counts the last call of a layer alone.
    h = Dense(3, activation="tanh", activity_regularizer=regularizers.L2(0.05), name="once")(x)
    h = layers.ActivityRegularization(l1=0.02, l2=0.01)(h)
    return Case(Model(x, Dense(2, name="y")(h)), SGD(0.1), {"x": data(random, 3)}, {"y": data(random, 2)}, loss="mse", metrics=["mse"])


def constrained(random):
    x = Input((3,), name="x")
    h = Dense(4, activation="relu", kernel_constraint=constraints.MaxNorm(0.8), bias_constraint="non_neg", name="short")(x)
    h = Dense(3, kernel_constraint=constraints.UnitNorm(axis=0), name="unit")(h)
    y = Dense(2, kernel_constraint=constraints.MinMaxNorm(0.5, 0.9, rate=0.7, axis=1), name="between")(h)
    return Case(Model(x, y), SGD(0.3), {"x": data(random, 3)}, {"between": data(random, 2)}, loss="mse")


def masked(random):
    x = Input((5, 3), name="steps")
    h = layers.PReLU(shared_axes=[1])(Dense(4)(layers.Masking()(x)))
    model = Model(x, [Dense(2, name="y")(h), Dense(3, activation="softmax", name="tag")(layers.Dropout(0.0)(h))])
    return Case(model, SGD(0.1), {"steps": steps(random)}, {"y": data(random, 5, 2), "tag": random.randint(0, 3, (ROWS, 5)).astype("int32")},
                loss=["mse", "sparse_categorical_crossentropy"], metrics=[["mae"], ["accuracy"]])


def masked_weighted(random):
    x = Input((5, 3), name="steps")
    y = Dense(2, name="y", activity_regularizer="l2")(layers.LeakyReLU()(layers.Masking(0.0)(x)))
    return Case(Model(x, y), SGD(0.1), {"steps": steps(random)}, {"y": data(random, 5, 2)}, sample_weight=positive(random, 1),
                loss="mse", metrics=["mae"], weighted_metrics=["mae", "mse"])


def masked_mean(random):
    x = Input((5, 3), name="steps")
    y = Dense(2, name="y")(layers.Masking()(x))
    return Case(Model(x, y), SGD(0.1), {"steps": steps(random)}, {"y": data(random, 5, 2)}, sample_weight=positive(random, 1),
                loss=losses.MeanSquaredError(reduction="mean_with_sample_weight"), weighted_metrics=["mae"])


def masks_merged(random):
    a, b = Input((5, 3), name="a"), Input((5, 3), name="b")
    masked = [layers.Masking()(a), layers.Masking()(b)]
    either = Dense(1, name="either")(layers.Add()(masked))
    both = Dense(1, name="chain")(layers.Concatenate(axis=1)(masked))
    none = Dense(1, name="none")(layers.Multiply()([masked[0], b]))
    return Case(Model([a, b], [either, both, none]), SGD(0.1), {"a": steps(random), "b": steps(np.random.RandomState(1))[::-1].copy()},
                {"either": data(random, 5, 1), "chain": data(random, 10, 1), "none": data(random, 5, 1)}, loss=["mse", "mse", "mse"],
                metrics=[["mae"], ["mae"], ["mae"]])


def weighted(random):
    x = Input((3,), name="x")
    h = Dense(3, activation="elu")(x)
    model = Model(x, [Dense(2, name="a")(h), Dense(1, activation="sigmoid", name="b")(h)])
    return Case(model, SGD(0.1), {"x": data(random, 3)}, {"a": data(random, 2), "b": binary(random, 1)},
                sample_weight=[positive(random), positive(random)], loss=["mse", losses.BinaryCrossentropy(reduction="sum")],
                metrics=[["mse"], []], weighted_metrics=[["mse", "mae"], ["accuracy"]])


def weighted_by_name(random):
    x, y = Input((3,), name="x"), Input((2,), name="y")
    h = Dense(3, activation="elu")(layers.Concatenate()([x, y]))
    model = Model({"x": x, "y": y}, {"q": Dense(2, name="b1")(h), "p": Dense(1, name="a1")(h)})
    return Case(model, SGD(0.1), {"x": data(random, 3), "y": data(random, 2)}, {"p": data(random, 1), "q": data(random, 2)}, by_name=True,
                sample_weight={"p": positive(random), "q": positive(random)}, loss={"p": "mse", "q": "mae"}, loss_weights={"p": 1.0, "q": 0.5},
                metrics={"q": ["mse"], "p": ["mae"]}, weighted_metrics={"q": ["mse"]})


def weighted_classes(random):
    x = Input((4,), name="x")
    y = layers.Softmax(name="y")(Dense(3)(layers.ELU(0.5)(Dense(4)(x))))
    return Case(Model(x, y), SGD(0.1), {"x": data(random, 4)}, {"y": classes(random, 3)}, class_weight={0: 1.0, 1: 0.5, 2: 2.0},
                loss="sparse_categorical_crossentropy", metrics=["accuracy"], weighted_metrics=["accuracy"])


def operators(random):
    x, y = Input((3,), name="x"), Input((3,), name="y")
    h = Dense(3)(x + y * 2 - x / 4)
    h = ops.relu(1 - h) - ops.tanh(-h)
    return Case(Model([x, y], Dense(1, name="z")(ops.concatenate([h, x * y], axis=-1))), SGD(0.1), {"x": data(random, 3), "y": data(random, 3)},
                {"z": data(random, 1)}, loss="mse")


def grown(random):
    x = Input((3,), name="x")
    first = Model(x, Dense(2, name="old")(Dense(4, activation="relu", name="hidden")(x)), name="first")
    new = Dense(1, activation="sigmoid", name="new")(first.get_layer("hidden").output)
    return Case(Model(first.input, [first.output, new], name="grown"), Adam(0.05), {"x": data(random, 3)},
                {"old": data(random, 2), "new": binary(random, 1)}, loss={"old": "mse", "new": "binary_crossentropy"})


def normalized_branch(random):
    x = Input((3,), name="x")
    h = Dense(4, name="stem")(x)
    branch = layers.BatchNormalization(momentum=0.8)(Dense(4, use_bias=False)(h))
    return Case(Model(x, Dense(2, name="y")(layers.Add()([h, branch]))), SGD(0.05), {"x": data(random, 3)}, {"y": data(random, 2)}, loss="mse")


def unscored(random):
    x = Input((3,), name="x")
    a = Dense(2, name="a")(x)
    return Case(Model(x, [a, Dense(2, name="b")(a)]), SGD(0.1), {"x": data(random, 3)}, {"a": data(random, 2), "b": data(random, 2)},
                loss=["mse", None], metrics=[["mae"], ["mae"]])


def shapes(random):
    x = Input((2, 6), name="x")
    h = layers.Permute((2, 1))(layers.Reshape((3, 4))(x))
    h = layers.Softmax(axis=1)(layers.LeakyReLU(negative_slope=0.1)(Dense(3)(h)))
    repeated = layers.RepeatVector(4)(Dense(3, activation="relu")(layers.Flatten()(h)))
    y = Dense(1, name="y")(layers.Flatten()(layers.Dot(axes=(2, 2))([h, layers.ReLU(max_value=0.5)(repeated)])))
    return Case(Model(x, y), SGD(0.1), {"x": data(random, 2, 6)}, {"y": data(random, 1)}, loss="mse")


def tickets(vocabulary=5, tags=3, departments=4):
    """The classifier of tickets of Chollet's book (2021), section 7.2.2: two outputs and three inputs."""
    title, body, marks = Input((vocabulary,), name="title"), Input((vocabulary,), name="text_body"), Input((tags,), name="tags")
    features = layers.Concatenate()([title, body, marks])
    features = Dense(64 if vocabulary > 100 else 6, activation="relu", name="dense_features")(features)
    return Model(inputs=[title, body, marks], outputs=[Dense(1, activation="sigmoid", name="priority")(features),
                                                       Dense(departments, activation="softmax", name="department")(features)])


def harder(model):
    """The same with a third head on its features, section 7.2.2: how difficult a ticket is."""
    difficulty = Dense(3, activation="softmax", name="difficulty")(model.get_layer("dense_features").output)
    return Model(inputs=model.input, outputs=[*model.output, difficulty])


def ticket_data(random):
    return {"title": binary(random, 5), "text_body": binary(random, 5), "tags": binary(random, 3)}


def ticket_model(random):
    department = np.eye(4, dtype="float32")[classes(random, 4)]
    return Case(tickets(), RMSprop(0.01), ticket_data(random), {"priority": positive(random, 1) / 2, "department": department}, by_name=True,
                loss={"priority": "mean_squared_error", "department": "categorical_crossentropy"},
                metrics={"priority": ["mean_absolute_error"], "department": ["accuracy"]})


def ticket_model_grown(random):
    department, difficulty = np.eye(4, dtype="float32")[classes(random, 4)], np.eye(3, dtype="float32")[classes(random, 3)]
    return Case(harder(tickets()), RMSprop(0.01), ticket_data(random),
                {"priority": positive(random, 1) / 2, "department": department, "difficulty": difficulty},
                loss=["mean_squared_error", "categorical_crossentropy", "categorical_crossentropy"],
                metrics=[["mean_absolute_error"], ["accuracy"], ["accuracy"]])


GRAPHS = [two_inputs, wide_and_deep, two_outputs, three_outputs, one_loss_for_all, siamese, cosine, nested_twice, nested_deep, sequential_inside,
          functional_in_sequential, diamond, crossing, residual, frozen, frozen_nested, regularized, activity, constrained, masked, masked_weighted,
          masked_mean, masks_merged, weighted, weighted_by_name, weighted_classes, operators, grown, normalized_branch, unscored, shapes, ticket_model,
          ticket_model_grown]
SUMMARIES = [wide_and_deep, three_outputs, siamese, nested_twice, nested_deep, sequential_inside, functional_in_sequential, crossing, frozen,
             frozen_nested, masks_merged, weighted_by_name, operators, shapes]
FILES = [nested_deep, functional_in_sequential, frozen_nested, masks_merged, weighted_by_name, operators, ticket_model_grown]
PLOTS = {"nested_deep": [{}, {"expand_nested": True}, {"expand_nested": True, "show_shapes": True, "rankdir": "LR", "show_trainable": True}],
         "operators": [{"show_layer_names": True, "show_dtype": True}], "frozen": [{"show_layer_activations": True, "show_trainable": True, "dpi": 96}],
         "ticket_model": [{"show_shapes": True, "show_layer_names": True}], "ticket_model_grown": [{"show_shapes": True, "show_layer_names": True}],
         "masks_merged": [{"show_shapes": True}], "functional_in_sequential": [{"expand_nested": True}], "sequential_inside": [{"expand_nested": True}]}


def numbers(array, digits=6):
    array = np.asarray(array)
    values = array.astype("float64").ravel()
    return {"shape": list(array.shape), "scalars": [int(v) if v == int(v) else float(f"{v:.{digits}g}") for v in values]}


def figures(logs):
    """Seven digits of each figure: a number, one for each epoch, or none."""
    def digits(value):
        return [digits(v) for v in value] if isinstance(value, list) else value and float(f"{value:.7g}")

    return {name: digits(value) for name, value in logs.items()}


def start(random, weight):
    if weight.name in ("gamma", "moving_variance"):
        return np.round(random.uniform(0.5, 1.5, weight.shape), 2)
    return np.round(random.uniform(-1, 1, weight.shape), 2)


def printed(model, columns=80, **arguments):
    """What the user sees: rich's table printed on a terminal of this width."""
    os.environ["COLUMNS"] = str(columns)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        model.summary(**arguments)
    os.environ["COLUMNS"] = "80"
    return out.getvalue()


def plotted(model, options):
    """The text for Graphviz, its nodes (in Keras addresses of objects) numbered as they come."""
    seen = {}
    text = keras.utils.model_to_dot(model, **options).to_string()
    return re.sub(r"\b\d{9,}\b", lambda found: f"node{seen.setdefault(found[0], len(seen))}", text)


def saved(model):
    """The model's file, gzipped, as base64."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        with open(f"{folder}/model.keras", "rb") as file:
            return base64.b64encode(gzip.compress(file.read(), 9, mtime=0)).decode()


def by_name(names, outputs):
    outputs = outputs if isinstance(outputs, (list, dict)) else [outputs]
    return {name: numbers(value) for name, value in (sorted(outputs.items()) if isinstance(outputs, dict) else zip(names, outputs))}


def run(graph, save):
    name = graph.__name__
    random = np.random.RandomState(zlib.crc32(name.encode()))
    keras.utils.clear_session()
    case = graph(random)
    model = case.model
    model.set_weights([start(random, w) for w in model.weights])
    names = sorted(model.output) if isinstance(getattr(model, "output", None), dict) else getattr(model, "output_names", None)
    result = {
        "name": name, "config": json.loads(model.to_json()) | {"compile_config": {}}, "compile": model.get_compile_config(),
        "layers": [layer.name for layer in model.layers], "outputs": names,
        "weights": [{"path": w.path, "trainable": any(w is t for t in model.trainable_weights)} | numbers(w, 4) for w in model.weights],
        "x": {key: numbers(value, 4) for key, value in case.x.items()}, "y": {key: numbers(value, 4) for key, value in case.y.items()},
        "by_name": case.by_name, "batch_size": BATCH, "epochs": EPOCHS,
    }
    if isinstance(case.sample_weight, dict):
        result["sample_weight"] = {key: numbers(value, 4) for key, value in case.sample_weight.items()}
    elif case.sample_weight is not None:
        result["sample_weight"] = {key: numbers(value, 4) for key, value in zip(case.y, case.sample_weight if isinstance(case.sample_weight, list)
                                                                              else [case.sample_weight])}
    if case.class_weight is not None:
        result["class_weight"] = {str(key): value for key, value in case.class_weight.items()}

    x, y = (case.x, case.y) if case.by_name else (list(case.x.values()), list(case.y.values()))
    x, y = (list(values.values())[0] if len(values) == 1 else given for values, given in ((case.x, x), (case.y, y)))
    result["predictions"] = by_name(case.y, model.predict(x, batch_size=BATCH, verbose=0))
    history = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0, sample_weight=case.sample_weight,
                        class_weight=case.class_weight).history
    for weight in model.weights:  # which on JAX may share its array with its moving average, and lose it with that
        weight.assign(np.array(weight))
    if any(isinstance(layer, layers.Masking) or getattr(layer, "mask_zero", False) for layer in model.layers):
        # fit on JAX loses the masks of outputs before metrics see them; those of an evaluation are what they should be.
        history = {key: values if key.endswith("loss") else None for key, values in history.items()}
    result["history"] = figures(history)
    result["evaluated"] = figures(model.evaluate(x, y, batch_size=BATCH, verbose=0, return_dict=True, sample_weight=case.sample_weight))
    listed = model.evaluate(x, y, batch_size=BATCH, verbose=0, sample_weight=case.sample_weight)
    result["evaluated_list"] = [float(f"{v:.7g}") for v in (listed if isinstance(listed, list) else [listed])]
    result["trained"] = [numbers(w)["scalars"] for w in model.weights]
    if save:
        result["file"] = saved(model)
        result["predicted"] = by_name(case.y, model.predict(x, batch_size=BATCH, verbose=0))
        model.fit(x, y, batch_size=ROWS, epochs=1, shuffle=False, verbose=0)
        result["after_file"] = [numbers(w)["scalars"] for w in model.weights]
    moved = [bool(np.any(np.asarray(w) != np.asarray(v["scalars"], "float32").reshape(v["shape"]))) for w, v in zip(model.weights, result["weights"])]
    for w, changes in zip(result["weights"], moved):
        still = (name, w["path"].split("/")[0]) in [("unscored", "b"), ("frozen", "statistics")]  # not reached by a loss; frozen
        assert changes == (not still and (w["trainable"] or "moving" in w["path"])), (name, w["path"])

    fresh = keras.models.model_from_json(json.dumps(result["config"]))
    assert [layer.name for layer in fresh.layers] == result["layers"]
    if graph in SUMMARIES:
        result["summary"] = printed(fresh)
        if any(isinstance(layer, Model) for layer in fresh.layers):
            result["summary_nested"] = printed(fresh, expand_nested=True)
    result["plots"] = [{"options": options, "dot": plotted(fresh, options)} for options in PLOTS.get(name, [])]
    return result


def ticket_texts():
    """The ticket model in its book's size, before and after it has grown."""
    keras.utils.clear_session()
    before = tickets(10000, 100)
    after = harder(before)
    return [{"config": json.loads(model.to_json()), "summaries": {str(columns): printed(model, columns) for columns in (80, 120)}}
            for model in (before, after)]


def write(family, graphs, files=(), more=""):
    """Writes FAMILY.json: what Keras makes of `graphs`; of those in `files` the trained model's file, too."""
    text = ",\n".join(json.dumps(run(graph, graph in files), separators=(",", ":"), ensure_ascii=False) for graph in graphs)
    with open(os.path.join(HERE, family + ".json"), "w") as file:
        file.write('{"graphs":[\n' + text + "\n]" + more + "}\n")


if __name__ == "__main__":
    write("graphs", GRAPHS, FILES, ',\n"tickets":' + json.dumps(ticket_texts(), separators=(",", ":"), ensure_ascii=False))
