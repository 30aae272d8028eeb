"""Writes what Keras computes, for LockstepNNTests to compare with: one JSON file a subject, beside this script.

    KERAS_BACKEND=jax python golden.py

Keras 3.15.1, JAX 0.10.2 on a CPU, NumPy 2.4.6, Python 3.11. Inputs come from NumPy's RandomState with the seeds below.
"""

import contextlib
import io
import json
import os
import re

os.environ["KERAS_BACKEND"] = "jax"
os.environ["COLUMNS"] = "80"

import keras
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def numbers(array):
    """Shape and float32 elements, nine digits each: enough to give the same float back."""
    array = np.asarray(array)
    return {"shape": list(array.shape), "scalars": [float(f"{x:.9g}") for x in array.astype("float64").ravel()]}


def write(name, value):
    with open(os.path.join(HERE, name + ".json"), "w") as file:
        json.dump(value, file, indent=None, separators=(",", ":"), ensure_ascii=False)
        file.write("\n")


def activations():
    x = np.concatenate([np.linspace(-6, 7, 53), [-0.0, 0.5, 3.0, 6.0, -3.0]]).astype("float32")
    names = ["linear", "relu", "sigmoid", "tanh", "softmax", "log_softmax", "softplus", "softsign", "exponential", "silu",
             "elu", "selu", "relu6", "leaky_relu", "hard_sigmoid", "mish", "celu", "hard_silu", "hard_tanh", "hard_shrink", "soft_shrink",
             "tanh_shrink", "log_sigmoid", "sparse_sigmoid", "sparse_plus", "squareplus"]
    result = {name: numbers(keras.activations.get(name)(x[None, :])[0]) for name in names}
    result["gelu"] = numbers(keras.activations.gelu(x, approximate=False))
    return {"x": numbers(x), "y": result}


def schedules():
    cases = []
    for name, arguments in [
        ("ExponentialDecay", dict(initial_learning_rate=0.1, decay_steps=7, decay_rate=0.9)),
        ("ExponentialDecay", dict(initial_learning_rate=0.1, decay_steps=7, decay_rate=0.9, staircase=True)),
        ("InverseTimeDecay", dict(initial_learning_rate=0.1, decay_steps=5, decay_rate=0.5)),
        ("InverseTimeDecay", dict(initial_learning_rate=0.1, decay_steps=5, decay_rate=0.5, staircase=True)),
        ("PiecewiseConstantDecay", dict(boundaries=[3, 10], values=[1.0, 0.5, 0.1])),
        ("PiecewiseConstantDecay", dict(boundaries=[8], values=[1.0, 0.25])),
        ("PolynomialDecay", dict(initial_learning_rate=0.1, decay_steps=11)),
        ("PolynomialDecay", dict(initial_learning_rate=0.1, decay_steps=11, end_learning_rate=0.01, power=0.5)),
        ("PolynomialDecay", dict(initial_learning_rate=0.1, decay_steps=5, end_learning_rate=0.02, power=2.0, cycle=True)),
        ("CosineDecay", dict(initial_learning_rate=0.1, decay_steps=12)), ("CosineDecay", dict(initial_learning_rate=0.1, decay_steps=12, alpha=0.2)),
        ("CosineDecay", dict(initial_learning_rate=0.01, decay_steps=12, alpha=0.1, warmup_target=0.2, warmup_steps=6)),
        ("CosineDecay", dict(initial_learning_rate=0.01, decay_steps=12, warmup_target=0.2)),
    ]:
        made = getattr(keras.optimizers.schedules, name)(**arguments)
        cases.append({"name": name, "arguments": arguments, "serialized": keras.optimizers.schedules.serialize(made),
                      "values": [float(made(step)) for step in range(31)]})
    return cases


def losses():
    random = np.random.RandomState(3)
    n, c = 6, 4
    real, predicted = random.normal(size=(n, c)), random.normal(size=(n, c))
    logits = random.normal(0, 3, size=(n, c))
    probabilities = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True) * 0.9  # need not sum to one
    labels, binary = random.randint(0, c, size=n), random.randint(0, 2, size=(n, c))
    weights = random.uniform(0, 2, size=n)
    one_hot, inside = np.eye(c)[labels], random.uniform(0, 1, size=(n, c))
    soft = random.dirichlet(np.ones(c), size=n)
    inside[0, 0], inside[1, 1] = 0, 1  # clipped
    named = {"real": real, "predicted": predicted, "logits": logits, "probabilities": probabilities, "labels": labels, "binary": binary,
             "weights": weights, "one_hot": one_hot, "inside": inside, "soft": soft, "column": weights[:, None]}
    table = [("MeanSquaredError", {}, "real", "predicted"), ("MeanAbsoluteError", {}, "real", "predicted")]
    for smoothing in [0.0, 0.1]:
        table += [("BinaryCrossentropy", {"label_smoothing": smoothing}, "binary", "inside"),
                  ("BinaryCrossentropy", {"label_smoothing": smoothing, "from_logits": True}, "binary", "logits"),
                  ("CategoricalCrossentropy", {"label_smoothing": smoothing}, "one_hot", "probabilities"),
                  ("CategoricalCrossentropy", {"label_smoothing": smoothing, "from_logits": True}, "soft", "logits")]
    table += [("SparseCategoricalCrossentropy", {}, "labels", "probabilities"), ("SparseCategoricalCrossentropy", {"from_logits": True}, "labels", "logits")]
    cases = []
    for name, arguments, y_true, y_pred in table:
        for reduction in ["sum_over_batch_size", "sum", "mean_with_sample_weight"]:
            for weight in [None, "weights", "column"]:
                loss = getattr(keras.losses, name)(reduction=reduction, **arguments)
                a, b = named[y_true].astype("int32" if y_true == "labels" else "float32"), named[y_pred].astype("float32")
                value = loss(a, b, sample_weight=None if weight is None else named[weight].astype("float32"))
                cases.append({"name": name, "arguments": arguments, "reduction": reduction, "weights": weight, "y_true": y_true, "y_pred": y_pred,
                              "value": float(value), "default_name": loss.name})
    return {"tensors": {key: numbers(value) for key, value in named.items()}, "cases": cases}


