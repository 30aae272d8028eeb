"""Writes GoldenCompiled.swift: Keras models that were compiled in ways that are not all known here.

    KERAS_BACKEND=jax python3 golden_compiled.py > GoldenCompiled.swift && swift format -i GoldenCompiled.swift    (made with Keras 3.15.1)
"""
import base64
import gzip
import textwrap

import keras
import numpy as np

inputs = (np.arange(20, dtype="float32").reshape(5, 2, 2) - 7) / 10
labels = np.array([0, 1, 1, 0, 1])
sparse = "sparse_categorical_crossentropy"


def emit(name, doc, optimizer="adam", loss=sparse, metrics=("accuracy",), activation="softmax", policy="float32", **more):
    keras.utils.clear_session()
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.layers.Input((2, 2)), keras.layers.Flatten(), keras.layers.Dense(2, activation=activation)])
    model.compile(optimizer, loss, metrics=list(metrics), **more)
    model.fit(inputs, labels, epochs=3, batch_size=2, shuffle=False, verbose=0)
    model.save("/tmp/golden.keras")
    with open("/tmp/golden.keras", "rb") as file:
        text = base64.b64encode(gzip.compress(file.read(), mtime=0)).decode()
    text = textwrap.fill(text, 116, initial_indent=" " * 8, subsequent_indent=" " * 8)
    kernel, bias = ([str(x) for x in np.asarray(v, "float32").flatten()] for v in model.layers[-1].weights)
    print(f'    /// {doc}\n    static let {name} = (\n        file: """\n{text}\n        """,')
    print(f"        weights: [[{', '.join(kernel)}], [{', '.join(bias)}]] as [[Float]],")
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    print(f"        iterations: {int(optimizer.iterations)}\n    )")


print("// Made by golden_compiled.py; do not edit.")
print(f"// Keras {keras.__version__}.\n")
print("/// Model files, gzipped, as base64, with the weights and iterations that Keras has for them.")
print("enum GoldenCompiled {")
emit("muon", "An optimizer that is not known.", "muon")
emit("scaled", "An option of an optimizer that is not known.", keras.optimizers.SGD(0.1, loss_scale_factor=4.0))
emit("lossWeights", "Weights of losses, which are not known.", loss=[sparse], loss_weights=[0.5])
emit(
    "functions",
    "Loss, metric and activation given as functions of Keras.",
    loss=keras.losses.sparse_categorical_crossentropy,
    metrics=[keras.metrics.sparse_categorical_accuracy],
    activation=keras.activations.softmax,
)
emit("accuracy", "The name of a metric in other letters, in a list for the output.", metrics=[["Accuracy"]])
emit("mixed", "Half precision: the optimizer is wrapped in one that scales the loss.", keras.optimizers.Adam(0.05), policy="mixed_float16")
print("}")
