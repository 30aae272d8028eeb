"""Figures of Keras for FitTests.swift: python golden.py (keras 3.15.1, KERAS_BACKEND=jax, numpy).

The data and the initial weights come from a formula that the tests share, so nothing is random.
"""
import os

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
import numpy as np


def fraction(n):
    return (((np.arange(n) * 7919 + 13) % 997).astype("float32") / np.float32(997))


def weights(shape, offset):
    n = int(np.prod(shape))
    return (fraction(n + offset)[offset:] - np.float32(0.5)).reshape(shape)


def run(title, optimizer, loss, outputs, activation, y, batch, weighted="mse", **options):
    keras.utils.clear_session()
    x = (fraction(17 * 6) - np.float32(0.5)).reshape(17, 6)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(5, activation="tanh"),
                              keras.layers.Dense(outputs, activation=activation)])
    model.set_weights([weights((6, 5), 0), weights((5,), 7), weights((5, outputs), 11), weights((outputs,), 3)])
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"], weighted_metrics=[weighted])
    history = model.fit(x, y, batch_size=batch, epochs=3, shuffle=False, verbose=0, **options).history
    print("//", title)
    for name in sorted(history, key=lambda k: (k.startswith("val_"), k)):
        print(f'"{name}": {[float(np.float32(v)) for v in history[name]]},')
    print("kernel:", [float(v) for v in model.layers[0].get_weights()[0].ravel()[:4]])
    evaluated = model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True)
    print("evaluated:", {k: float(v) for k, v in sorted(evaluated.items())})
    print("predicted:", [float(v) for v in model.predict(x, verbose=0)[0]])


labels = (np.arange(17) * 5 % 3).astype("int32")
binary = (np.arange(17) * 5 % 2).astype("float32").reshape(17, 1)
regression = fraction(17 * 2).reshape(17, 2)
sample_weight = np.where(np.arange(17) % 4 == 0, 0, 0.5 + fraction(17)).astype("float32")
one_hot = np.eye(3, dtype="float32")[labels]
run("sparse", keras.optimizers.SGD(0.5, momentum=0.9), "sparse_categorical_crossentropy", 3, "softmax", labels, 5,
    weighted="sparse_categorical_crossentropy")
run("categorical, split", keras.optimizers.Adam(0.05), "categorical_crossentropy", 3, "softmax", one_hot, 5, validation_split=0.25)
run("binary, weights", keras.optimizers.RMSprop(0.05), "binary_crossentropy", 1, "sigmoid", binary, 5, sample_weight=sample_weight)
run("regression, weights", keras.optimizers.Adagrad(0.1), "mse", 2, "linear", regression, 4, sample_weight=sample_weight)


def constrained(title, optimizer):
    keras.utils.clear_session()
    x = (fraction(17 * 6) - np.float32(0.5)).reshape(17, 6)
    model = keras.Sequential([
        keras.Input((6,)),
        keras.layers.Dense(5, activation="tanh", kernel_constraint=keras.constraints.MinMaxNorm(0.1, 0.5, rate=0.5)),
        keras.layers.Dense(2, kernel_constraint=keras.constraints.NonNeg())])
    model.set_weights([weights((6, 5), 0), weights((5,), 7), weights((5, 2), 11), weights((2,), 3)])
    model.compile(optimizer=optimizer, loss="mse")
    history = model.fit(x, regression, batch_size=5, epochs=3, shuffle=False, verbose=0).history
    print("//", title)
    print("loss:", [float(np.float32(v)) for v in history["loss"]])
    print("weights:", [float(v) for w in model.get_weights() for v in w.ravel()])


# For ConstrainedFitTests.swift. One of the constraints changes what it has changed before, so that it tells how often it was applied.
constrained("momentum", keras.optimizers.SGD(0.2, momentum=0.9))
constrained("accumulated", keras.optimizers.Adam(0.05, weight_decay=0.1, gradient_accumulation_steps=3))