def metrics():
    random = np.random.RandomState(5)
    n, c = 7, 3
    scores, labels = random.uniform(size=(2, n, c)), random.randint(0, c, size=(2, n))
    weights, column = random.uniform(0, 2, size=(2, n)), random.uniform(size=(2, n, 1))
    named = {"scores": scores, "labels": labels, "weights": weights, "one_hot": np.eye(c)[labels], "column": column,
             "binary": random.randint(0, 2, size=(2, n, 1)), "binary_rows": random.randint(0, 2, size=(2, n, c)), "labels_column": labels[..., None],
             "binary_flat": random.randint(0, 2, size=(2, n))}
    table = [("SparseCategoricalAccuracy", {}, "labels", "scores"), ("SparseCategoricalAccuracy", {}, "labels_column", "scores"),
             ("CategoricalAccuracy", {}, "one_hot", "scores"), ("BinaryAccuracy", {}, "binary", "column"), ("BinaryAccuracy", {}, "binary_rows", "scores"),
             ("BinaryAccuracy", {"threshold": 0.7}, "binary", "column"), ("BinaryAccuracy", {}, "binary_flat", "column"),
             ("MeanSquaredError", {}, "binary_rows", "scores"), ("MeanAbsoluteError", {}, "binary_rows", "scores"),
             ("BinaryCrossentropy", {}, "binary_rows", "scores"), ("CategoricalCrossentropy", {}, "one_hot", "scores"),
             ("SparseCategoricalCrossentropy", {}, "labels", "scores")]
    cases = []
    for name, arguments, y_true, y_pred in table:
        for weighted in [False, True]:
            metric, results = getattr(keras.metrics, name)(**arguments), []
            for batch in range(2):
                # Keras compares integer targets with float predictions here; float ones mean the same.
                a = named[y_true][batch].astype("int32" if y_true.startswith("labels") else "float32")
                metric.update_state(a, named[y_pred][batch].astype("float32"),
                                    sample_weight=weights[batch].astype("float32") if weighted else None)
                results.append(float(metric.result()))
            cases.append({"name": name, "arguments": arguments, "y_true": y_true, "y_pred": y_pred, "weighted": weighted, "results": results,
                          "default_name": metric.name, "variables": [v.name for v in metric.variables]})
    return {"tensors": {key: [numbers(v) for v in value] for key, value in named.items()}, "cases": cases}


def confusion():
    """Metrics of counts at thresholds: states and results after each of two batches, without and with weights."""
    random = np.random.RandomState(13)
    n, c = 57, 5
    scores = random.uniform(-0.1, 1.1, size=(2, n, c))
    scores[:, :12] = np.round(scores[:, :12] * 4) / 4  # at thresholds, and equal ones
    scores[:, 12:20] = np.round(scores[:, 12:20] * 199) / 199
    rows = random.randint(0, 2, size=(2, n, c))
    named = {"scores": scores, "rows": rows, "flat_scores": scores[..., 0], "flat": rows[..., 0], "column": rows[..., :1], "logits": scores * 6 - 3,
             "weights": random.uniform(0, 2, size=(2, n))}
    lists = [{}, {"thresholds": 0.25}, {"thresholds": [0.75, 0.25, 0.5]}, {"thresholds": [0.0, 0.5, 1.0]}]
    table = [(name, arguments, "rows", "scores") for name in ["TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives"] for arguments in lists]
    for name in ["Precision", "Recall"]:
        table += [(name, arguments, "rows", "scores") for arguments in lists]
        table += [(name, {"top_k": 2}, "rows", "scores"), (name, {"class_id": 3}, "rows", "scores"),
                  (name, {"top_k": 3, "class_id": 1, "thresholds": [0.1, 0.3]}, "rows", "scores"), (name, {}, "flat", "flat_scores"),
                  (name, {}, "column", "flat_scores")]
    for curve in ["ROC", "PR", "PRGAIN"]:
        for method in ["interpolation", "minoring", "majoring"]:
            table += [("AUC", {"curve": curve, "summation_method": method}, "rows", "scores")]
        table += [("AUC", {"curve": curve, "num_thresholds": 3}, "flat", "flat_scores"), ("AUC", {"curve": curve, "thresholds": [0.7, 0.1, 0.4]}, "rows", "scores")]
    table += [("AUC", {"from_logits": True, "num_thresholds": 50}, "rows", "logits"), ("AUC", {"thresholds": [0.25, 0.5, 0.75]}, "rows", "scores"),
              ("AUC", {"num_thresholds": 2}, "column", "flat_scores")]
    cases = []
    for name, arguments, y_true, y_pred in table:
        for weighted in [False, True]:
            keras.utils.clear_session()
            metric, results, states = getattr(keras.metrics, name)(**arguments), [], []
            for batch in range(2):
                metric.update_state(named[y_true][batch].astype("float32"), named[y_pred][batch].astype("float32"),
                                    sample_weight=named["weights"][batch].astype("float32") if weighted else None)
                results.append(numbers(metric.result()))
                # 200 thresholds once; how they are summed up does not change them.
                if name != "AUC" or "thresholds" in arguments or arguments.get("curve") == "ROC" and arguments.get("summation_method") == "interpolation":
                    states.append([numbers(v.numpy()) for v in metric.variables])
            cases.append({"name": name, "arguments": arguments, "y_true": y_true, "y_pred": y_pred, "weighted": weighted, "results": results,
                          "states": states, "default_name": metric.name, "variables": [v.name for v in metric.variables],
                          "config": json.loads(json.dumps(metric.get_config()))})
    return {"tensors": {key: [numbers(v) for v in value] for key, value in named.items()}, "cases": cases}


def printed(model, columns, **arguments):
    """What the user sees: rich's table printed on a terminal of this width."""
    os.environ["COLUMNS"] = str(columns)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        model.summary(**arguments)
    os.environ["COLUMNS"] = "80"
    return out.getvalue()


