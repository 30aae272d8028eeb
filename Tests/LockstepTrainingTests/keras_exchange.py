"""Keras 3.15.1 opens what Lockstep saved and trains it on, and opens what Lockstep made of that. KerasExchangeTests runs it; by hand:

    KERAS_BACKEND=jax python3 keras_exchange.py open FOLDER
    KERAS_BACKEND=jax python3 keras_exchange.py return FOLDER

open: for each NAME.json there are NAME.keras and NAME.h5, both of one model; the JSON has inputs, targets, predictions, weights, the
optimizer's iterations, and the weights after STEPS more steps. Predictions must agree to PREDICTIONS and trained weights to 1e-4, relative to the
largest; weights bit for bit, the two files with each other also in the optimizer's states; the configurations must be those that Keras
writes, but for what EXPECTED_DIFFERENCES explain, and the arrays of the file too. NAME.weights.h5 has the
weights alone. What Keras has trained it saves as NAME.keras.keras, NAME.keras.h5 and NAME.keras.weights.json, with NAME.keras.json of the same kind, of STEPS steps beyond.

return: Lockstep has opened these and saved them as NAME.again.keras and NAME.again.h5: the same configuration, weights and states, bit
for bit. Exits with 1 where anything differs.
"""
import glob
import io
import json
import logging
import os
import sys
import warnings
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import h5py
import keras
import numpy as np

logging.getLogger("absl").setLevel(logging.ERROR)
warnings.filterwarnings("error", "Skipping variable loading")  # of an optimizer whose state does not fit

STEPS = 10
# Relative to the largest: some ten last bits of float32, by which sums in other orders differ.
PREDICTIONS = 2e-6
EXPECTED_DIFFERENCES = {
    "shared_object_id": "Keras numbers objects that it shares in memory",
    "build_config": "Keras writes none for layers that have nothing to build; harmless where it is there",
    "learning_rate": "Keras writes the float32 with all digits of a double",
}
# What Keras 3.15.1 cannot do with `.h5`: it does not find one optimizer there, and writes two arrays of another's under one name.
NOT_IN_H5 = ["Lamb", "Adafactor"]
# Of `.h5` alone.
EXPECTED_DIFFERENCES_H5 = {
    "module": "Keras leaves it out, and then does not open all that it has written",
    "registered_name": "as the module",
    "compile_config": "stands in the file beside the model",
}


def by_name(value):
    """A function of Keras' own, which `.h5` files make of a name: the name."""
    return value["config"] if isinstance(value, dict) and value.get("class_name") == "function" else value


def differences(mine, keras_own, path="", expected=EXPECTED_DIFFERENCES):
    mine, keras_own = by_name(mine), by_name(keras_own)
    if isinstance(mine, dict) and isinstance(keras_own, dict):
        for key in dict.fromkeys(list(mine) + list(keras_own)):
            if key in expected and (key != "learning_rate" or not isinstance(mine[key], dict) and np.float32(mine[key]) == np.float32(keras_own[key])):
                continue
            if key not in mine or key not in keras_own:
                yield f"{path}.{key}: only in {'Lockstep' if key in mine else 'Keras'}'s file: {mine.get(key, keras_own.get(key))}"
            else:
                yield from differences(mine[key], keras_own[key], f"{path}.{key}", expected)
    elif isinstance(mine, list) and isinstance(keras_own, list) and len(mine) == len(keras_own):
        for index, (a, b) in enumerate(zip(mine, keras_own)):
            yield from differences(a, b, f"{path}.{index}", expected)
    elif mine != keras_own:
        yield f"{path}: Lockstep {mine}, Keras {keras_own}"


