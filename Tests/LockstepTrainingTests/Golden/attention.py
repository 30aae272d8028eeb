"""Writes attention.json: models with layers of attention, and what Keras makes of them.

    KERAS_BACKEND=jax python attention.py
"""

from graphs import Case, Dense, Input, Model, SGD, Adam, classes, data, layers, np, steps, write


def heads(random):
    x = Input((5, 4), name="x")
    y = layers.MultiHeadAttention(2, 3, name="y")(x, x)
    return Case(Model(x, y), SGD(0.1), {"x": data(random, 5, 4)}, {"y": data(random, 5, 4)}, loss="mse", metrics=["mae"])


def heads_of_three(random):
    query, value, key = Input((5, 4), name="query"), Input((3, 6), name="value"), Input((3, 2), name="key")
    attention = layers.MultiHeadAttention(3, 2, value_dim=4, output_shape=(2, 3), use_bias=False, kernel_regularizer="l2",
                                          activity_regularizer=None, name="y")
    # JAX's own attention has no values of another size than keys: with weights returned Keras computes it by itself.
    y, _ = attention(query, value, key, return_attention_scores=True)
    return Case(Model([query, value, key], y), Adam(0.02),
                {"query": data(random, 5, 4), "value": data(random, 3, 6), "key": data(random, 3, 2)}, {"y": data(random, 5, 2, 3)}, loss="mse")


def causal(random):
    x, memory = Input((5, 4), name="x"), Input((3, 4), name="memory")
    own = layers.MultiHeadAttention(2, 2, name="own")
    h = layers.Add()([x, own(x, x, use_causal_mask=True)])
    h = layers.Add()([h, own(h, h, use_causal_mask=True)])
    found, weights = layers.MultiHeadAttention(2, 3, use_gate=True, name="other")(h, memory, return_attention_scores=True)
    model = Model([x, memory], [Dense(2, name="y")(found), weights])
    return Case(model, SGD(0.2), {"x": data(random, 5, 4), "memory": data(random, 3, 4)}, {"y": data(random, 5, 2), "other": data(random, 2, 5, 3)},
                loss=["mse", "mse"])


def masked_heads(random):
    x = Input((5, 3), name="steps")
    h = layers.Masking()(x)
    h = layers.MultiHeadAttention(2, 2, name="own")(h, h)
    return Case(Model(x, Dense(2, name="y")(h)), SGD(0.1), {"steps": steps(random)}, {"y": data(random, 5, 2)}, loss="mse", metrics=["mae"])


def explicit_mask(random):
    x, visible = Input((5, 3), name="x"), Input((5, 5), name="visible", dtype="bool")
    h = layers.MultiHeadAttention(2, 2, sliding_window=3, name="own")(layers.Masking()(x), x, attention_mask=visible, use_causal_mask=True)
    return Case(Model([x, visible], Dense(2, name="y")(h)), SGD(0.1), {"x": steps(random), "visible": data(random, 5, 5) > -0.5},
                {"y": data(random, 5, 2)}, loss="mse")


def axes(random):
    x = Input((2, 3, 4), name="x")
    h = layers.MultiHeadAttention(2, 3, attention_axes=(2,), name="columns")(x, x)
    h = layers.MultiHeadAttention(2, 3, attention_axes=1, name="rows")(h, x)
    h, weights = layers.MultiHeadAttention(1, 3, name="places")(h, h, return_attention_scores=True)
    return Case(Model(x, [Dense(2, name="y")(h), weights]), SGD(0.2), {"x": data(random, 2, 3, 4)},
                {"y": data(random, 2, 3, 2), "places": data(random, 1, 2, 3, 2, 3)}, loss=["mse", "mse"])


def dot_attention(random):
    query, value = Input((5, 4), name="query"), Input((3, 4), name="value")
    h = layers.Attention(use_scale=True, name="dot")([query, value])
    y, weights = layers.Attention(name="own")([h, h], use_causal_mask=True, return_attention_scores=True)
    return Case(Model([query, value], [Dense(2, name="y")(y), weights]), SGD(0.3), {"query": data(random, 5, 4), "value": data(random, 3, 4)},
                {"y": data(random, 5, 2), "own": data(random, 5, 5)}, loss=["mse", "mse"])