def make(kind):
    """The models of the summaries and configurations; Models.swift makes the same."""
    keras.utils.clear_session()
    layers, sequential = keras.layers, keras.Sequential
    if kind == "mnist":
        return sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(512, activation="relu"), layers.Dropout(0.2),
                           layers.Dense(10, activation="softmax")])
    if kind == "first_layer_shape":
        return sequential([layers.Dense(8, activation="relu", input_shape=(4,), name="entry"), layers.Activation("tanh"), layers.Dense(1, use_bias=False)], name="small")
    if kind == "unbuilt":
        return sequential([layers.Dense(4, activation="relu"), layers.Dense(3, activation="softmax")])
    if kind == "called":
        model = make("unbuilt")
        model(np.zeros((5, 3), "float32"))
        return model
    if kind == "built":
        model = make("unbuilt")
        model.build((None, 3))
        return model
    if kind == "empty":
        return sequential()
    if kind == "input_only":
        return sequential([layers.Input((3,))])
    if kind == "frozen":
        model = sequential([layers.Input((3,)), layers.Dense(4, trainable=False), layers.Dense(2)])
        return model
    if kind == "long_names":
        return sequential([layers.Input((3,)), layers.Dense(1000, name="a_dense_layer_with_quite_a_long_name_indeed"),
                           layers.Dense(1234, name="another")], name="a_model_with_a_name")
    if kind == "compiled":
        model = sequential([layers.Input((3,)), layers.Dense(4), layers.Dense(2)])
        model.compile("adam", "mse")
        return model
    if kind == "normalized":
        initializers = keras.initializers
        model = sequential([layers.Input((4, 3)), layers.BatchNormalization(axis=1, momentum=0.9, epsilon=1e-4, center=False),
                            layers.Flatten(), layers.Dense(5), layers.BatchNormalization(), layers.BatchNormalization(scale=False, trainable=False),
                            layers.BatchNormalization(beta_initializer=initializers.Constant(0.5), gamma_initializer="zeros",
                                                      moving_mean_initializer="ones", moving_variance_initializer=initializers.Constant(2.0))])
        model.compile("adam", "mse")
        model.optimizer.build(model.trainable_variables)
        return model
    if kind == "regularized":
        regularizers, constraints = keras.regularizers, keras.constraints
        return sequential([
            layers.Input((4,)),
            layers.Dense(6, kernel_regularizer="l2", bias_regularizer=regularizers.L1(0.1), activity_regularizer=regularizers.L1L2(0.1, 0.2),
                         kernel_constraint="max_norm", bias_constraint=constraints.NonNeg()),
            layers.BatchNormalization(beta_regularizer="l1", gamma_regularizer=regularizers.L2(0.03), beta_constraint="non_neg", gamma_constraint="unit_norm"),
            layers.PReLU(alpha_regularizer=regularizers.L1L2(l1=0.5), alpha_constraint=constraints.MinMaxNorm(0.1, 0.7, 0.5, -1)),
            layers.ActivityRegularization(l1=0.01, l2=0.3), layers.Flatten(activity_regularizer="l2"),
            layers.Dense(3, kernel_regularizer=regularizers.OrthogonalRegularizer(0.3, "columns"), kernel_constraint=constraints.UnitNorm([0, 1]))])
    if kind in ("adam", "sgd", "rmsprop", "adagrad"):
        model = sequential([layers.Input((3,)), layers.Dense(4), layers.Dropout(0.5), layers.Dense(2, trainable=False)])
        model.compile(kind, "mse")
        model.optimizer.build(model.trainable_variables)
        return model
    raise ValueError(kind)


KINDS = ["mnist", "first_layer_shape", "unbuilt", "called", "built", "empty", "input_only", "frozen", "long_names", "compiled", "adam", "sgd",
         "rmsprop", "adagrad", "normalized"]


def summaries():
    cases = []
    for kind in KINDS:
        model = make(kind)
        for line_length, columns in [(None, 80), (None, 200), (100, 200), (60, 200), (None, 70)]:
            arguments = {} if line_length is None else {"line_length": line_length}
            cases.append({"model": kind, "line_length": line_length, "columns": columns, "text": printed(model, columns, **arguments)})
    return cases


class Split(keras.layers.Layer):
    """Two outputs: the first two columns, and the others."""

    def call(self, x):
        return [x[:, :2], x[:, 2:]]


