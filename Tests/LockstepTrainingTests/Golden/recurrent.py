"""Writes recurrent.json: models of recurrent layers and their wrappers, in the format of graphs.json.

    KERAS_BACKEND=jax python recurrent.py
"""

from graphs import (Adam, Case, Dense, Input, Model, RMSprop, SGD, Sequential, binary, classes, constraints, data, keras, layers, regularizers,
                    steps, write)

LSTM, GRU, SimpleRNN, Bidirectional, TimeDistributed = layers.LSTM, layers.GRU, layers.SimpleRNN, layers.Bidirectional, layers.TimeDistributed


def lstm(random):
    x = Input((4, 3), name="x")
    y = Dense(2, name="y", activation="softmax")(LSTM(5, name="second")(LSTM(3, return_sequences=True, name="first")(x)))
    return Case(Model(x, y), RMSprop(0.01), {"x": data(random, 4, 3)}, {"y": classes(random, 2)}, loss="sparse_categorical_crossentropy",
                metrics=["accuracy"])


def lstm_options(random):
    x = Input((4, 3), name="x")
    h = LSTM(3, return_sequences=True, go_backwards=True, unit_forget_bias=False, use_bias=False, unroll=True, name="back")(x)
    y = LSTM(2, activation="relu", recurrent_activation="hard_sigmoid", kernel_initializer="he_normal", recurrent_initializer="glorot_normal",
             bias_initializer="ones", kernel_regularizer=regularizers.L2(0.01), recurrent_regularizer="l1", bias_regularizer="l2",
             activity_regularizer="l2", kernel_constraint=constraints.MaxNorm(2), recurrent_constraint="unit_norm", bias_constraint="non_neg",
             seed=3, name="y")(h)
    return Case(Model(x, y), SGD(0.05), {"x": data(random, 4, 3)}, {"y": data(random, 2)}, loss="mse")


def gru(random):
    x = Input((4, 3), name="x")
    h = GRU(3, return_sequences=True, name="after")(x)
    h = GRU(3, return_sequences=True, reset_after=False, name="before")(h)
    h = GRU(2, return_sequences=True, use_bias=False, go_backwards=True)(h)
    y = GRU(2, reset_after=False, use_bias=False, activation="sigmoid", recurrent_activation="tanh", name="y")(h)
    return Case(Model(x, y), Adam(0.02), {"x": data(random, 4, 3)}, {"y": data(random, 2)}, loss="mse", metrics=["mae"])


def simple_rnn(random):
    x = Input((None, 3), name="x")
    h = SimpleRNN(4, return_sequences=True)(x)
    h = SimpleRNN(3, return_sequences=True, activation="relu", go_backwards=True, use_bias=False)(h)
    y = SimpleRNN(2, activation="linear", name="y", recurrent_regularizer="l2")(h)
    return Case(Model(x, y), SGD(0.05), {"x": data(random, 5, 3)}, {"y": data(random, 2)}, loss="mse")


def recurrent_masked(random):
    model = Sequential([Input((5, 3), name="x"), layers.Masking(), LSTM(3, return_sequences=True), GRU(3, return_sequences=True, go_backwards=True),
                        SimpleRNN(3, return_sequences=True), GRU(3, reset_after=False, return_sequences=True), LSTM(2, name="y")])
    return Case(model, SGD(0.1), {"x": steps(random)}, {"y": data(random, 2)}, loss="mse")


def recurrent_masked_graph(random):
    """Keras writes the mask's computation into the graph."""
    x = Input((5, 3), name="x")
    h = layers.Masking()(x)
    a = LSTM(3, return_sequences=True)(h)
    a = Dense(2, name="each")(a)
    b = SimpleRNN(2, zero_output_for_mask=True, name="zeros")(h)
    c = GRU(2, zero_output_for_mask=True, return_sequences=True, reset_after=False)(h)
    c = GRU(2, name="last")(c)
    return Case(Model(x, [a, b, c]), SGD(0.1), {"x": steps(random)},
                {"each": data(random, 5, 2), "zeros": data(random, 2), "last": data(random, 2)}, loss=["mse", "mse", "mse"])


def encoder_decoder(random):
    source, target = Input((5, 3), name="source"), Input((4, 2), name="target")
    _, h, c = LSTM(3, return_state=True, name="encoder")(source)
    decoded = LSTM(3, return_sequences=True, name="decoder")(target, initial_state=[h, c])
    y = Dense(2, activation="softmax", name="y")(decoded)
    _, s = GRU(2, return_state=True, return_sequences=True)(source)
    z = GRU(2, reset_after=False, name="z")(target, initial_state=[s])
    w = SimpleRNN(2, name="w")(target, initial_state=[z])
    return Case(Model([source, target], [y, z, w]), RMSprop(0.01), {"source": data(random, 5, 3), "target": data(random, 4, 2)},
                {"y": random.randint(0, 2, (9, 4)).astype("int32"), "z": data(random, 2), "w": data(random, 2)},
                loss=["sparse_categorical_crossentropy", "mse", "mse"])


