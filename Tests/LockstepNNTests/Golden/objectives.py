"""Writes loss_values.json, metric_values.json and objective_names.json: losses with their gradients, and metrics with their states,
beyond those of golden.py, and the names that Keras knows.

    KERAS_BACKEND=jax python objectives.py

Keras 3.15.1, JAX 0.10.2 on a CPU, NumPy 2.4.6, Python 3.11. Inputs come from NumPy's RandomState with the seeds below. Mean relative
errors, which Keras 3 has no more, are computed as TensorFlow 2.15 does it.
"""

import json
import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np

from golden import numbers, write
from keras.src.backend.common.masking import set_keras_mask


def loss_tensors():
    random = np.random.RandomState(17)
    n, c = 5, 4
    real, predicted = random.normal(size=(n, c)), random.normal(size=(n, c)) * 2
    logits = random.normal(0, 2, size=(n, c))
    labels, labels_steps = random.randint(0, c, size=n), random.randint(0, c, size=(n, 3))
    void = labels_steps.copy()
    void[0, 0], void[1] = 2, 2
    beyond = labels.copy()
    beyond[1] = beyond[3] = 9
    soft = random.dirichlet(np.ones(c), size=n)
    signs = random.randint(0, 2, size=(n, c)) * 2.0 - 1
    mixed = signs.copy()
    mixed[2, 1], mixed[3, 0] = 0, 0.5  # not binary: 0 stays 0
    zeros = real.copy()
    zeros[1, 2] = zeros[3] = 0
    image = lambda: random.uniform(0.05, 0.95, size=(n, 3, 2, 2))
    return {"real": real, "predicted": predicted, "positive": random.uniform(0.1, 3, size=(n, c)), "rates": random.uniform(0.1, 3, size=(n, c)),
            "counts": random.poisson(1.5, size=(n, c)), "logits": logits, "softmax": np.exp(logits) / np.exp(logits).sum(-1, keepdims=True),
            "probabilities": random.uniform(0.05, 0.95, size=(n, c)), "labels": labels, "labels_steps": labels_steps, "void": void, "beyond": beyond,
            "one_hot": np.eye(c)[labels], "soft": soft, "binary": random.randint(0, 2, size=(n, c)), "signs": signs, "mixed": mixed, "zeros": zeros,
            "flat": random.normal(size=n), "column": random.normal(size=(n, 1)), "steps_true": random.uniform(0.1, 1, size=(n, 3, 2)),
            "steps_pred": random.uniform(0.1, 1, size=(n, 3, 2)), "step_logits": random.normal(0, 2, size=(n, 3, c)),
            "image_true": (image() > 0.6), "image_pred": image(), "class_first": np.moveaxis(np.eye(3)[random.randint(0, 3, size=(n, 2))], -1, 1),
            "class_first_pred": random.uniform(0.05, 0.95, size=(n, 3, 2)), "none": np.zeros((n, c)),
            "weights": random.uniform(0, 2, size=n), "no_weights": np.zeros(n), "mask": random.uniform(size=(n, 3)) < 0.6, "no_mask": np.zeros((n, 3)),
            "step_weights": random.uniform(0, 2, size=(n, 3)), "weights_column": random.uniform(0, 2, size=(n, 1))}


