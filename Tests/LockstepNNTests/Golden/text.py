"""Writes text.json: what Keras makes of texts and numbers by hashing, lookup and vectorization.

    KERAS_BACKEND=tensorflow python text.py        with keras 3.15.1 and tensorflow-cpu 2.21
"""

import json
import os

import keras
import numpy as np
from keras import layers

WORDS = ["", "a", "ab", "abc", "word", "seventh", "eight ch", "sixteen letters!", "seventeen letters", "x" * 32, "y" * 33, "lorem ipsum " * 5,
         "z" * 64, "0123456789" * 6 + "12345", "a longer text, of more than sixty-four bytes, and of several blocks " * 3, "größer", "日本"]
TEXTS = ["The cat, the dog.", "A dog; a DOG? the end", "über-groß  and\tsmall", "", "cat cat cat"]
ROWS = [["b", "a", "b"], ["c", "a", "d"], ["b", "e", ""]]


def listed(x):
    x = np.asarray(x)
    return {"shape": list(x.shape), "values": [float(f"{v:.7g}") for v in x.astype("float64").ravel()]}


def lookup(data, rows, kind=layers.StringLookup, vocabulary=None, **arguments):
    layer = kind(vocabulary=vocabulary, **arguments) if vocabulary else kind(**arguments)
    if data is not None:
        layer.adapt(data)
    return {"vocabulary": [str(v) for v in layer.get_vocabulary()], "output": listed(layer(np.array(rows)))}


def vectorized(data, texts, **arguments):
    layer = layers.TextVectorization(**arguments)
    layer.adapt(data)
    return {"vocabulary": layer.get_vocabulary(), "output": listed(layer(np.array(texts)))}


flat = [w for row in ROWS for w in row]
result = {
    "versions": {"keras": keras.__version__}, "words": WORDS, "texts": TEXTS, "rows": ROWS,
    "hashing": listed(layers.Hashing(1000003)(np.array(WORDS))),
    "hashing_salted": listed(layers.Hashing(1000003, salt=[133, 137])(np.array(WORDS))),
    "hashing_masked": listed(layers.Hashing(5, mask_value="")(np.array(WORDS))),
    "hashing_numbers": listed(layers.Hashing(7, output_mode="multi_hot")(np.array([[1, -20, 300], [4, 4, 4]]))),
    "hashing_one_hot": listed(layers.Hashing(4, output_mode="one_hot")(np.array([["a"], ["b"]]))),
    "int": lookup(flat, ROWS + [["z", "y", "b"]]),
    "int_masked": lookup(flat, ROWS, mask_token="", max_tokens=5),
    "int_oov": lookup(flat, [["z", "y", "b"], ["w", "v", "u"]], num_oov_indices=3),
    "int_oov_salted": lookup(flat, [["z", "y", "b"], ["w", "v", "u"]], num_oov_indices=3, salt=7),
    "one_hot": lookup(flat, [["a"], ["z"]], output_mode="one_hot"),
    "multi_hot": lookup(flat, ROWS, output_mode="multi_hot", mask_token=""),
    "count": lookup(flat, ROWS, output_mode="count", pad_to_max_tokens=True, max_tokens=9),
    "tf_idf": lookup(ROWS, ROWS, output_mode="tf_idf"),
    "count_flat": lookup(flat, flat, output_mode="count"),
    "numbers": lookup([[12, 5, 5], [7, 12, -1]], [[12, 5, 99], [7, 0, -1]], kind=layers.IntegerLookup),
    "numbers_oov": lookup([[12, 5, 5], [7, 12, 1]], [[12, -5, 99], [98, 97, 0]], kind=layers.IntegerLookup, num_oov_indices=3, mask_token=0),
    "numbers_farmhash": lookup([[12, 5, 5]], [[12, -5, 99], [98, 97, 0]], kind=layers.IntegerLookup, num_oov_indices=3, oov_method="farmhash"),
    "text": vectorized(TEXTS, TEXTS),
    "text_lower": vectorized(TEXTS, TEXTS, standardize="lower", output_sequence_length=3, max_tokens=6),
    "text_ngrams": vectorized(TEXTS, TEXTS, ngrams=2, output_mode="count"),
    "text_characters": vectorized(TEXTS, TEXTS, split="character", standardize="strip_punctuation", output_sequence_length=8),
    "text_tf_idf": vectorized(TEXTS, TEXTS, output_mode="tf_idf", max_tokens=8, pad_to_max_tokens=True),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "text.json"), "w", encoding="utf8") as file:
    file.write("{\n" + ",\n".join(f'"{k}":' + json.dumps(v, separators=(",", ":"), ensure_ascii=False) for k, v in result.items()) + "\n}\n")