def bidirectional(random):
    x = Input((4, 3), name="x")
    h = Bidirectional(LSTM(3, return_sequences=True))(x)
    h = Bidirectional(GRU(3, return_sequences=True), merge_mode="sum")(h)
    h = Bidirectional(SimpleRNN(3, return_sequences=True), merge_mode="mul")(h)
    forward, backward = Bidirectional(SimpleRNN(2, return_sequences=True), merge_mode=None)(h)
    y = Bidirectional(LSTM(2, name="pair"), backward_layer=GRU(3, go_backwards=True, name="other"), name="y")(layers.Concatenate()([forward, backward]))
    return Case(Model(x, y), SGD(0.1), {"x": data(random, 4, 3)}, {"y": data(random, 5)}, loss="mse")


def bidirectional_masked(random):
    model = Sequential([Input((5, 3), name="x"), layers.Masking(), Bidirectional(LSTM(2, return_sequences=True)),
                        Bidirectional(GRU(2, return_sequences=True), merge_mode="ave"), Bidirectional(LSTM(2), name="y")])
    return Case(model, RMSprop(0.01), {"x": steps(random)}, {"y": data(random, 4)}, loss="mse")


def bidirectional_states(random):
    source, target = Input((5, 3), name="source"), Input((4, 2), name="target")
    encoded = Bidirectional(LSTM(2, return_state=True, return_sequences=True), name="encoder")(source)
    h, c = layers.Concatenate()([encoded[1], encoded[3]]), layers.Concatenate()([encoded[2], encoded[4]])
    a = LSTM(4, name="a")(target, initial_state=[h, c])
    b = Bidirectional(LSTM(2), name="b")(target, initial_state=encoded[1:])
    both = Bidirectional(GRU(2, return_state=True), merge_mode=None)(target)
    d = layers.Add(name="d")(both)
    e = Dense(1, name="e")(encoded[0])
    return Case(Model([source, target], [a, b, d, e]), SGD(0.1), {"source": data(random, 5, 3), "target": data(random, 4, 2)},
                {"a": data(random, 4), "b": data(random, 4), "d": data(random, 2), "e": data(random, 5, 1)}, loss=["mse"] * 4)


def time_distributed(random):
    x = Input((4, 3, 2), name="x")
    h = TimeDistributed(LSTM(3))(x)
    h = TimeDistributed(Sequential([Dense(4, activation="relu"), Dense(3)]))(h)
    y = TimeDistributed(Dense(2, activation="sigmoid"), name="y")(GRU(3, return_sequences=True)(h))
    return Case(Model(x, y), SGD(0.2), {"x": data(random, 4, 3, 2)}, {"y": binary(random, 4, 2)}, loss="binary_crossentropy", metrics=["accuracy"])


def time_distributed_masked(random):
    model = Sequential([Input((5, 3), name="x"), layers.Masking(), LSTM(3, return_sequences=True), TimeDistributed(Dense(2), name="y")])
    return Case(model, SGD(0.1), {"x": steps(random)}, {"y": data(random, 5, 2)}, loss="mse", metrics=["mae"])


def recurrent_unrolled(random):
    """Functions that kernels do not have."""
    model = Sequential([Input((5, 3), name="x"), layers.Masking(), LSTM(2, activation="softsign", return_sequences=True),
                        GRU(2, activation="elu", recurrent_activation="hard_silu", return_sequences=True, go_backwards=True),
                        GRU(2, activation="gelu", reset_after=False, return_sequences=True),
                        Bidirectional(SimpleRNN(2, activation="silu", return_sequences=True)), SimpleRNN(2, activation="softplus", name="y")])
    return Case(model, SGD(0.1), {"x": steps(random)}, {"y": data(random, 2)}, loss="mse")


def recurrent_words(random):
    """Padding is masked by the embedding, also in the mean of the backward direction's outputs."""
    words = Input((5,), name="words", dtype="int32")
    h = Bidirectional(GRU(2, return_sequences=True), name="both")(layers.Embedding(7, 3, mask_zero=True, name="table")(words))
    texts = random.randint(1, 7, (9, 5))
    for row, length in enumerate([5, 3, 1, 2, 4, 5, 5, 2, 3]):
        texts[row, length:] = 0
    return Case(Model(words, Dense(2, name="y")(LSTM(3, name="last")(h))), RMSprop(0.01), {"words": texts.astype("int32")}, {"y": data(random, 2)},
                loss="mse")


if __name__ == "__main__":
    write("recurrent",
          [lstm, lstm_options, gru, simple_rnn, recurrent_masked, recurrent_masked_graph, encoder_decoder, bidirectional, bidirectional_masked,
           bidirectional_states, time_distributed, time_distributed_masked, recurrent_unrolled, recurrent_words],
          [encoder_decoder, bidirectional_states])