class Block(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.first = keras.layers.Dense(units, activation="relu")
        self.inner = keras.Sequential([keras.layers.Dense(3), keras.layers.Dropout(0.5)])
        self.last = keras.layers.Dense(2)

    def call(self, x):
        return self.last(self.inner(self.first(x)))


def make_graph(kind):
    """The models of the summaries and plots of graphs; GraphModels.swift makes the same."""
    keras.utils.clear_session()
    layers, Input, Model, Sequential = keras.layers, keras.Input, keras.Model, keras.Sequential
    Dense = layers.Dense
    if kind == "chain":
        x = Input((3,))
        return Model(x, Dense(2)(layers.Dropout(0.5)(Dense(4, activation="relu")(x))))
    if kind == "two_inputs":
        left, right = Input((3,), name="left"), Input((5,), name="right")
        return Model([left, right], Dense(1, activation="sigmoid", name="answer")(Dense(4)(left) + Dense(4)(right)))
    if kind == "by_name":
        inputs = {"b": Input((3,), name="b", dtype="int32"), "a": Input((4,), name="a")}
        return Model(inputs, {"sum": Dense(3, name="sum")(inputs["a"]) * 2, "plain": Dense(2, name="plain")(inputs["b"])}, name="by_name")
    if kind == "operators":
        x, y = Input((3,)), Input((3,))
        return Model([x, y], -(2 * x - y / (x + 1)))
    if kind == "shared":
        left, right, encode = Input((4,), name="left"), Input((4,), name="right"), Dense(8, activation="tanh", name="encode")
        return Model([left, right], Dense(1)(encode(left) * encode(right)), name="siamese")
    if kind == "shared_chain":
        x, dense = Input((4,)), Dense(4)
        return Model(x, dense(dense(x)))
    if kind == "called_before":
        x, dense = Input((3,), name="x"), Dense(4, name="dense")
        dense(Input((3,)))
        y = dense(x)
        return Model(x, y * y, name="called_before")
    if kind == "nested":
        i, j, x, y = Input((4,)), Input((6,)), Input((6,), name="x"), Input((4,), name="y")
        inner = Model(i, Dense(4, name="inside")(i), name="inner")
        middle = Model(j, Sequential([Dense(3), Dense(2)], name="stack")(inner(Dense(4)(j))), name="middle")
        return Model([x, y], [middle(x) + Dense(2)(inner(y)), middle(Dense(6)(y))], name="outer")
    if kind == "structures":
        i, j, x = Input((4,)), [Input((3,), name="p"), Input((2,), name="q")], Input((4,), name="x")
        single = Model([i], [Dense(3)(i)], name="single")
        double = Model({"p": j[0], "q": j[1]}, {"u": j[1] + 1, "v": Dense(2)(j[0])}, name="double")
        stack = Sequential([Input((3,)), Dense(2)], name="stack")
        y = single([x])
        y = y[0] if isinstance(y, list) else y
        outputs = double({"p": y, "q": stack(y)})
        return Model(x, [outputs["u"], outputs["v"]], name="structures")
    if kind == "outputs":
        x = Input((5,), name="x")
        a, b = Split()(x)
        return Model(x, [Dense(3)(a), b, x * x], name="outputs")
    if kind == "frozen":
        i, x = Input((4,)), Input((4,))
        base = Model(i, layers.BatchNormalization()(Dense(8)(i)), name="base")
        base.trainable = False
        hidden = Dense(8)
        hidden.trainable = False
        return Model(x, Dense(2)(hidden(base(x)) + Dense(8)(x)))
    if kind == "unused":
        x, y = Input((3,), name="x"), Input((2,), name="y")
        return Model([x, y], Dense(2)(x))
    if kind == "part":
        x = Input((3,))
        hidden = Dense(4, activation="relu")(x)
        whole = Model(x, Dense(1)(hidden + Dense(4)(x)))
        model = Model(whole.layers[1].output, Dense(2)(Dense(5)(whole.layers[1].output)), name="part")
        model.layers[0].name = "keras_tensor_clone"  # Keras' own name counts all tensors that there have been
        return model
    if kind == "unbuilt_block":
        return Block(4)
    if kind == "block":
        model = Block(4)
        model(np.zeros((5, 3), "float32"))
        return model
    if kind == "block_inside":
        x = Input((3,))
        return Model(x, Block(4)(x) + Dense(2)(x), name="with_block")
    if kind == "graph_in_stack":
        i = Input((4,), name="i")
        return Sequential([Input((4,)), Model(i, Dense(4)(i) + i, name="residual"), Dense(2, activation="softmax")], name="stack")
    if kind == "long_names":
        x = Input((3,), name="an_input_whose_name_does_not_fit_anywhere")
        y = Dense(1000, name="a_dense_layer_with_quite_a_long_name_indeed")(x)
        return Model(x, [y, Dense(1234, name="another_layer_with_a_name")(y) + Dense(1234)(x)], name="a_model_with_a_name")
    if kind == "compiled_graph":
        model = make_graph("two_inputs")
        model.layers[2].trainable = False
        model.compile("adam", "mse")
        model.optimizer.build(model.trainable_variables)
        return model
    if kind.startswith("ticket"):
        inputs = [Input((100,), name="title"), Input((100,), name="text_body"), Input((12,), name="tags")]
        features = Dense(64, activation="relu")(layers.Concatenate()(inputs))
        outputs = [Dense(1, activation="sigmoid", name="priority")(features), Dense(4, activation="softmax", name="department")(features)]
        model = Model(inputs, outputs)
        if kind == "ticket":
            return model
        return Model(inputs, outputs + [Dense(3, activation="softmax", name="difficulty")(model.layers[4].output)])
    raise ValueError(kind)


GRAPHS = ["chain", "two_inputs", "by_name", "operators", "shared", "shared_chain", "called_before", "nested", "structures", "outputs", "frozen", "unused", "part", "unbuilt_block", "block",
          "block_inside", "graph_in_stack", "long_names", "compiled_graph", "ticket", "ticket_grown"]


def graph_summaries():
    cases = []
    for kind in GRAPHS:
        model = make_graph(kind)
        widths = [(None, 80, False, False), (None, 200, False, True), (60, 200, True, False), (88, 200, True, True), (100, 200, False, False)]
        if kind == "two_inputs":
            widths += [(19, 200, False, False), (21, 200, False, False), (24, 200, False, False), (31, 200, False, True), (40, 200, False, True)]
        for line_length, columns, expand_nested, show_trainable in widths:
            arguments = {"line_length": line_length, "expand_nested": expand_nested, "show_trainable": show_trainable}
            cases.append({"model": kind, **arguments, "columns": columns, "text": printed(model, columns, **arguments)})
    return cases


def plots():
    """The texts for Graphviz, their nodes, in Keras addresses of objects, numbered as they come."""
    cases = []
    every = {"show_shapes": True, "show_dtype": True, "show_layer_activations": True, "show_trainable": True}
    for kind in GRAPHS:
        model = make_graph(kind)
        if not model.built:
            continue
        options = [{"show_layer_names": True, "expand_nested": True}, every | {"expand_nested": True, "rankdir": "LR", "dpi": 96}]
        if kind in ("nested", "structures", "graph_in_stack", "ticket"):
            options += [{}, every | {"show_layer_names": True, "splines": "curved"}]
        for arguments in options:
            seen = {}
            text = keras.utils.model_to_dot(model, **{"show_layer_names": False} | arguments).to_string()
            text = re.sub(r"\b\d{9,}\b", lambda found: f"node{seen.setdefault(found[0], len(seen))}", text)
            cases.append({"model": kind, "arguments": arguments, "text": text})
    return cases


def configurations():
    result = {}
    for kind in ["mnist", "first_layer_shape", "unbuilt", "built", "frozen", "compiled", "normalized", "regularized"]:
        result[kind] = json.loads(make(kind).to_json())
    keras.utils.clear_session()
    layers, initializers = keras.layers, keras.initializers
    model = keras.Sequential([
        layers.Input((2, 3), dtype="int32", name="counts"), layers.Flatten(),
        layers.Dense(4, kernel_initializer=initializers.RandomNormal(0.5, 0.1, seed=3), bias_initializer=initializers.Constant(0.25)),
        layers.Dense(4, kernel_initializer="he_normal", bias_initializer="ones"),
        layers.Dense(4, kernel_initializer=initializers.VarianceScaling(2.0, "fan_out", "uniform", seed=1), bias_initializer=initializers.RandomUniform(-1.0, 1.0)),
        layers.Dropout(0.25, seed=5), layers.Activation("gelu")], name="initialized")
    result["initialized"] = json.loads(model.to_json())
    return result


def normalization():
    """BatchNormalization: two batches in training, then inference; gradients of sum(y * mix) in training and in inference."""
    import jax

    random = np.random.RandomState(11)
    cases = []
    for shape, arguments in [((6, 4), {}), ((5, 3), {"momentum": 0.9, "epsilon": 0.01}), ((4, 3, 5), {"axis": 1}), ((3, 2, 4, 5), {"scale": False}),
                             ((3, 4, 2, 5), {"axis": -3, "center": False, "momentum": 0.5}), ((7, 2), {"center": False, "scale": False}),
                             ((1, 3), {})]:
        keras.utils.clear_session()
        layer = keras.layers.BatchNormalization(**arguments)
        layer.build((None, *shape[1:]))
        start = [random.uniform(0.5, 1.5, w.shape).astype("float32") for w in layer.weights]
        layer.set_weights(start)
        batches = [random.normal(1, 2, shape).astype("float32") for _ in range(3)]
        mix = random.uniform(-1, 1, shape).astype("float32")
        gradients = {}
        for training in [True, False]:
            def total(weights, x):
                y, _ = layer.stateless_call(weights, [w.value for w in layer.non_trainable_variables], x, training=training)
                return (y * mix).sum()
            by_weight, by_input = jax.grad(total, argnums=(0, 1))([w.value for w in layer.trainable_variables], batches[0])
            gradients["training" if training else "inference"] = [numbers(g) for g in [*by_weight, by_input]]
        outputs = [numbers(layer(x, training=True)) for x in batches[:2]]
        moved = [numbers(w.numpy()) for w in layer.weights]
        outputs.append(numbers(layer(batches[2], training=False)))
        cases.append({"arguments": arguments, "names": [w.name for w in layer.weights], "start": [numbers(w) for w in start],
                      "batches": [numbers(x) for x in batches], "mix": numbers(mix), "gradients": gradients, "outputs": outputs, "moved": moved})
    return cases


def layers():
    """Layers of one input: weights, outputs and the configuration."""
    random = np.random.RandomState(23)
    layers, cases = keras.layers, []
    for shape, name, arguments in [
        ((3, 4, 5), "ReLU", {}), ((3, 7), "ReLU", {"max_value": 0.8, "negative_slope": 0.1}), ((3, 7), "ReLU", {"threshold": 0.5}),
        ((4, 6), "ReLU", {"max_value": 1.5, "negative_slope": 0.25, "threshold": 0.75}), ((3, 4), "LeakyReLU", {}),
        ((3, 4), "LeakyReLU", {"negative_slope": 0.05}), ((3, 4), "ELU", {}), ((3, 4), "ELU", {"alpha": 0.3}), ((2, 3, 4), "PReLU", {}),
        ((2, 3, 4, 5), "PReLU", {"shared_axes": [1, 2], "alpha_initializer": "ones"}), ((3, 4), "Softmax", {}), ((2, 3, 4), "Softmax", {"axis": 1}),
        ((2, 6, 2), "Reshape", {"target_shape": (4, 3)}), ((2, 6, 2), "Reshape", {"target_shape": (-1, 4)}), ((2, 3, 4), "Permute", {"dims": (2, 1)}),
        ((2, 3, 4, 5), "Permute", {"dims": (3, 1, 2)}), ((2, 3), "RepeatVector", {"n": 4}), ((2, 3), "ActivityRegularization", {"l1": 0.5, "l2": 0.25}),
    ]:
        keras.utils.clear_session()
        layer = getattr(layers, name)(**arguments)
        layer.build((None, *shape[1:]))
        layer.set_weights([random.uniform(-1, 1, w.shape).astype("float32") for w in layer.weights])
        x = random.normal(0, 1, shape).astype("float32")
        cases.append({"layer": keras.saving.serialize_keras_object(layer), "names": [w.name for w in layer.weights],
                      "weights": [numbers(w.numpy()) for w in layer.weights], "x": numbers(x), "y": numbers(layer(x))})
    return cases


def merging():
    """Layers of several inputs, with and without masks, and Masking: outputs, their masks, configurations, and which layers know masks."""
    from keras.src.backend.common.masking import get_keras_mask, set_keras_mask

    random = np.random.RandomState(37)
    layers, cases = keras.layers, []

    def case(name, arguments, shapes, masks=()):
        keras.utils.clear_session()
        layer, given = getattr(layers, name)(**arguments), []
        inputs = [keras.ops.convert_to_tensor(random.normal(0, 1, shape).astype("float32")) for shape in shapes]
        if name == "Masking":
            inputs[0] = keras.ops.convert_to_tensor(np.where(random.uniform(0, 1, (*shapes[0][:-1], 1)) < 0.5, arguments.get("mask_value", 0.0), inputs[0]).astype("float32"))
        for x, shape in zip(inputs, masks):
            mask = None if shape is None else keras.ops.convert_to_tensor(random.uniform(0, 1, shape) < 0.6)
            given.append(mask)
            if mask is not None:
                set_keras_mask(x, mask)
        y = layer(inputs[0] if name == "Masking" else inputs)
        optional = lambda mask: None if mask is None else numbers(mask)
        cases.append({"layer": keras.saving.serialize_keras_object(layer), "inputs": [numbers(x) for x in inputs], "masks": [optional(m) for m in given],
                      "y": numbers(y), "mask": optional(get_keras_mask(y))})

    steps, mask = (4, 3, 2), (4, 3)
    for name in ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"]:
        case(name, {}, [(3, 4), (3, 4)])
        case(name, {}, [(3, 2, 4), (3, 4)])
        case(name, {}, [(3, 4), (3, 5, 2, 4)])
        case(name, {}, [(3, 2, 1), (3, 1, 4)])
        case(name, {}, [steps, steps], [mask, mask])
        case(name, {}, [steps, steps], [None, mask])
        case(name, {}, [steps, steps], [mask, None])
        case(name, {}, [(4, 1, 2), steps], [(4, 1), mask])
        if name != "Subtract":
            case(name, {}, [(3, 4)])
            case(name, {}, [(3, 4), (3, 1), (3, 4)])
            case(name, {}, [steps, steps, steps], [mask, mask, mask])
            case(name, {}, [steps, steps, steps], [mask, None, mask])
    for shapes, axis in [([(3, 4), (3, 2)], -1), ([(3, 4), (3, 2), (3, 1)], 1), ([(2, 3, 4), (2, 5, 4)], 1), ([(2, 3, 4), (2, 3, 1)], 2), ([(2, 3), (1, 3)], 0),
                         ([(2, 3, 4, 2), (2, 3, 1, 2)], -2), ([(3, 4)], -1)]:
        case("Concatenate", {"axis": axis}, shapes)
    for axis in [1, -1]:
        for masks in [[mask, mask], [None, mask], [mask, None], [(4, 3, 2), mask], [(4, 3, 2), None]]:
            case("Concatenate", {"axis": axis}, [steps, steps], masks)
    case("Concatenate", {}, [(4, 3), (4, 3)], [mask, mask])
    for shapes, axes in [([(3, 4), (3, 4)], 1), ([(3, 4), (3, 4)], -1), ([(3, 4), (3, 2, 4)], (1, 2)), ([(3, 2, 4), (3, 4)], -1), ([(3, 4, 5), (3, 2, 4)], (1, 2)),
                         ([(3, 4, 5), (3, 4, 2)], 1), ([(3, 4, 5), (3, 2, 5)], -1), ([(3, 4, 5), (3, 5, 2)], (2, 1)), ([(2, 3, 4, 5), (2, 6, 4)], (2, -1)),
                         ([(2, 6, 4), (2, 3, 4, 5)], (2, 2)), ([(2, 3, 4, 2), (2, 5, 3, 4)], (1, 2)), ([(2, 3, 4, 2), (2, 2)], (-1, 1))]:
        for normalize in [False, True]:
            case("Dot", {"axes": axes, "normalize": normalize}, shapes)
    case("Dot", {"axes": (2, 2)}, [steps, steps], [mask, mask])
    case("Masking", {}, [(5, 4, 3)])
    case("Masking", {"mask_value": -1.5}, [(3, 4)])
    case("Masking", {"mask_value": 2}, [(2, 3, 2, 2)])
    return {"cases": cases, "supports": supports_masking()}


def supports_masking():
    """Of every layer: whether it passes masks on, and the configuration it was made of."""
    layers, sizes = keras.layers, {"pool_size": 2}
    arguments = {
        "Dense": {"units": 1}, "Activation": {"activation": "relu"}, "Dropout": {"rate": 0.5}, "Reshape": {"target_shape": (1,)},
        "Permute": {"dims": (1,)}, "RepeatVector": {"n": 1}, "Embedding": {"input_dim": 3, "output_dim": 2}, "Dot": {"axes": 1},
        "Rescaling": {"scale": 2}, "GaussianNoise": {"stddev": 1}, "GaussianDropout": {"rate": 0.5}, "AlphaDropout": {"rate": 0.5},
        "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 2}, "MultiHeadAttention": {"num_heads": 1, "key_dim": 2},
        "CategoryEncoding": {"num_tokens": 3}, "LSTM": {"units": 2}, "GRU": {"units": 2}, "SimpleRNN": {"units": 2},
        "Bidirectional": {"layer": layers.LSTM(2)}, "TimeDistributed": {"layer": layers.Dense(2)}, "GroupNormalization": {"groups": 1},
    }
    plain = ["Flatten", "BatchNormalization", "LayerNormalization", "RMSNormalization", "UnitNormalization", "Normalization", "ReLU", "LeakyReLU", "ELU",
             "PReLU", "Softmax", "ActivityRegularization", "Masking", "Concatenate", "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum",
             "Attention", "AdditiveAttention"]
    for axes in (1, 2, 3):
        arguments |= {f"{name}{axes}D": {"filters": 2, "kernel_size": 2} for name in ("Conv",)} | {f"Conv{axes}DTranspose": {"filters": 2, "kernel_size": 2}}
        arguments |= {f"{name}Pooling{axes}D": sizes for name in ("Max", "Average")} | {f"SpatialDropout{axes}D": {"rate": 0.5}}
        plain += [f"{name}{axes}D" for name in ("GlobalMaxPooling", "GlobalAveragePooling", "ZeroPadding", "Cropping", "UpSampling")]
        if axes < 3:
            arguments |= {f"DepthwiseConv{axes}D": {"kernel_size": 2}, f"SeparableConv{axes}D": {"filters": 2, "kernel_size": 2}}
    made = {name: getattr(layers, name)(**given) for name, given in ({name: {} for name in plain} | arguments).items()}
    return {name: {"supports": layer.supports_masking, "config": keras.saving.serialize_keras_object(layer)["config"]} for name, layer in made.items()}


def operations():
    """Functions of symbolic tensors: what a model of each writes and predicts. SymbolicFunctionTests.swift calls the same."""
    from keras import ops

    random = np.random.RandomState(41)
    arrays = {"a": random.normal(0, 1, (2, 3, 4)), "b": random.normal(0, 1, (2, 3, 4)), "p": random.uniform(0.2, 2, (2, 3, 4)), "c": random.normal(0, 1, (2, 4, 5)),
              "u": random.normal(0, 1, (2, 3, 1)), "i": random.randint(0, 3, (2, 3))}
    arrays = {key: x.astype("int32" if key == "i" else "float32") for key, x in arrays.items()}
    cases = []
    for name, keys, function in [
        ("relu", "a", ops.relu), ("sigmoid", "a", ops.sigmoid), ("softplus", "a", ops.softplus), ("tanh", "a", ops.tanh), ("exp", "a", ops.exp), ("expm1", "a", ops.expm1),
        ("log", "p", ops.log), ("log1p", "p", ops.log1p), ("sqrt", "p", ops.sqrt), ("rsqrt", "p", ops.rsqrt), ("reciprocal", "p", ops.reciprocal), ("square", "a", ops.square),
        ("abs", "a", ops.abs), ("sign", "a", ops.sign), ("sin", "a", ops.sin), ("cos", "a", ops.cos), ("erf", "a", ops.erf), ("floor", "a", ops.floor), ("ceil", "a", ops.ceil),
        ("round", "a", ops.round), ("negative", "a", lambda a: -a), ("softmax", "a", ops.softmax), ("softmax_1", "a", lambda a: ops.softmax(a, axis=1)),
        ("log_softmax_1", "a", lambda a: ops.log_softmax(a, axis=1)), ("clip", "a", lambda a: ops.clip(a, -0.5, 0.75)),
        ("add", "ab", lambda a, b: a + b), ("add_number", "a", lambda a: a + 1.5), ("number_add", "a", lambda a: 1.5 + a), ("subtract", "ab", lambda a, b: a - b),
        ("number_subtract", "a", lambda a: 1.5 - a), ("multiply", "au", lambda a, u: a * u), ("divide", "ap", lambda a, p: a / p), ("number_divide", "p", lambda p: 1.5 / p),
        ("maximum", "ab", ops.maximum), ("maximum_number", "a", lambda a: ops.maximum(a, 0.5)), ("minimum", "ab", ops.minimum), ("power", "pa", ops.power),
        ("power_number", "p", lambda p: ops.power(p, 2.5)), ("number_power", "a", lambda a: ops.power(2.5, a)), ("matmul", "ac", ops.matmul),
        ("greater_where", "abp", lambda a, b, p: ops.where(a > b, a, p)), ("less", "ab", lambda a, b: ops.cast(a < b, "float32")),
        ("logical_or", "ab", lambda a, b: ops.cast(ops.logical_or(a >= b, a <= 0.5), "int32")), ("equal", "i", lambda i: ops.cast(ops.equal(i, i), "float32")),
        ("sum", "a", lambda a: ops.sum(a, axis=[1])), ("mean", "a", lambda a: ops.mean(a, axis=[-1], keepdims=True)), ("mean_all", "a", lambda a: ops.mean(a)), ("var", "a", lambda a: ops.var(a, axis=[1, 2])),
        ("prod", "a", lambda a: ops.prod(a, axis=[1])), ("max", "a", lambda a: ops.max(a, axis=[1])), ("min", "a", lambda a: ops.min(a, axis=[1, 2], keepdims=True)),
        ("argmax", "a", lambda a: ops.argmax(a, axis=-1)), ("argmin", "a", lambda a: ops.argmin(a, axis=1)), ("reshape", "a", lambda a: ops.reshape(a, (-1, 2, 6))),
        ("transpose", "a", lambda a: ops.transpose(a, [0, 2, 1])), ("expand_dims", "a", lambda a: ops.expand_dims(a, -1)), ("squeeze", "u", lambda u: ops.squeeze(u)),
        ("squeeze_axis", "u", lambda u: ops.squeeze(u, [2])), ("stack", "ab", lambda a, b: ops.stack([a, b], axis=1)), ("one_hot", "i", lambda i: ops.one_hot(i, 4)),
        ("take", "ci", lambda c, i: ops.take(ops.sum(c, axis=[0]), i, axis=0)), ("cast", "i", lambda i: ops.cast(i, "float32") * 0.5),
        ("item", "a", lambda a: a[..., 1]), ("items", "a", lambda a: a[:, 1:3, -1]), ("item_first", "a", lambda a: a[:, 0]),
        # What only files hold.
        ("file_axis", "a", lambda a: ops.sum(a, axis=-1)), ("file_expand", "a", lambda a: ops.expand_dims(a, [1, -1])), ("file_squeeze", "u", lambda u: ops.squeeze(u, -1)),
        ("file_transpose", "a", lambda a: ops.transpose(a, (0, -1, 1))), ("file_integer", "i", lambda i: i * 3 - 1), ("file_power", "a", lambda a: a**2), ("file_keyword", "ab", lambda a, b: keras.src.ops.numpy.Maximum()(a, x2=b)),
        ("file_slice", "a", lambda a: a[:, -2:]), ("file_concatenate", "ab", lambda a, b: ops.concatenate([a, b], axis=1)), ("file_axes_kept", "a", lambda a: ops.argmax(a, axis=1, keepdims=True)),
        ("file_where", "a", lambda a: ops.where(a > 0, a, 0.25)), ("file_opsdivide", "ap", ops.divide), ("file_integer_divide", "i", lambda i: i / 2),
    ]:
        keras.utils.clear_session()
        inputs = [keras.Input(arrays[key].shape[1:], dtype=str(arrays[key].dtype), name=key) for key in keys]
        model = keras.Model(inputs, function(*inputs), name="model")
        y = model([keras.ops.convert_to_tensor(arrays[key]) for key in keys])
        cases.append({"name": name, "inputs": list(keys), "config": json.loads(model.to_json())["config"], "dtype": str(y.dtype), "y": numbers(y)})
    return {"arrays": {key: numbers(x) for key, x in arrays.items()}, "cases": cases}


def regularizers():
    """Penalties, their gradients, and configurations by object and by name."""
    import jax

    random = np.random.RandomState(29)
    cases = []
    for name, arguments in [("L1", {}), ("L1", {"l1": 0.3}), ("L2", {}), ("L2", {"l2": 0.1}), ("L1L2", {}), ("L1L2", {"l1": 0.1}), ("L1L2", {"l2": 0.2}),
                            ("L1L2", {"l1": 0.01, "l2": 0.03}), ("OrthogonalRegularizer", {}), ("OrthogonalRegularizer", {"factor": 0.7, "mode": "columns"})]:
        made, values = getattr(keras.regularizers, name)(**arguments), []
        for shape in [(4, 3), (2, 5)] if name == "OrthogonalRegularizer" else [(4, 3), (7,), (2, 3, 2, 2), (), (0, 3)]:
            x = jax.numpy.array(random.uniform(-2, 2, shape), "float32")  # of NumPy's arrays Keras normalizes no columns
            values.append({"x": numbers(x), "y": float(made(x)), "gradient": numbers(jax.grad(lambda x: made(x) + 0 * x.sum())(x))})
        cases.append({"name": name, "arguments": arguments, "serialized": keras.regularizers.serialize(made), "values": values})
    model = make("regularized")
    model.set_weights([random.uniform(0.5, 1.5, w.shape).astype("float32") for w in model.weights])
    x, runs = random.normal(0, 1, (5, 4)).astype("float32"), []
    for frozen in [None, 0, 5]:
        for index, layer in enumerate(model.layers):
            layer.trainable = index != frozen
        model(x, training=False)
        runs.append({"frozen": frozen, "losses": [float(loss) for loss in model.losses]})
    built = {"weights": [numbers(w.numpy()) for w in model.weights], "x": numbers(x), "runs": runs,
             "constrained": [{"path": w.path, "value": numbers(w.constraint(w))} for w in model.weights if w.constraint is not None]}
    # A layer used twice, and once more inside of another model: its weights count once, each of its outputs counts.
    keras.utils.clear_session()
    shared = keras.layers.Dense(3, kernel_regularizer="l2", bias_regularizer=keras.regularizers.L1(0.2), activity_regularizer=keras.regularizers.L1L2(0.1, 0.3))
    inner = keras.Sequential([keras.layers.Input((3,)), shared, keras.layers.Dense(3, kernel_regularizer="l1")])
    start = keras.Input((3,))
    model = keras.Model(start, inner(shared(shared(start))))
    model.set_weights([random.uniform(0.5, 1.5, w.shape).astype("float32") for w in model.weights])
    x = random.uniform(0.1, 1, (4, 3)).astype("float32")

    def total(weights):
        # In stateless_call, and so in fit with JAX, every call of a layer forgets what its last one has added; here it does not.
        with keras.StatelessScope(state_mapping=list(zip(model.trainable_variables, weights)), collect_losses=True):
            model(x)
            return sum(model.losses)

    model(x)
    nested = {"weights": [numbers(w.numpy()) for w in model.weights], "x": numbers(x), "losses": [float(loss) for loss in model.losses],
              "gradients": [numbers(g) for g in jax.grad(total)([w.value for w in model.trainable_variables])]}
    names = ["l1", "l2", "l1l2", "L1", "L2", "L1L2", "orthogonal_regularizer"]
    return {"cases": cases, "model": built, "nested": nested, "names": {name: keras.regularizers.serialize(keras.regularizers.get(name)) for name in names}}


def constraints():
    """What becomes of weights, one with a column of zeros among them, and configurations by object and by name."""
    random = np.random.RandomState(31)
    cases = []
    for name, arguments, shapes in [
        ("MaxNorm", {}, [(4, 3), (5,), (2, 3, 4)]), ("MaxNorm", {"max_value": 0.5, "axis": 1}, [(4, 3)]), ("MaxNorm", {"max_value": 1, "axis": -1}, [(4, 3), (2, 3, 4)]),
        ("MaxNorm", {"max_value": 1.5, "axis": [0, 1, 2]}, [(2, 3, 2, 4)]), ("MaxNorm", {"axis": [0, 2]}, [(2, 3, 4)]), ("MaxNorm", {"axis": None}, [(4, 3)]),
        ("NonNeg", {}, [(4, 3), (5,)]), ("UnitNorm", {}, [(4, 3), (5,)]), ("UnitNorm", {"axis": [0, 1]}, [(4, 3), (2, 3, 4)]), ("UnitNorm", {"axis": None}, [(2, 3, 4)]),
        ("UnitNorm", {"axis": [0]}, [(4, 3)]), ("MinMaxNorm", {}, [(4, 3), (5,)]), ("MinMaxNorm", {"min_value": 1.5, "max_value": 2.0}, [(4, 3)]),
        ("MinMaxNorm", {"min_value": 1.5, "max_value": 2.0, "rate": 0.25, "axis": [0, 1]}, [(2, 3, 4)]),
    ]:
        made, values = getattr(keras.constraints, name)(**arguments), []
        for shape in shapes:
            x = random.uniform(-2, 2, shape).astype("float32")
            x[..., 0] *= 0.0 if len(shape) == 2 else 0.25
            values.append({"x": numbers(x), "y": numbers(made(x))})
        cases.append({"name": name, "arguments": arguments, "serialized": keras.constraints.serialize(made), "values": values})
    names = ["max_norm", "non_neg", "unit_norm", "min_max_norm", "MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"]
    return {"cases": cases, "names": {name: keras.constraints.serialize(keras.constraints.get(name)) for name in names}}


def paths():
    keras.utils.clear_session()
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2, name="out"), keras.layers.Dense(2)])
    other = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])
    return {"model": model.name, "layers": [layer.name for layer in model.layers], "paths": [w.path for w in model.weights],
            "other": other.name, "other_paths": [w.path for w in other.weights]}


