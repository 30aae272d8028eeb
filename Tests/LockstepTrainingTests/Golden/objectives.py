"""Writes objectives.json: models with losses and metrics of every family, their labels mixed, weighted and masked.

    KERAS_BACKEND=jax python objectives.py
"""

from graphs import ROWS, SGD, Adam, Case, Dense, Input, Model, binary, classes, data, keras, layers, losses, metrics, np, positive, steps, write

initializers, schedules = keras.initializers, keras.optimizers.schedules


def heads(random, **activations):
    """A model with a Dense of three for each output, by name, with its activation."""
    x = Input((3,), name="x")
    hidden = Dense(4, activation="tanh", kernel_initializer=initializers.Orthogonal(0.9, seed=3), bias_initializer=initializers.TruncatedNormal(0.1, 0.2),
                   name="hidden")(x)
    return Model(x, [Dense(3, activation=activation, name=name)(hidden) for name, activation in activations.items()]), {"x": data(random, 3)}


def above(random, *shape):
    return np.round(random.uniform(0.5, 2, (ROWS, *shape)), 2).astype("float32")


def regressions(random):
    model, x = heads(random, percent=None, logarithm="softplus", cosh=None, robust=None, angle=None)
    y = {"percent": above(random, 3), "logarithm": positive(random, 3), "cosh": data(random, 3) * 2, "robust": data(random, 3) * 3, "angle": data(random, 3)}
    return Case(model, SGD(0.05), x, y, loss=["mape", "mean_squared_logarithmic_error", "log_cosh", losses.Huber(), "cosine_similarity"],
                loss_weights=[0.01, 1.0, 1.0, 1.0, 1.0], metrics=[["mape"], ["msle"], ["log_cosh_error", metrics.RootMeanSquaredError()],
                                                                 ["r2_score", metrics.R2Score("variance_weighted_average", name="r2_weighted")], ["cosine_similarity"]])


def margins(random):
    """Of the second output some batches have labels of 0 and 1 alone, others do not; so have parts of one batch."""
    model, x = heads(random, zeros=None, mixed=None, signs=None, category=None)
    mixed = random.randint(-1, 2, (ROWS, 3)).astype("float32")
    mixed[2:4] = np.abs(mixed[2:4])
    mixed[4], mixed[5] = [0, 1, 0], [0, -1, 1]
    y = {"zeros": binary(random, 3), "mixed": mixed, "signs": binary(random, 3) * 2 - 1, "category": np.eye(3, dtype="float32")[classes(random, 3)]}
    return Case(model, SGD(0.1), x, y, sample_weight=[positive(random) for _ in range(4)],
                loss=["hinge", losses.Hinge(), losses.SquaredHinge(reduction="sum"), "categorical_hinge"], loss_weights=[1.0, 1.0, 0.2, 1.0],
                metrics=[["hinge"], ["hinge", "squared_hinge"], [], ["categorical_hinge"]], weighted_metrics=[[], ["hinge"], ["squared_hinge"], []])


def distributions(random):
    model, x = heads(random, divergence="softmax", rate="softplus", focal="sigmoid", balanced=None, category="softmax")
    one_hot = np.eye(3, dtype="float32")[classes(random, 3)]
    y = {"divergence": np.round(random.dirichlet(np.ones(3), ROWS), 2).astype("float32"), "rate": random.poisson(1.5, (ROWS, 3)).astype("float32"),
         "focal": binary(random, 3), "balanced": binary(random, 3), "category": one_hot}
    return Case(model, Adam(schedules.CosineDecayRestarts(0.05, 3, t_mul=1.5, m_mul=0.9, alpha=0.1)), x, y,
                loss=["kl_divergence", losses.Poisson(), "binary_focal_crossentropy",
                      losses.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.4, gamma=1.5, from_logits=True, label_smoothing=0.1),
                      losses.CategoricalFocalCrossentropy(0.5, 3.0)],
                metrics=[["kl_divergence"], ["poisson"], ["bce"], [metrics.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)], ["categorical_crossentropy"]])


