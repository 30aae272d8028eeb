"""Writes embedding.json: models with tables of which a batch names a few rows, and all of whose rows training must leave as Keras does.

    KERAS_BACKEND=jax python embedding.py
"""

from graphs import BATCH, EPOCHS, ROWS, Adam, Case, Dense, Input, Model, RMSprop, SGD, Sequential, binary, classes, constraints, data, keras, layers, np, ops, regularizers, write

Embedding, Adagrad = layers.Embedding, keras.optimizers.Adagrad
WORDS, STEPS = 100, 4


def words(random, *shape, below=WORDS):
    """Most of the words are few, so that some come again after a step or more, and some twice in a sample; others never come."""
    common = random.randint(0, 6, (ROWS, *shape))
    return np.where(random.uniform(size=common.shape) < 0.6, common, random.randint(0, below, common.shape)).astype("int32")


def padded(random, below=WORDS):
    x = words(random, STEPS, below=below) % (below - 1) + 1
    for row, length in enumerate([4, 3, 1, 0, 4, 2, 4, 1, 0]):
        x[row, length:] = 0
    return x


def rows(random, optimizer, **arguments):
    """A table whose gradient is of rows alone."""
    x = Input((STEPS,), dtype="int32", name="words")
    h = Embedding(WORDS, 2, embeddings_initializer="glorot_uniform", **arguments)(x)
    return Case(Model(x, Dense(1, name="y")(ops.mean(h, axis=1))), optimizer, {"words": words(random, STEPS)}, {"y": data(random, 1)}, loss="mse",
                metrics=["mae"])


def sgd(random):
    return rows(random, SGD(0.5))


def adagrad(random):
    return rows(random, Adagrad(0.3))


def rmsprop(random):
    return rows(random, RMSprop(0.05, rho=0.7))


def adam(random):
    return rows(random, Adam(0.05))


def momentum(random):
    return rows(random, SGD(0.2, momentum=0.9))


def centered(random):
    return rows(random, RMSprop(0.02, rho=0.7, centered=True, momentum=0.5))


def decayed(random):
    return rows(random, SGD(0.2, weight_decay=0.05))


def clipped(random):
    return rows(random, RMSprop(0.02, clipnorm=0.1))


def accumulated(random):
    return rows(random, Adagrad(0.3, gradient_accumulation_steps=2))


def regularized_table(random):
    return rows(random, SGD(0.2), embeddings_regularizer=regularizers.L2(0.01))


def constrained_table(random):
    return rows(random, SGD(0.2), embeddings_constraint=constraints.MaxNorm(0.2, axis=1))


def floats(random):
    """Words that come as floats, as of an Input without a type."""
    model = Sequential([Input((STEPS,)), Embedding(WORDS, 2), layers.Flatten(), Dense(3, activation="softmax")])
    return Case(model, RMSprop(0.1), {"input": words(random, STEPS).astype("float32")}, {"output": classes(random, 3)},
                loss="sparse_categorical_crossentropy", metrics=["accuracy"])


def shared_table(random):
    """One table, read by two inputs and twice for one of them; a second one; and one that is small."""
    a, b, c = Input((STEPS,), dtype="int32", name="a"), Input((2, 2), dtype="int32", name="b"), Input((3,), dtype="int32", name="c")
    table, other, small = Embedding(WORDS, 3, name="table"), Embedding(120, 2, name="other"), Embedding(7, 2, name="small")
    left = layers.concatenate([ops.mean(table(a), axis=1), ops.mean(other(a), axis=1), ops.mean(small(c), axis=1)])
    right = ops.mean(ops.tanh(table(b)), axis=(1, 2))
    again = ops.sum(table(a) * table(a), axis=1)
    y = Dense(1, name="y")(layers.concatenate([left, right, again]))
    return Case(Model([a, b, c], y), Adagrad(0.2), {"a": words(random, STEPS), "b": words(random, 2, 2), "c": words(random, 3, below=7)}, {"y": data(random, 1)}, loss="mse")


def masked(random):
    """Padding that losses and metrics leave out."""
    x = Input((STEPS,), dtype="int32", name="x")
    h = Embedding(WORDS, 2, mask_zero=True, name="table")(x)
    return Case(Model(x, Dense(1, name="y")(h)), RMSprop(0.05), {"x": padded(random)}, {"y": data(random, STEPS, 1)}, loss="mse", metrics=["mae"],
                weighted_metrics=["mse"])


def frozen_table(random):
    x = Input((STEPS,), dtype="int32", name="x")
    h = Embedding(WORDS, 2, trainable=False, name="table")(x)
    return Case(Model(x, Dense(1, name="y")(ops.mean(h, axis=1))), RMSprop(0.05), {"x": words(random, STEPS)}, {"y": data(random, 1)}, loss="mse")


def scalars(random):
    """One number a sample, as of a class or a user: rows of samples, no steps."""
    user, item = Input((), dtype="int32", name="user"), Input((1,), dtype="int32", name="item")
    a, b = Embedding(40, 3, name="users")(user), layers.Flatten()(Embedding(60, 3, name="items")(item))
    y = layers.Activation("sigmoid", name="y")(layers.Dot(axes=1)([a, b]))
    return Case(Model([user, item], y), RMSprop(0.05), {"user": words(random, below=40), "item": words(random, 1, below=60)}, {"y": binary(random, 1)},
                loss="binary_crossentropy", metrics=["accuracy"])


def nothing_else(random):
    """A table is all there is to train."""
    x = Input((STEPS,), dtype="int32", name="x")
    h = Embedding(WORDS, 2, activity_regularizer="l2", name="table")(x)
    return Case(Model(x, ops.sum(h, axis=1)), SGD(0.1), {"x": words(random, STEPS)}, {"sum": data(random, 2)}, loss="mse")


GRAPHS = [sgd, adagrad, rmsprop, adam, momentum, centered, decayed, clipped, accumulated, regularized_table, constrained_table, floats, shared_table,
          masked, frozen_table, scalars, nothing_else]

if __name__ == "__main__":
    write("embedding", GRAPHS, [rmsprop, shared_table, masked])