def contents(path):
    """The configurations of a file, and its arrays with shapes and types: of `.h5` layer by layer in order, as their names do not matter."""
    if path.endswith(".keras"):
        with zipfile.ZipFile(path) as archive:
            # Keras leaves `{}` for a model that is not compiled, Lockstep nothing.
            configurations = {"compile_config": {}} | json.loads(archive.read("config.json"))
            names, source = archive.namelist(), io.BytesIO(archive.read("model.weights.h5"))
    else:
        with h5py.File(path) as file:
            configurations = {name: json.loads(file.attrs[name]) for name in ("model_config", "training_config")}
            for key in ("loss", "metrics", "weighted_metrics"):  # in other words; `same` compares what comes of them
                del configurations["training_config"][key]
            groups = {name: group for name, group in file["model_weights"].items()} | {"optimizer": file["optimizer_weights"]}
            found = {name: [(group[n].shape, str(group[n].dtype)) for n in group.attrs["weight_names"]] for name, group in groups.items()}
            return configurations, found | {"attributes": sorted(file.attrs), "layers": list(file["model_weights"].attrs["layer_names"])}
    found = {"members": names}
    with h5py.File(source) as file:
        file.visititems(lambda name, item: found.update({name: (item.shape, str(item.dtype))}) if isinstance(item, h5py.Dataset) else
                        found.update({name: dict(item.attrs)}) if name.endswith("vars") and len(item) else None)
    return configurations, found


def load(path):
    """The model of a file. Of `.h5`, Keras 3.15.1 builds the optimizer for the variables that are the model's own, of which a model of layers
    has none, and drops the state that the file has: so it is given what the file has."""
    model = keras.models.load_model(path)
    if path.endswith(".h5"):
        with h5py.File(path) as file:
            group = file["optimizer_weights"]
            values = [np.asarray(group[name]) for name in group.attrs["weight_names"]]
        model.optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
        model.optimizer.build(model.trainable_variables)
        model.optimizer.set_weights(values)
    return model


def given(arrays, structure):
    """Arrays by name as a model takes them or their targets: in a dictionary, a list, or alone."""
    arrays = {name: np.array(value["scalars"], "float32").reshape(value["shape"]) for name, value in arrays.items()}
    return arrays if isinstance(structure, dict) else list(arrays.values()) if len(arrays) > 1 else list(arrays.values())[0]


def flat(outputs):
    """The numbers of a model's outputs, those of a dictionary in the order of its names."""
    outputs = [outputs[name] for name in sorted(outputs)] if isinstance(outputs, dict) else outputs if isinstance(outputs, list) else [outputs]
    return [np.asarray(output).flatten().tolist() for output in outputs]


def weights(model):
    return [np.asarray(v).astype("float32").flatten().tolist() for v in model.weights]


def state(model):
    return [np.asarray(v) for v in model.weights + model.optimizer.variables]


failed = 0
count = 0


def report(name, what, ok, detail=""):
    global failed, count
    count += 1
    failed += not ok
    if not ok:
        print(f"{name}: {what}: {detail}", flush=True)


def compare(name, what, found, wanted, tolerance):
    """Lists of arrays, each difference relative to the largest number of its array, or 1."""
    if [len(a) for a in found] != [len(a) for a in wanted]:
        return report(name, what, False, f"{[len(a) for a in found]} numbers, expected {[len(a) for a in wanted]}")
    errors = [np.abs(np.float64(a) - b).max() / max(1, np.abs(b).max()) for a, b in zip(found, wanted) if len(b)]
    report(name, what, max(errors, default=0) <= tolerance, f"differ by {max(errors, default=0):.3g}, allowed {tolerance}")


def same(name, what, model, other):
    a, b = state(model), state(other)
    found = [f"{v.path}: {x}, expected {y}" for v, x, y in zip(model.weights + model.optimizer.variables, a, b) if not np.array_equal(x, y, equal_nan=True)]
    report(name, what, len(a) == len(b) and not found, f"{len(a)} variables, expected {len(b)}; {'; '.join(found)}"[:1000])
    found = list(differences(model.get_config(), other.get_config()))
    report(name, f"{what}, configuration", not found, "; ".join(found)[:1000])


