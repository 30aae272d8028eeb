"""Writes preprocessing.json: models with layers that prepare numbers, and what Keras makes of them.

    KERAS_BACKEND=jax python preprocessing.py
"""

from graphs import Case, Dense, Input, Model, SGD, ROWS, data, layers, write


def tokens(random, *shape):
    return random.randint(0, 5, (ROWS, *shape)).astype("int32")


def categories(random):
    x, label, weights = Input((4,), dtype="int32", name="x"), Input((1,), dtype="int32", name="label"), Input((4,), name="weights")
    h = layers.Concatenate()([layers.CategoryEncoding(5)(x), layers.CategoryEncoding(5, output_mode="one_hot")(label),
                              layers.CategoryEncoding(6, output_mode="count")(x),
                              layers.CategoryEncoding(5, output_mode="count")(x, count_weights=weights)])
    return Case(Model([x, label, weights], Dense(2, name="y")(h)), SGD(0.1), {"x": tokens(random, 4), "label": tokens(random, 1), "weights": data(random, 4)},
                {"y": data(random, 2)}, loss="mse")


def steps_of_categories(random):
    x = Input((4,), dtype="int32", name="x")
    return Case(Model(x, Dense(2, name="y")(layers.CategoryEncoding(5, output_mode="one_hot")(x))), SGD(0.1), {"x": tokens(random, 4)},
                {"y": data(random, 4, 2)}, loss="mse")


if __name__ == "__main__":
    write("preprocessing", [categories, steps_of_categories], [categories])