def descriptions():
    """What print shows of arrays, given by the bits of their elements, and of variables."""
    random = np.random.RandomState(7)
    arrays = [np.float32(x) for x in [0, -0.0, 3, 0.1, 1e-8, 1e20, 123456789, 16777216, 1e-4, 1.1e-4, 1e5, 999999, 1e6, 1234567, -2.5, np.nan, np.inf, -np.inf, 3.4e38, 1e-45]]
    arrays += [np.array(x, "float32") for x in [
        [], [[1, 2], [3, 4]], [1e-8, 1], [1.5, 1e5, 1e10], [0.1, -2.25, 3.3333333], [np.nan, np.inf, -np.inf], [np.nan], [np.inf], [np.inf, 1.5],
        [-np.inf, 0.001], [np.nan, 1e20, -1], [1e16, 1], [123456.78, 0.001], [0.00012345, 99], [-0.0, 1], [0.0], [1e-4, 0.05], [999999, 1000], [1e6, 1e4],
        [0.00012345679, 0.1], [1e30, 1e-30], [1e-45, 1]]]
    arrays += [np.zeros(shape, "float32") for shape in [(0, 3), (2, 0, 2), (2, 2, 2), (1001, 1), (3, 1, 400), (10, 10, 10, 2), (1, 1, 1, 1), (1000,), (1001,), (7, 200), (2, 3, 4, 50)]]
    arrays += [np.arange(100, dtype="float32"), np.arange(40, dtype="float32") / 7, (np.arange(1200, dtype="float32") / 3).reshape(30, 40)]
    arrays += [np.array(5, "int32"), np.arange(100, dtype="int32"), np.arange(2000, dtype="int32"), np.array([[1, -200], [3, 4]], "int32"),
               np.array([-(2**31), 2**31 - 1], "int32"), np.arange(3000, dtype="int32").reshape(3, 1000) - 1500,
               np.array([1, 200], "uint8"), np.array(255, "uint8"), np.zeros((3, 4), "uint8"),
               np.array(True), np.array([True, False]), np.array([False]), np.ones((4, 5), bool), np.arange(1500) % 3 == 0]
    for _ in range(60):
        shape = tuple(random.randint(1, 7, random.randint(1, 4)))
        arrays.append((random.standard_normal(shape) * 10.0 ** random.uniform(-6, 8, shape if random.rand() < 0.3 else ())).astype("float32"))
        arrays.append(np.round(random.standard_normal(shape) * 100, random.randint(0, 5)).astype("float32"))
    cases = []
    for array in arrays:
        array = np.asarray(array)
        bits = array.view("int32") if array.dtype == "float32" else array.astype("int32")
        # A scalar prints as Python does.
        cases.append({"dtype": array.dtype.name, "shape": list(array.shape), "bits": bits.ravel().tolist(), "text": str(array[()])})
    keras.utils.clear_session()
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(3, kernel_initializer="ones")])
    return {"arrays": cases, "variables": [str(w) for w in model.weights]}


if __name__ == "__main__":
    for subject in [activations, schedules, losses, metrics, confusion, summaries, graph_summaries, plots, configurations, normalization, layers, merging, operations,
                    regularizers, constraints, paths, descriptions]:
        write(subject.__name__, subject())
