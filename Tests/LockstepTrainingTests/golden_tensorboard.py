"""What Keras' TensorBoard callback writes of a short training, read back by TensorBoard: tensorboard.json.

    pip install keras==3.15.1 tensorflow-cpu tensorboard
    KERAS_BACKEND=tensorflow python golden_tensorboard.py

Made with Keras 3.15.1, TensorFlow 2.21.0 and TensorBoard 2.21.0.
"""
import json
import os
import tempfile

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

rng = np.random.default_rng(7)


def array(*shape):
    return rng.standard_normal(shape).astype("float32")


def floats(values):
    return [float(v) for v in np.asarray(values, "float32").ravel()]


x, y = array(20, 4), (array(20) > 0).astype("int32")
weights = [array(4, 3), array(3), array(3, 2), array(2)]


def train(**arguments):
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, activation="relu", name="hidden"), keras.layers.Dense(2, activation="softmax", name="out")],
        name="model",
    )
    model.set_weights(weights)
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    with tempfile.TemporaryDirectory() as folder:
        model.fit(
            x[:16], y[:16], batch_size=4, epochs=3, shuffle=False, verbose=0, validation_data=(x[16:], y[16:]),
            callbacks=[keras.callbacks.TensorBoard(folder, **arguments)])
        runs = {}
        for run in ["train", "validation"]:
            events = EventAccumulator(os.path.join(folder, run), size_guidance={"tensors": 0})
            events.Reload()
            runs[run] = []
            for tag in events.Tags()["tensors"]:
                plugin = events.SummaryMetadata(tag).plugin_data.plugin_name
                for event in events.Tensors(tag):
                    value = tensor_util.make_ndarray(event.tensor_proto)
                    found = {"tag": tag, "step": int(event.step), "plugin": plugin, "shape": list(value.shape)}
                    if value.dtype.kind == "f" and "per_second" not in tag:
                        found["values"] = floats(value)
                    runs[run].append(found)
    return runs


cases = {
    "epochs": {},
    "everything": dict(histogram_freq=1, write_images=True, update_freq=1, write_steps_per_second=True),
    "everySecondBatch": dict(histogram_freq=2, update_freq=2, write_graph=False),
}
json.dump(
    {"x": floats(x), "y": y.tolist(), "weights": [floats(w) for w in weights], "cases": {name: train(**c) for name, c in cases.items()}},
    open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "tensorboard.json"), "w"))
