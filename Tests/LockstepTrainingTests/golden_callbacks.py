"""Writes callbacks.json: what Keras' EarlyStopping and ReduceLROnPlateau do with a series of losses, what it calls
metrics, which events it calls, and what CSVLogger and ModelCheckpoint leave.

    KERAS_BACKEND=jax python golden_callbacks.py        # keras 3.15.1
"""
import itertools
import json
import pathlib
import tempfile

import keras
import numpy as np

losses = [1, 0.9, 0.95, 0.85, 0.86, 0.87, 0.84, 0.9, 0.9, 0.9, 0.9, 0.9]


def of_one_weight(value):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.full((1, 1), value, "float32")])
    return model


def run(callback):
    """Shows the losses to the callback; the weight is the number of the epoch."""
    model = of_one_weight(0)
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")
    callback.set_model(model)
    callback.on_train_begin()
    stop, rates = None, []
    for epoch, loss in enumerate(losses):
        model.set_weights([np.full((1, 1), epoch, "float32")])
        callback.on_epoch_end(epoch, {"val_loss": np.float32(loss)})
        rates.append(float(model.optimizer.learning_rate))
        if model.stop_training:
            stop = epoch
            break
    callback.on_train_end({})
    return stop, rates, float(model.get_weights()[0][0, 0])


early, plateau = [], []
for min_delta, patience, baseline, restore, start in itertools.product([0, 0.06], [0, 2, 3], [None, 0.85], [False, True], [0, 4]):
    stop, _, weight = run(keras.callbacks.EarlyStopping(
        min_delta=min_delta, patience=patience, baseline=baseline, restore_best_weights=restore, start_from_epoch=start))
    early.append(dict(min_delta=min_delta, patience=patience, baseline=baseline, restore=restore, start=start, stop=stop, weight=weight))
for factor, patience, min_delta, cooldown, min_lr in itertools.product([0.5, 0.1], [1, 2], [1e-4, 0.06], [0, 2], [0, 0.05]):
    _, rates, _ = run(keras.callbacks.ReduceLROnPlateau(
        factor=factor, patience=patience, min_delta=min_delta, cooldown=cooldown, min_lr=min_lr))
    plateau.append(dict(factor=factor, patience=patience, min_delta=min_delta, cooldown=cooldown, min_lr=min_lr, rates=rates))

def names(metrics, weighted):
    """The figures of a model of one output that is compiled with these metrics, in the order in which fit reports them."""
    def make(name):
        return keras.metrics.MeanSquaredError(name=name[4:]) if name.startswith("mse=") else name
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[make(m) for m in metrics], weighted_metrics=[make(m) for m in weighted])
    history = model.fit(np.zeros((4, 1)), np.zeros((4, 1)), verbose=0)
    return dict(metrics=metrics, weighted=weighted, names=list(history.history))


figures = [names(*lists) for lists in [
    (["accuracy"], ["accuracy"]), (["mae", "mae"], []), (["mae"] * 3, []), (["mae"], ["mae"] * 3), ([], ["mse", "mse"]),
    (["mse=a", "mse=a"], ["mse=a", "mae"]), (["mae", "mse=mae"], ["mse", "mae"]), (["mse=zeta"], ["mse=alpha"]),
]]



class Recorder(keras.callbacks.Callback):
    """Notes down what is called, the figures' names of epochs and evaluations with it."""

    def __init__(self):
        super().__init__()
        self.events = []

    def __getattribute__(self, name):
        hook = name.removeprefix("on_").replace("_", " ")
        if not name.startswith("on_") or hook in ("batch begin", "batch end"):
            return super().__getattribute__(name)

        def note(*arguments, logs=None):
            numbers = [a for a in arguments if isinstance(a, int)]
            logs = logs or next((a for a in arguments if isinstance(a, dict)), {})
            figures = [str(list(logs)).replace("'", '"')] if name in ("on_epoch_end", "on_test_end") else []
            self.events.append(" ".join([hook, *map(str, numbers), *figures]))

        return note


recorder, x = Recorder(), np.ones((3, 1))
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse")
model.fit(x, x, batch_size=2, verbose=0, callbacks=[recorder], validation_data=(x, x), validation_batch_size=2)
model.evaluate(x, x, batch_size=2, verbose=0, callbacks=[recorder])
model.predict(x, batch_size=2, verbose=0, callbacks=[recorder])