def segmentation(random):
    """Losses of a whole batch, of samples, and of classes."""
    x = Input((4,), name="x")
    hidden = Dense(8, activation="relu", kernel_initializer=initializers.HeNormal(seed=1), name="hidden")(x)
    outputs = [layers.Reshape((2, 2, 2), name=name)(Dense(8, activation="sigmoid")(hidden)) for name in ("dice", "each", "tversky", "channel")]
    y = {name: binary(random, 2, 2, 2) for name in ("dice", "each", "tversky", "channel")}
    return Case(Model(x, outputs), SGD(0.3), {"x": data(random, 4)}, y,
                loss=[losses.Dice(), losses.Dice(axis=(1, 2, 3)), losses.Tversky(alpha=0.3, beta=0.8), losses.Tversky(axis=(0, 1, 2), reduction="sum")],
                metrics=[[metrics.BinaryIoU()], [metrics.BinaryIoU([1], threshold=0.4)], [metrics.MeanIoU(2, sparse_y_true=False, sparse_y_pred=False)], []])


def overlap_weighted(random):
    x = Input((4,), name="x")
    y = Dense(3, activation="sigmoid", name="y")(Dense(4, activation="relu", name="hidden")(x))
    return Case(Model(x, y), SGD(0.3), {"x": data(random, 4)}, {"y": binary(random, 3)}, sample_weight=positive(random), loss="dice")


def classifier(random):
    """Every metric of a classifier of several classes."""
    model, x = heads(random, y="softmax")
    one_hot = np.eye(3, dtype="float32")[classes(random, 3)]
    return Case(model, Adam(0.05), x, {"y": one_hot}, sample_weight=positive(random), loss="categorical_crossentropy",
                metrics=["accuracy", metrics.TopKCategoricalAccuracy(2), metrics.F1Score("macro"), metrics.FBetaScore("weighted", 2.0, threshold=0.3),
                         metrics.AUC(multi_label=True, num_thresholds=21), metrics.AUC(curve="PR", num_thresholds=11, name="pr"),
                         metrics.SensitivityAtSpecificity(0.5, num_thresholds=31), metrics.PrecisionAtRecall(0.6, num_thresholds=31),
                         metrics.OneHotMeanIoU(3), metrics.OneHotIoU(3, [0, 2]), metrics.PearsonCorrelation(), metrics.ConcordanceCorrelation()],
                weighted_metrics=[metrics.F1Score("micro", name="f1_micro"), metrics.RecallAtPrecision(0.5, num_thresholds=31), metrics.AUC(num_thresholds=5, name="area"),
                                  metrics.SpecificityAtSensitivity(0.4, num_thresholds=31), metrics.TrueNegatives(name="negatives")])


def labels(random):
    """Integer labels, some of which count for nothing."""
    x = Input((4,), name="x")
    logits = layers.Reshape((2, 3), name="logits")(Dense(6, name="scores")(x))
    y = random.randint(0, 3, (ROWS, 2)).astype("int32")
    y[1] = y[4, 0] = y[8] = 255  # a batch of one has none that counts
    return Case(Model(x, logits), SGD(0.3), {"x": data(random, 4)}, {"logits": y},
                loss=losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255),
                metrics=[metrics.MeanIoU(3, ignore_class=255, sparse_y_pred=False, name="iou")])


def sparse(random):
    model, x = heads(random, y="softmax")
    return Case(model, SGD(0.3), x, {"y": classes(random, 3)}, sample_weight=positive(random), loss="sparse_categorical_crossentropy",
                metrics=[metrics.SparseTopKCategoricalAccuracy(2), metrics.SparseCategoricalCrossentropy()],
                weighted_metrics=[metrics.SparseTopKCategoricalAccuracy(1, name="top"), metrics.MeanIoU(3, sparse_y_pred=False, dtype="float32", name="iou")])


def masked(random):
    x = Input((5, 3), name="steps")
    h = layers.Masking()(x)
    model = Model(x, [Dense(2, name="huber")(h), Dense(2, name="hinge")(h), Dense(2, name="cosine")(h), Dense(2, activation="sigmoid", name="dice")(h)])
    y = {"huber": data(random, 5, 2) * 3, "hinge": binary(random, 5, 2), "cosine": data(random, 5, 2), "dice": binary(random, 5, 2)}
    return Case(model, SGD(0.1), {"steps": steps(random)}, y, loss=["huber", "hinge", "cosine_similarity", "dice"],
                metrics=[["mape"], ["hinge"], ["cosine_similarity"], []])


if __name__ == "__main__":
    write("objectives", [regressions, margins, distributions, segmentation, overlap_weighted, classifier, labels, sparse, masked], files=[distributions, classifier])