def losses():
    named = loss_tensors()
    integers = {"labels", "labels_steps", "void", "beyond"}
    elementwise = ["MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "LogCosh"]
    table = [(name, {}, "real", "predicted") for name in elementwise]
    table += [(name, {}, "steps_true", "steps_pred") for name in elementwise + ["Huber", "CosineSimilarity", "KLDivergence", "Poisson"]]
    table += [("MeanAbsolutePercentageError", {}, "zeros", "predicted"), ("MeanSquaredLogarithmicError", {}, "positive", "rates"),
              ("Huber", {}, "real", "predicted"), ("Huber", {"delta": 0.3}, "real", "predicted"), ("Huber", {}, "flat", "column"),
              ("LogCosh", {}, "column", "flat"), ("CosineSimilarity", {}, "real", "predicted"), ("CosineSimilarity", {"axis": 1}, "steps_true", "steps_pred"),
              ("CosineSimilarity", {}, "zeros", "predicted"), ("KLDivergence", {}, "soft", "softmax"), ("KLDivergence", {}, "one_hot", "softmax"),
              ("KLDivergence", {}, "real", "predicted"), ("Poisson", {}, "counts", "rates"), ("Poisson", {}, "none", "rates")]
    table += [(name, {}, y_true, "predicted") for name in ["Hinge", "SquaredHinge"] for y_true in ["binary", "signs", "mixed", "none"]]
    table += [("CategoricalHinge", {}, "one_hot", "predicted"), ("CategoricalHinge", {}, "none", "predicted"), ("CategoricalHinge", {}, "steps_true", "steps_pred")]
    for arguments in [{}, {"gamma": 1.5, "label_smoothing": 0.1}, {"apply_class_balancing": True, "alpha": 0.3}, {"gamma": 0.0}]:
        table += [("BinaryFocalCrossentropy", arguments, "binary", "probabilities"), ("BinaryFocalCrossentropy", {**arguments, "from_logits": True}, "binary", "logits")]
    for arguments in [{}, {"gamma": 1.5, "label_smoothing": 0.1}, {"alpha": 0.6}, {"gamma": 0.0}]:
        table += [("CategoricalFocalCrossentropy", arguments, "one_hot", "probabilities"), ("CategoricalFocalCrossentropy", {**arguments, "from_logits": True}, "soft", "logits")]
    table += [("BinaryFocalCrossentropy", {"axis": 1}, "steps_true", "steps_pred"), ("BinaryCrossentropy", {"axis": 1}, "steps_true", "steps_pred"),
              ("CategoricalFocalCrossentropy", {"axis": 1}, "class_first", "class_first_pred"), ("CategoricalCrossentropy", {"axis": 1}, "class_first", "class_first_pred"),
              ("CategoricalCrossentropy", {"axis": 1, "from_logits": True}, "class_first", "class_first_pred"),
              ("CategoricalGeneralizedCrossEntropy", {}, "labels", "softmax"), ("CategoricalGeneralizedCrossEntropy", {"q": 0.8}, "labels", "probabilities"),
              ("SparseCategoricalCrossentropy", {"ignore_class": 2, "from_logits": True}, "void", "step_logits"),
              ("SparseCategoricalCrossentropy", {"ignore_class": 9}, "beyond", "softmax"), ("SparseCategoricalCrossentropy", {"ignore_class": 9, "from_logits": True}, "beyond", "logits")]
    for axis in [None, (1, 2, 3), (1, 2), -1, 0]:
        table += [(name, {} if axis is None else {"axis": axis}, "image_true", "image_pred") for name in ["Dice", "Tversky"]]
    table += [("Dice", {}, "steps_true", "steps_pred"), ("Dice", {}, "none", "probabilities"), ("Dice", {}, "binary", "probabilities"), ("Tversky", {"alpha": 0.2, "beta": 0.9}, "binary", "probabilities")]
    cases = []
    for name, arguments, y_true, y_pred in table:
        a = named[y_true].astype("int32" if y_true in integers else "float32")
        b = named[y_pred].astype("float32")
        combinations = [("sum_over_batch_size", None, None), ("sum_over_batch_size", "weights", None), ("sum", None, None), ("sum", "weights", None),
                        ("mean_with_sample_weight", "weights", None), ("mean_with_sample_weight", "no_weights", None), ("sum_over_batch_size", "weights_column", None)]
        if named[y_pred].ndim == 3:
            combinations += [(reduction, weights, mask) for reduction in ["sum_over_batch_size", "sum", "mean_with_sample_weight"]
                             for weights, mask in [(None, "mask"), ("step_weights", "mask"), (None, "no_mask")]]
        for reduction, weights, mask in combinations:
            loss = getattr(keras.losses, name)(reduction=reduction, **arguments)

            def value(p):
                if mask is not None:
                    set_keras_mask(p, keras.ops.convert_to_tensor(named[mask].astype("bool")))
                # Keras ends with one number for each sample of a scalar loss that is only weighted in part.
                return keras.ops.sum(loss(a, p, sample_weight=None if weights is None else named[weights].astype("float32")))

            try:
                result = float(value(keras.ops.convert_to_tensor(b)))
            except (ValueError, TypeError):
                continue  # weights that do not broadcast
            case = {"name": name, "arguments": arguments, "reduction": reduction, "y_true": y_true, "y_pred": y_pred, "weights": weights, "mask": mask,
                    "value": result}
            if (reduction, weights) in [("sum_over_batch_size", None), ("mean_with_sample_weight", "weights")]:
                case["gradient"] = numbers(np.asarray(jax.grad(value)(keras.ops.convert_to_tensor(b))).astype("float32"))
            if reduction == "sum_over_batch_size" and weights is None and mask is None:
                case["serialized"] = json.loads(json.dumps(keras.losses.serialize(loss)))
            assert np.isfinite(case["value"]), case
            cases.append(case)
    return {"tensors": {key: numbers(value) for key, value in named.items()}, "integers": sorted(integers), "cases": cases}


def metrics():
    random = np.random.RandomState(19)
    n, c = 9, 4
    shape = (2, n, c)
    scores = np.round(random.uniform(size=shape) * 6) / 6  # many are equal
    nan = random.uniform(size=shape)
    nan[0, 0, 1], nan[0, 1, :], nan[1, 2, 2], nan[1, 3, 0] = np.nan, np.nan, np.inf, -np.inf
    labels = random.randint(0, c, size=(2, n))
    nan_labels = labels.copy()
    nan_labels[0, 0], nan_labels[0, 1], nan_labels[1, 2], nan_labels[1, 3] = 1, 2, 2, 0
    sorted_ids = np.argsort(-random.uniform(size=shape), axis=-1)
    real, predicted = random.normal(1, 2, size=shape), random.normal(1, 2, size=shape)
    constant = real.copy()
    constant[..., 1] = 3
    zero_rows = scores.copy()
    zero_rows[:, :3] = 0
    named = {"scores": scores, "nan": nan, "labels": labels, "nan_labels": nan_labels, "one_hot": np.eye(c)[labels], "sorted_ids": sorted_ids,
             "rows": random.randint(0, 2, size=shape), "no_positives": np.zeros(shape), "all_positive": np.ones(shape), "zero_rows": zero_rows,
             "real": real, "predicted": predicted, "constant": constant, "flat": real[..., 0], "column": predicted[..., :1], "logits": predicted,
             "positive": np.abs(real) + 0.1, "rates": np.abs(predicted) + 0.1, "soft": random.dirichlet(np.ones(c), size=(2, n)),
             "softmax": random.dirichlet(np.ones(c), size=(2, n)), "signs": random.randint(0, 2, size=shape) * 2.0 - 1,
             "probabilities": random.uniform(size=shape), "flat_rows": random.randint(0, 2, size=(2, n)), "flat_probabilities": random.uniform(size=(2, n)),
             "maps": random.randint(-1, c + 1, size=(2, n, 3, 2)), "map_predictions": random.randint(0, c, size=(2, n, 3, 2)),
             "map_scores": random.uniform(size=(2, n, 3, 2, c)), "map_one_hot": np.eye(c)[random.randint(0, c, size=(2, n, 3, 2))],
             "no_maps": np.full((2, n, 3, 2), c - 1), "binary_maps": random.randint(0, 2, size=(2, n, 3, 2)), "binary_map_scores": random.uniform(size=(2, n, 3, 2)),
             "steps_true": random.uniform(size=(2, n, 3, 2)), "steps_pred": random.uniform(size=(2, n, 3, 2)),
             "weights": random.uniform(0, 3, size=(2, n)), "no_weights": np.zeros((2, n)), "map_weights": random.uniform(0, 3, size=(2, n, 3, 2))}
    integers = {"labels", "nan_labels", "maps", "map_predictions", "no_maps", "binary_maps"}
    table = [("Accuracy", {}, "rows", "all_positive")]
    for k in [1, 2, 3, 5]:
        table += [("TopKCategoricalAccuracy", {"k": k}, "one_hot", "scores"), ("SparseTopKCategoricalAccuracy", {"k": k}, "labels", "scores"),
                  ("SparseTopKCategoricalAccuracy", {"k": k}, "nan_labels", "nan"), ("SparseTopKCategoricalAccuracy", {"k": k, "from_sorted_ids": True}, "labels", "sorted_ids")]
    table += [("TopKCategoricalAccuracy", {}, "map_one_hot", "map_scores"), ("SparseTopKCategoricalAccuracy", {"k": 2}, "map_predictions", "map_scores")]
    for average in [None, "micro", "macro", "weighted"]:
        table += [("F1Score", {"average": average}, "one_hot", "scores"), ("F1Score", {"average": average, "threshold": 0.5}, "rows", "scores"),
                  ("FBetaScore", {"average": average, "beta": 2.0}, "one_hot", "zero_rows"), ("FBetaScore", {"average": average, "beta": 0.5, "threshold": 0.3}, "rows", "scores"),
                  ("F1Score", {"average": average}, "no_positives", "scores")]
    for name, bound in [("SensitivityAtSpecificity", "specificity"), ("SpecificityAtSensitivity", "sensitivity"), ("PrecisionAtRecall", "recall"), ("RecallAtPrecision", "precision")]:
        for value in [0.0, 0.4, 0.7, 1.0]:
            table += [(name, {bound: value, "num_thresholds": 20}, "rows", "probabilities")]
        table += [(name, {bound: 0.5}, "flat_rows", "flat_probabilities"), (name, {bound: 0.5, "num_thresholds": 1}, "rows", "probabilities"),
                  (name, {bound: 0.3, "class_id": 2, "num_thresholds": 11}, "rows", "probabilities"), (name, {bound: 0.5, "num_thresholds": 5}, "no_positives", "probabilities"),
                  (name, {bound: 0.5, "num_thresholds": 5}, "all_positive", "probabilities"), (name, {bound: 0.5, "num_thresholds": 2}, "rows", "scores")]
    for curve in ["ROC", "PR", "PRGAIN"]:
        for method in ["interpolation", "minoring", "majoring"]:
            table += [("AUC", {"curve": curve, "summation_method": method, "multi_label": True, "num_thresholds": 15}, "rows", "probabilities")]
        table += [("AUC", {"curve": curve, "multi_label": True, "num_labels": c, "label_weights": [0.5, 1.0, 2.0, 0.0], "num_thresholds": 7}, "rows", "probabilities"),
                  ("AUC", {"curve": curve, "label_weights": [0.5, 1.0, 2.0, 0.0], "num_thresholds": 7}, "rows", "probabilities"),
                  ("AUC", {"curve": curve, "multi_label": True, "thresholds": [0.9, 0.2, 0.6]}, "rows", "probabilities"),
                  ("AUC", {"curve": curve, "label_weights": [0.5, 1.0, 2.0, 0.0], "thresholds": [0.2, 0.6, 0.9]}, "rows", "probabilities"),
                  ("AUC", {"curve": curve, "multi_label": True, "num_thresholds": 5, "from_logits": True}, "rows", "logits"),
                  ("AUC", {"curve": curve, "num_thresholds": 5}, "no_positives", "probabilities"), ("AUC", {"curve": curve, "num_thresholds": 5}, "all_positive", "probabilities"),
                  ("AUC", {"curve": curve, "multi_label": True, "num_thresholds": 5}, "no_positives", "probabilities")]
    for name in ["TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives"]:
        table += [(name, {"thresholds": [0.5, 0.1]}, "rows", "scores"), (name, {}, "no_positives", "scores")]
    for name in ["MeanSquaredError", "RootMeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "LogCoshError", "CosineSimilarity"]:
        table += [(name, {}, "real", "predicted"), (name, {}, "steps_true", "steps_pred"), (name, {}, "flat", "column")]
    table += [("CosineSimilarity", {"axis": 2}, "steps_true", "steps_pred"), ("KLDivergence", {}, "soft", "softmax"), ("Poisson", {}, "positive", "rates"),
              ("Hinge", {}, "signs", "predicted"), ("Hinge", {}, "rows", "predicted"), ("SquaredHinge", {}, "rows", "predicted"), ("CategoricalHinge", {}, "one_hot", "predicted"),
              ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, "rows", "logits"), ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, "one_hot", "logits"),
              ("CategoricalCrossentropy", {"axis": 1}, "steps_true", "steps_pred"), ("SparseCategoricalCrossentropy", {"from_logits": True}, "labels", "logits"),
              ("SparseCategoricalCrossentropy", {"ignore_class": 2}, "labels", "softmax"), ("SparseCategoricalCrossentropy", {"ignore_class": 0, "from_logits": True}, "map_predictions", "map_scores"),
              ("PearsonCorrelation", {}, "real", "predicted"), ("ConcordanceCorrelation", {}, "real", "predicted"), ("PearsonCorrelation", {"axis": 2}, "steps_true", "steps_pred"),
              ("ConcordanceCorrelation", {"axis": 2}, "steps_true", "steps_pred")]
    for aggregation in [None, "uniform_average", "variance_weighted_average"]:
        table += [("R2Score", {"class_aggregation": aggregation}, "real", "predicted"), ("R2Score", {"class_aggregation": aggregation, "num_regressors": 3}, "real", "predicted"),
                  ("R2Score", {"class_aggregation": aggregation}, "constant", "predicted"), ("R2Score", {"class_aggregation": aggregation}, "flat", "column")]
    ids = {"num_classes": c, "target_class_ids": [0, 2]}
    table += [("IoU", ids, "map_predictions", "maps"), ("IoU", {**ids, "ignore_class": 0}, "maps", "map_predictions"), ("IoU", {**ids, "ignore_class": -1}, "maps", "map_predictions"),
              ("IoU", ids, "no_maps", "no_maps"), ("IoU", {**ids, "sparse_y_pred": False}, "maps", "map_scores"), ("IoU", {**ids, "sparse_y_true": False}, "map_one_hot", "map_predictions"),
              ("MeanIoU", {"num_classes": c}, "maps", "map_predictions"), ("MeanIoU", {"num_classes": c, "ignore_class": 2}, "labels", "nan_labels"),
              ("MeanIoU", {"num_classes": c, "dtype": "float32"}, "maps", "map_predictions"), ("OneHotIoU", ids, "map_one_hot", "map_scores"),
              ("OneHotIoU", {**ids, "sparse_y_pred": True}, "one_hot", "nan_labels"), ("OneHotMeanIoU", {"num_classes": c}, "map_one_hot", "map_scores"),
              ("OneHotMeanIoU", {"num_classes": c, "ignore_class": 1, "sparse_y_pred": True}, "map_one_hot", "map_predictions"),
              ("BinaryIoU", {}, "binary_maps", "binary_map_scores"), ("BinaryIoU", {"threshold": 0.8, "target_class_ids": [1]}, "binary_maps", "binary_map_scores"),
              ("MeanRelativeError", {"normalizer": [1.0, 2.0, 0.0, 4.0]}, "real", "predicted"), ("MeanRelativeError", {"normalizer": [3.0]}, "steps_true", "steps_pred")]
    cases = []
    for name, arguments, y_true, y_pred in table:
        for weights in [None, "weights", "no_weights", "map_weights"]:
            per_element = "IoU" in name and named[y_pred].ndim > 3
            if (weights == "map_weights") != (per_element and weights is not None):
                continue
            if weights == "no_weights" and name == "R2Score" or weights and (y_true == "constant" or any(isinstance(v, float) and v == 1 for v in arguments.values())):
                continue  # nothing by nothing, and what only rounding makes not zero, or not one
            keras.utils.clear_session()
            dtype = lambda key: "int32" if key in integers else "float32"
            relative = name == "MeanRelativeError"
            metric, results, states = keras.metrics.Mean("mean_relative_error") if relative else getattr(keras.metrics, name)(**arguments), [], []
            for batch in range(2):
                a, b = named[y_true][batch].astype(dtype(y_true)), named[y_pred][batch].astype(dtype(y_pred))
                weight = None if weights is None else named[weights][batch].astype("float32")
                if relative:
                    scale = np.array(arguments["normalizer"], "float32")
                    metric.update_state(np.divide(np.abs(a - b), scale, out=np.zeros_like(a), where=scale != 0), sample_weight=weight)
                else:
                    try:
                        metric.update_state(a, b, sample_weight=weight)
                    except (ValueError, TypeError):
                        print("not in Keras:", name, arguments, y_true, y_pred, weights)
                        break
                results.append(numbers(metric.result()))
                states.append([numbers(v.numpy()) for v in metric.variables])
            if len(results) < 2:
                continue
            case = {"name": name, "arguments": arguments, "y_true": y_true, "y_pred": y_pred, "weights": weights, "results": results, "default_name": metric.name,
                    "variables": [v.name for v in metric.variables], "direction": None if relative else metric._direction if hasattr(metric, "_direction") else None}
            # Means add up whole samples in Keras, and numbers here: of several numbers a sample both sums are larger by their count.
            if not isinstance(metric, keras.metrics.Mean) and (name != "AUC" or arguments.get("num_thresholds", 99) < 8):
                case["states"] = states[-1]
            if not relative and weights is None:
                config = metric.get_config()
                if "label_weights" in arguments:
                    config["label_weights"] = arguments["label_weights"]
                case["config"] = json.loads(json.dumps(config))
            cases.append(case)
    return {"tensors": {key: [numbers(v) for v in value] for key, value in named.items()}, "integers": sorted(integers), "cases": cases}


