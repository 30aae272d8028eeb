"""Writes optimizers.json: one small model, trained by each optimizer and with what all of them can do besides; see graphs.py.

    KERAS_BACKEND=jax python optimizers.py
"""

from graphs import SGD, Adam, Case, Dense, Input, Model, RMSprop, binary, data, keras, write

AdamW, Adamax, Nadam, Adadelta = keras.optimizers.AdamW, keras.optimizers.Adamax, keras.optimizers.Nadam, keras.optimizers.Adadelta
Adafactor, Ftrl, Lion, Lamb, Adagrad = (getattr(keras.optimizers, name) for name in ["Adafactor", "Ftrl", "Lion", "Lamb", "Adagrad"])


def made(name, make):
    """The function of a graph that `make` gives an optimizer."""
    def graph(random):
        x = Input((4,), name="x")
        y = Dense(1, activation="sigmoid", name="y")(Dense(3, activation="tanh", name="hidden")(x))
        return Case(Model(x, y), make(), {"x": data(random, 4)}, {"y": binary(random, 1)}, loss="binary_crossentropy")

    graph.__name__ = name
    return graph


GRAPHS = [made(name, make) for name, make in [
    ("adamw", lambda: AdamW(0.05, weight_decay=0.1)),
    ("adamw_amsgrad", lambda: AdamW(0.05, amsgrad=True, beta_2=0.9, clipnorm=0.1)),
    ("adamax", lambda: Adamax(0.05)),
    ("nadam", lambda: Nadam(0.05)),
    ("nadam_gathering", lambda: Nadam(0.05, gradient_accumulation_steps=3, global_clipnorm=0.2)),
    ("adadelta", lambda: Adadelta(1.0, epsilon=1e-3)),
    ("adafactor", lambda: Adafactor(0.1)),
    ("adafactor_average", lambda: Adafactor(0.1, clip_threshold=1.5, weight_decay=0.1, use_ema=True, ema_momentum=0.6)),
    ("ftrl", lambda: Ftrl(0.1, l1_regularization_strength=0.01, beta=0.1)),
    ("lion", lambda: Lion(0.01, weight_decay=0.1)),
    ("lamb_average", lambda: Lamb(0.05, use_ema=True, ema_momentum=0.5)),
    ("sgd_average", lambda: SGD(0.3, use_ema=True, ema_momentum=0.7)),
    ("adam_average", lambda: Adam(0.05, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=3)),
    ("rmsprop_average", lambda: RMSprop(0.02, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2, gradient_accumulation_steps=2)),
    ("adagrad_average", lambda: Adagrad(0.1, use_ema=True, ema_overwrite_frequency=1, weight_decay=0.1, clipvalue=0.1)),
]]

if __name__ == "__main__":
    write("optimizers", GRAPHS, files=GRAPHS)