def train(model, inputs, targets):
    model.fit(inputs, targets, batch_size=1000, epochs=STEPS, shuffle=False, verbose=0)


def open_model(folder, name):
    with open(f"{folder}/{name}.json") as file:
        mine = json.load(file)
    model = load(f"{folder}/{name}.keras")
    forms = ["keras"] if type(model.optimizer).__name__ in NOT_IN_H5 else ["keras", "h5"]
    opened = {form: load(f"{folder}/{name}.{form}") if form == "h5" else model for form in forms}
    report(name, "iterations", int(model.optimizer.iterations) == mine["optimizer"], int(model.optimizer.iterations))
    report(name, "weights", len(mine["weights"]) == len(model.weights) and all(
        np.array_equal(np.float32(a), np.float32(b)) for a, b in zip(mine["weights"], weights(model))), "not bit-equal")
    inputs, targets = given(mine["inputs"], getattr(model, "input", None)), given(mine["targets"], getattr(model, "output", None))
    for form in forms:
        if form == "h5":
            same(name, ".h5 as .keras", opened[form], model)
        path = f"{folder}/keras-own.{form}"
        opened[form].save(path)
        (own, layout), (keras_own, keras_layout) = contents(f"{folder}/{name}.{form}"), contents(path)
        found = list(differences(own, keras_own, expected=EXPECTED_DIFFERENCES | (EXPECTED_DIFFERENCES_H5 if form == "h5" else {})))
        report(name, f"{form}, configuration", not found or form == "h5" and "keras.src.ops" in json.dumps(own), "; ".join(found)[:1000])
        found = [f"{key}: {layout.get(key)}, in Keras {keras_layout.get(key)}" for key in {**layout, **keras_layout} if layout.get(key) != keras_layout.get(key)]
        report(name, f"{form}, groups and arrays", not found, "; ".join(found)[:1000])
        compare(name, f"{form}, predictions", flat(opened[form].predict_on_batch(inputs)), mine["predictions"], PREDICTIONS)
    fresh = keras.models.clone_model(model)
    fresh.load_weights(f"{folder}/{name}.weights.h5")
    report(name, "weights alone", weights(fresh) == weights(model), "not bit-equal")
    train(model, inputs, targets)
    compare(name, "trained", weights(model), mine["trained"], 1e-4)
    for form in forms:
        model.save(f"{folder}/{name}.keras.{form}")
    # In several files, each as large as the largest array.
    largest = max(np.asarray(v).nbytes for v in model.weights + model.optimizer.variables)
    model.save_weights(f"{folder}/{name}.keras.weights.json", max_shard_size=largest * 1.01 / 1024**3)
    found = {"predictions": flat(model.predict_on_batch(inputs)), "weights": weights(model), "optimizer": int(model.optimizer.iterations)}
    train(model, inputs, targets)
    with open(f"{folder}/{name}.keras.json", "w") as file:
        json.dump(found | {"trained": weights(model), "forms": forms}, file)


def return_model(folder, name):
    model = load(f"{folder}/{name}.keras.keras")
    for form in ["keras"] if type(model.optimizer).__name__ in NOT_IN_H5 else ["keras", "h5"]:
        same(name, f"returned as {form}", load(f"{folder}/{name}.again.{form}"), model)


phase, folder = sys.argv[1:]
names = sorted(path.split("/")[-1][: -len(".json")] for path in glob.glob(f"{folder}/*.json") if not path.endswith((".keras.json", ".weights.json")))
assert names, f"no models in {folder}"
for name in names:
    try:
        {"open": open_model, "return": return_model}[phase](folder, name)
    except Exception as error:
        report(name, phase, False, f"{type(error).__name__}: {error}")
    keras.backend.clear_session()
print(f"{len(names)} models, {count} comparisons, {failed} failed", flush=True)
sys.exit(failed > 0)
