"""Writes Golden.swift: model files made by Keras, and what Keras predicts and holds for them.

    KERAS_BACKEND=jax python3 golden.py > Golden.swift        (made with Keras 3.15.1, h5py 3.14.0)
"""
import base64
import gzip
import io
import tempfile
import textwrap

import h5py
import keras
import numpy as np

folder = tempfile.mkdtemp()
inputs = (np.arange(20, dtype="float32").reshape(5, 2, 2) - 7) / 10
labels = np.array([0, 1, 1, 0, 1])


def normalized_model():
    keras.utils.clear_session()
    keras.utils.set_random_seed(7)
    layers = [keras.layers.Input((2, 2)), keras.layers.BatchNormalization(axis=1, momentum=0.5), keras.layers.Flatten(), keras.layers.Dense(3),
              keras.layers.BatchNormalization(scale=False), keras.layers.Dense(2, activation="softmax")]
    return keras.Sequential(layers)


def model():
    keras.utils.clear_session()
    keras.utils.set_random_seed(7)
    return keras.Sequential(
        [
            keras.layers.Input((2, 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="tanh"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(2),
            keras.layers.Activation("softmax"),
        ]
    )


def saved(model, suffix=".keras"):
    path = f"{folder}/golden{suffix}"
    model.save(path) if suffix != ".weights.h5" else model.save_weights(path)
    with open(path, "rb") as file:
        return file.read()


def trained(optimizer, make=model):
    result = make()
    result.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    result.fit(inputs, labels, epochs=3, batch_size=2, shuffle=False, verbose=0)
    return result


def floats(array):
    return "[" + ", ".join(str(x) for x in np.asarray(array, "float32").flatten()) + "]"


def text(bytes):
    return textwrap.fill(base64.b64encode(gzip.compress(bytes, mtime=0)).decode(), 116, initial_indent=" " * 8, subsequent_indent=" " * 8)


def emit_case(name, model, file):
    print(f"    static let {name} = (")
    print(f'        file: """\n{text(file)}\n        """,')
    print("        variables: [" + ", ".join(f'("{v.path}", {floats(v)})' for v in model.weights) + "] as [(String, [Float])],")
    print("        optimizer: [" + ", ".join(f'("{v.path}", {floats(v)})' for v in model.optimizer.variables) + "] as [(String, [Float])],")
    print(f"        predictions: {floats(model.predict(inputs, verbose=0))} as [Float]")
    print("    )\n")


def with_dtype(file, dtype):
    """The weights file with its float32 arrays, those of the optimizer included, of another type."""
    source = h5py.File(io.BytesIO(file))
    stream = io.BytesIO()
    with h5py.File(stream, "w") as target:

        def copy(name, item):
            if isinstance(item, h5py.Dataset):
                target[name] = item[()].astype(dtype if item.dtype == np.float32 else item.dtype)
            else:
                target.require_group(name)

        source.visititems(copy)
    return stream.getvalue()


adam = trained(keras.optimizers.Adam(0.05, amsgrad=True))
rmsprop = trained(keras.optimizers.RMSprop(0.05, momentum=0.5, centered=True))
normalized = trained(keras.optimizers.Adam(0.05), normalized_model)
schedule = keras.optimizers.schedules.ExponentialDecay(0.05, 4, 0.5)
accumulated = trained(keras.optimizers.Adam(schedule, clipnorm=0.1, gradient_accumulation_steps=4))

print("// Made by golden.py; do not edit.")
print(f"// Keras {keras.__version__}, h5py {h5py.__version__}.\n")
print("/// Model files that Keras wrote, gzipped, as base64, with the variables (names, elements) and predictions that Keras has for them.")
print("enum Golden {")
print(f"    /// Five samples of shape (2, 2).\n    static let inputs: [Float] = {floats(inputs)}\n")
emit_case("adam", adam, saved(adam))
emit_case("rmsprop", rmsprop, saved(rmsprop))
emit_case("normalized", normalized, saved(normalized))
emit_case("accumulated", accumulated, saved(accumulated))
weights = saved(adam, ".weights.h5")
print(f'    /// The weights file of `adam`.\n    static let weights = """\n{text(weights)}\n        """')
for dtype in ("float16", "float64", "int32"):
    print(f'    /// `weights` as {dtype}.\n    static let {dtype}Weights = """\n{text(with_dtype(weights, dtype))}\n        """')
print(f'    /// A whole model in the HDF5 form of Keras 2.\n    static let legacy = """\n{text(saved(model(), ".h5"))}\n        """')
print("}")