def concat_attention(random):
    query, value, key = Input((5, 4), name="query"), Input((3, 6), name="value"), Input((3, 4), name="key")
    h = layers.Attention(use_scale=True, score_mode="concat", name="concat")([query, value, key])
    h = layers.Attention(score_mode="concat", name="plain")([Dense(6)(query), h, Dense(6)(query)])
    return Case(Model([query, value, key], Dense(2, name="y")(h)), SGD(0.3),
                {"query": data(random, 5, 4), "value": data(random, 3, 6), "key": data(random, 3, 4)}, {"y": data(random, 5, 2)}, loss="mse")


def additive_attention(random):
    query, value = Input((5, 4), name="query"), Input((3, 4), name="value")
    h = layers.AdditiveAttention(name="scaled")([query, value])
    h = layers.AdditiveAttention(use_scale=False, name="plain")([h, query, h], use_causal_mask=True)
    return Case(Model([query, value], Dense(2, name="y")(h)), SGD(0.3), {"query": data(random, 5, 4), "value": data(random, 3, 4)},
                {"y": data(random, 5, 2)}, loss="mse")


def masked_attention(random):
    a, b = Input((5, 3), name="a"), Input((5, 3), name="b")
    h, g = Dense(4)(layers.Masking()(a)), Dense(4)(layers.Masking()(b))
    first = Dense(2, name="first")(layers.Attention(name="dot")([h, g]))
    second = Dense(2, name="second")(layers.AdditiveAttention(name="additive")([h, g, b_key(b)], use_causal_mask=True))
    return Case(Model([a, b], [first, second]), SGD(0.1), {"a": steps(random), "b": steps(random)[::-1].copy()},
                {"first": data(random, 5, 2), "second": data(random, 5, 2)}, loss=["mse", "mse"])


def b_key(b):
    return Dense(4, name="key")(b)


def mask_argument(random):
    x, visible = Input((5, 4), name="x"), Input((5,), name="visible", dtype="bool")
    y = layers.Attention(use_scale=True, name="dot")([x, x], mask=[None, visible])
    return Case(Model([x, visible], Dense(2, name="y")(y)), SGD(0.1), {"x": data(random, 5, 4), "visible": data(random, 5) > -0.5},
                {"y": data(random, 5, 2)}, loss="mse")


def einsum(random):
    x = Input((3, 4), name="x")
    h = layers.EinsumDense("abc,cd->abd", output_shape=(3, 5), activation="relu", bias_axes="d", name="rows")(x)
    h = layers.EinsumDense("...x,xyz->...yz", output_shape=(2, 3), bias_axes="yz", activation="tanh", name="split")(h)
    h = layers.EinsumDense("abcd,bd->abc", output_shape=(3, 2), name="each")(h)
    y = layers.EinsumDense("ab...,bc->ac...", output_shape=4, bias_axes="c", kernel_constraint="non_neg", name="y")(h)
    return Case(Model(x, y), SGD(0.1), {"x": data(random, 3, 4)}, {"y": data(random, 4, 2)}, loss="mse")


def transformer(random):
    """The encoder of Keras' guide to text classification, as a graph: padding is masked, dropout is left out."""
    words, places = Input((6,), name="words", dtype="int32"), Input((6,), name="places", dtype="int32")
    x = layers.Add()([layers.Embedding(9, 4, mask_zero=True, name="tokens")(words), layers.Embedding(6, 4, name="positions")(places)])
    attended = layers.MultiHeadAttention(2, 4, name="attention")(x, x)
    x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, attended]))
    x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, Dense(4)(Dense(8, activation="relu")(x))]))
    y = Dense(2, activation="softmax", name="y")(Dense(5, activation="relu")(layers.GlobalAveragePooling1D()(x)))
    texts = random.randint(1, 9, (9, 6))
    for row, length in enumerate([6, 4, 1, 2, 5, 6, 3, 6, 2]):
        texts[row, length:] = 0
    return Case(Model([words, places], y), Adam(0.01), {"words": texts.astype("int32"), "places": np.tile(np.arange(6, dtype="int32"), (9, 1))},
                {"y": classes(random, 2)}, loss="sparse_categorical_crossentropy", metrics=["accuracy"])


GRAPHS = [heads, heads_of_three, causal, masked_heads, explicit_mask, axes, dot_attention, concat_attention, additive_attention, masked_attention,
          mask_argument, einsum, transformer]

if __name__ == "__main__":
    write("attention", GRAPHS, [causal, einsum])