def averages(on_epoch):
    """A model trained with moving averages: the validation's losses, the weight as callbacks see it after each epoch, and at the end."""
    x = np.arange(6, dtype="float32").reshape(6, 1) / 6
    model = of_one_weight(2)
    model.compile(optimizer=keras.optimizers.SGD(0.2, momentum=0.5, use_ema=True, ema_momentum=0.8), loss="mse")
    seen, swap = [], keras.callbacks.SwapEMAWeights(swap_on_epoch=on_epoch)
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(float(model.get_weights()[0][0, 0])))
    history = model.fit(x, 3 * x, batch_size=2, epochs=3, shuffle=False, verbose=0, callbacks=[swap, note], validation_data=(x, 3 * x))
    end = float(model.get_weights()[0][0, 0])
    model.optimizer._model_variables_moving_average[0].assign(np.full((1, 1), 1.5, "float32"))
    evaluated = model.evaluate(x, 3 * x, verbose=0, callbacks=[keras.callbacks.SwapEMAWeights()])
    predicted = float(model.predict(np.ones((1, 1)), verbose=0, callbacks=[keras.callbacks.SwapEMAWeights()])[0, 0])
    return dict(
        on_epoch=on_epoch, losses=history.history["loss"], validation=history.history["val_loss"], seen=seen, end=end, evaluated=evaluated,
        predicted=predicted)



def csv(separator, append):
    """The lines of a CSVLogger's file after two trainings, and the rates that a LearningRateScheduler has set."""
    x = np.arange(4, dtype="float32").reshape(4, 1)
    with tempfile.TemporaryDirectory() as folder:
        logger = keras.callbacks.CSVLogger(f"{folder}/log.csv", separator=separator, append=append)
        rates = []
        for validation in (None, (x, x)) if not append else (None, None):
            model = of_one_weight(2)
            model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse", metrics=["mae"])
            schedule = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate if epoch == 0 else rate * 0.5)
            model.fit(x, x, batch_size=2, epochs=2, shuffle=False, verbose=0, callbacks=[schedule, logger], validation_data=validation)
            rates.append(float(model.optimizer.learning_rate))
        return dict(separator=separator, append=append, lines=open(f"{folder}/log.csv").read().splitlines(), rates=rates)


def checkpoints(filepath, save_freq="epoch", **arguments):
    """The files of a ModelCheckpoint, and the weight in each: it goes from 2 to 3, while that of the least val_loss is 2.7."""
    x = np.array([[1], [0.5], [0.25], [1]], "float32")
    model = of_one_weight(2)
    model.compile(optimizer=keras.optimizers.SGD(0.15), loss="mse", metrics=["mae"])
    with tempfile.TemporaryDirectory() as folder:
        callback = keras.callbacks.ModelCheckpoint(f"{folder}/{filepath}", save_freq=save_freq, **arguments)
        model.fit(x, 3 * x, batch_size=1, epochs=5, shuffle=False, verbose=0, callbacks=[callback], validation_data=(x, 2.7 * x))
        files = {}
        for file in sorted(pathlib.Path(folder).rglob("*.*")):
            if arguments.get("save_weights_only"):
                model.load_weights(file)
                weights = model.get_weights()
            else:
                weights = keras.models.load_model(file, compile=False).get_weights()
            files[str(file.relative_to(folder))] = float(weights[0][0, 0])
    return dict(filepath=filepath, save_freq=0 if save_freq == "epoch" else save_freq, arguments=arguments, files=files)


path = pathlib.Path(__file__).with_name("callbacks.json")
path.write_text(json.dumps(dict(keras=keras.__version__, early=early, plateau=plateau, figures=figures, events=recorder.events, averages=[averages(False), averages(True)],
    csv=[csv(",", False), csv(";", True)], checkpoints=[
        checkpoints("{epoch:02d}-{val_loss:.4f}.keras"),
        checkpoints("{epoch}-{loss:.3e}-{val_mae:.3f}.h5"),
        checkpoints("{epoch:03d}.weights.h5", save_weights_only=True, save_best_only=True),
        checkpoints("best.keras", save_best_only=True, monitor="val_mae", mode="min"),
        checkpoints("{epoch}.keras", save_best_only=True, monitor="val_mae", mode="max"),
        checkpoints("{epoch}.keras", save_best_only=True, initial_value_threshold=0.01),
        checkpoints("{epoch:d}/{batch:03d}.keras", save_freq=3),
        checkpoints("{epoch}-{batch}-{loss:.3f}.weights.h5", save_freq=7, save_weights_only=True),
        checkpoints("{epoch}-{batch}.keras", save_freq=3, save_best_only=True, monitor="loss"),
    ])) + "\n")