def sums():
    """Sum, which takes values and not targets and predictions."""
    random = np.random.RandomState(3)
    values, weights = random.normal(size=(4, 3)).astype("float32"), random.uniform(size=4).astype("float32")
    plain, weighted = keras.metrics.Sum(), keras.metrics.Sum()
    plain.update_state(values)
    weighted.update_state(values[:, 0], sample_weight=weights)
    return {"values": numbers(values), "weights": numbers(weights), "plain": float(plain.result()), "weighted": float(weighted.result()), "config": plain.get_config()}


def names():
    """Every name that keras.losses.get, keras.metrics.get and keras.initializers.get know, and the class that it stands for."""
    def class_of(item):
        if isinstance(item, type):
            return item.__name__
        return next((c.__name__ for c in losses_module.ALL_OBJECTS if isinstance(c, type) and getattr(losses_module, keras.src.utils.naming.to_snake_case(c.__name__), None) is item),
                    item.__name__)

    from keras.src import initializers, losses as losses_module, metrics as metrics_module

    return {"losses": {key: class_of(value) for key, value in sorted(losses_module.ALL_OBJECTS_DICT.items())},
            "metrics": {key: value.__name__ for key, value in sorted(metrics_module.ALL_OBJECTS_DICT.items())},
            "initializers": {key: value.__name__ for key, value in sorted(initializers.ALL_OBJECTS_DICT.items())}}


def schedules():
    cases = []
    for arguments in [dict(initial_learning_rate=0.1, first_decay_steps=7), dict(initial_learning_rate=0.1, first_decay_steps=5, t_mul=1.0, m_mul=0.8, alpha=0.1),
                      dict(initial_learning_rate=0.1, first_decay_steps=4, t_mul=1.5, m_mul=0.9), dict(initial_learning_rate=0.2, first_decay_steps=3, t_mul=3.0, m_mul=1.2, alpha=0.3)]:
        made = keras.optimizers.schedules.CosineDecayRestarts(**arguments)
        cases.append({"arguments": arguments, "serialized": keras.optimizers.schedules.serialize(made), "values": [float(made(step)) for step in range(61)]})
    return cases


if __name__ == "__main__":
    write("objective_names", {"sums": sums(), "names": names(), "schedules": schedules()})
    write("metric_values", metrics())
    write("loss_values", losses())
