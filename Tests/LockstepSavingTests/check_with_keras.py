"""Opens in Keras what Lockstep saved, and compares: needs Keras 3 (made with 3.15.1), so it is run by hand.

    LOCKSTEP_KEEP=DIR swift test -c release --filter 'KerasExchange|GoldenGraphTests/testFiles'     leaves models and what Lockstep holds for them
    KERAS_BACKEND=jax python3 check_with_keras.py DIR                                               exits with 1 where Keras finds something else

For each NAME.keras there is NAME.json: inputs, predictions, weights, and the optimizer's variables in Keras' order; of graphs inputs and
targets by name, and the optimizer's iterations alone, the next step being the test of its states.
Keras' predictions must agree to 1e-6; weights, iterations, learning rate and states bit for bit. Then Keras saves the
model again: the two configurations must be equal but for what EXPECTED_DIFFERENCES explains.
"""
import glob
import io
import json
import sys
import tempfile
import warnings
import zipfile

import h5py
import keras
import numpy as np

warnings.filterwarnings("error", "Skipping variable loading")  # of an optimizer whose state does not fit

EXPECTED_DIFFERENCES = {
    "shared_object_id": "Keras numbers objects that it shares in memory",
    "build_config": "Keras writes none for layers that have nothing to build; harmless where it is there",
    "learning_rate": "Keras writes the float32 with all digits of a double",
}


def differences(mine, keras_own, path=""):
    if isinstance(mine, dict) and isinstance(keras_own, dict):
        for key in dict.fromkeys(list(mine) + list(keras_own)):
            if key in EXPECTED_DIFFERENCES and (key != "learning_rate" or not isinstance(mine[key], dict) and np.float32(mine[key]) == np.float32(keras_own[key])):
                continue
            if key not in mine or key not in keras_own:
                yield f"{path}.{key}: only in {'Lockstep' if key in mine else 'Keras'}'s file: {mine.get(key, keras_own.get(key))}"
            else:
                yield from differences(mine[key], keras_own[key], f"{path}.{key}")
    elif isinstance(mine, list) and isinstance(keras_own, list) and len(mine) == len(keras_own):
        for index, (a, b) in enumerate(zip(mine, keras_own)):
            yield from differences(a, b, f"{path}.{index}")
    elif mine != keras_own:
        yield f"{path}: Lockstep {mine}, Keras {keras_own}"


def layout(path):
    """Every group and dataset of the weights file, with attributes, shapes and types."""
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        found = {}
        file.visititems(lambda name, item: found.update({name: (dict(item.attrs), getattr(item, "shape", None), str(getattr(item, "dtype", "")))}))
        return archive.namelist(), found


def given(arrays, structure):
    """Arrays by name as a model takes them or their targets: in a dictionary, a list, or alone."""
    arrays = {name: np.array(value["scalars"], "float32").reshape(value["shape"]) for name, value in arrays.items()}
    return arrays if isinstance(structure, dict) else list(arrays.values()) if len(arrays) > 1 else list(arrays.values())[0]


def flat(outputs):
    """All numbers of a model's outputs, those of a dictionary in the order of its names."""
    outputs = [outputs[name] for name in sorted(outputs)] if isinstance(outputs, dict) else outputs if isinstance(outputs, list) else [outputs]
    return np.concatenate([np.asarray(output).flatten() for output in outputs])


failed = False


def report(name, what, ok, detail=""):
    global failed
    failed |= not ok
    print(f"{name:12} {'ok  ' if ok else 'FAIL'} {what} {detail}")


paths = sorted(glob.glob(f"{sys.argv[1]}/*.keras"))
assert paths, f"no .keras files in {sys.argv[1]}"
for path in paths:
    name = path.split("/")[-1]
    with open(path.replace(".keras", ".json")) as file:
        mine = json.load(file)
    model = keras.models.load_model(path)
    is_graph = isinstance(mine["inputs"], dict)
    if is_graph:
        inputs, targets = given(mine["inputs"], getattr(model, "input", None)), given(mine["targets"], getattr(model, "output", None))
        predictions = np.concatenate([np.array(v, "float32") for v in mine["predictions"]])
    else:
        inputs, targets = np.array(mine["inputs"], "float32").reshape([-1] + [int(n) for n in mine["input_shape"]]), np.array(mine["labels"])
        predictions = np.array(mine["predictions"], "float32")
    found = flat(model.predict(inputs, verbose=0))
    error = np.abs(found - predictions).max()
    report(name, "predictions", error <= 1e-6, f"largest difference {error:.3g} over {found.size}")
    weights = [np.array(v, "float32") for v in mine["weights"]]
    same = len(weights) == len(model.weights) and all(np.array_equal(a, np.asarray(b).flatten()) for a, b in zip(weights, model.weights))
    report(name, "weights", same, f"{len(weights)} bit-equal")
    if mine["optimizer"] is not None and not is_graph:
        states = [np.array(v, "float32") for v in mine["optimizer"]]
        variables = model.optimizer.variables
        same = len(states) == len(variables) and all(np.array_equal(a, np.asarray(b).astype("float32").flatten()) for a, b in zip(states, variables))
        report(name, "optimizer", same, f"{type(model.optimizer).__name__}, iterations {int(model.optimizer.iterations)}, {len(variables)} variables bit-equal")
    if "weights_after_step" in mine:
        if is_graph:
            report(name, "iterations", int(model.optimizer._iterations) == mine["optimizer"], mine["optimizer"])
        model.fit(inputs, targets, batch_size=1000, epochs=1, verbose=0)
        after = [np.array(v, "float32") for v in mine["weights_after_step"]]
        error = max(np.abs(a - np.asarray(b).flatten()).max() for a, b in zip(after, model.weights))
        report(name, "next step", error <= 1e-6, f"largest difference of a weight {error:.3g}")
        model = keras.models.load_model(path)
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/again.keras")
        report(name, "file layout", layout(path) == layout(f"{folder}/again.keras"), f"{len(layout(path)[1])} groups and datasets as Keras writes them")
        # Keras leaves `{}` for a model that is not compiled, Lockstep nothing.
        configs = [{"compile_config": {}} | json.loads(zipfile.ZipFile(p).read("config.json")) for p in (path, f"{folder}/again.keras")]
    found = list(differences(*configs))
    report(name, "config.json", not found, "; ".join(found))
for path in sorted(glob.glob(f"{sys.argv[1]}/*.weights.h5")):
    model = keras.models.load_model(path.replace(".weights.h5", ".keras"))
    before = [np.asarray(v) for v in model.weights + model.optimizer.variables]
    for v in model.weights + model.optimizer.variables:
        v.assign(np.asarray(v) * 0)
    model.load_weights(path)
    same = all(np.array_equal(a, np.asarray(b)) for a, b in zip(before, model.weights + model.optimizer.variables))
    report(path.split("/")[-1], "load_weights", same, f"{len(before)} variables bit-equal")
sys.exit(failed)
