"""Writes what Keras' optimizers do, for OptimizerTests to compare with: optimizers.json, beside this script.

    KERAS_BACKEND=jax python optimizers.py

Keras 3.15.1, JAX 0.10.2 on a CPU, NumPy 2.4.6, Python 3.11. Numbers come from NumPy's RandomState with the seed below.
"""

import json
import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np


def numbers(array, digits=9):
    """Shape and float32 elements; nine digits are enough to give the same float back."""
    array = np.asarray(array)
    return {"shape": list(array.shape), "scalars": [float(f"{x:.{digits}g}") for x in array.astype("float64").ravel()]}


def values(variables):
    return [numbers(v.numpy(), 7) for v in variables]


def schedule(name, **config):
    return {"module": "keras.optimizers.schedules", "class_name": name, "config": {**getattr(keras.optimizers.schedules, name)(**config).get_config()},
            "registered_name": None}


class LARS:
    """You, Gitman & Ginsburg 2017, algorithm 1, in double; where a norm is zero the rate is the global one."""

    def __init__(self, learning_rate=0.01, momentum=0.9, nesterov=False, trust_coefficient=0.001, epsilon=0.0, weight_decay=0.0):
        self.arguments = (learning_rate, momentum, nesterov, trust_coefficient, epsilon, weight_decay)
        self.name, self.states, self.values = "lars", None, None

    def apply(self, gradients, variables):
        learning_rate, momentum, nesterov, trust_coefficient, epsilon, weight_decay = self.arguments
        if self.states is None:
            self.states = [np.zeros(v.shape) for v in variables]
            self.values = [v.numpy().astype("float64") for v in variables]
        for i, (g, w) in enumerate(zip(gradients, self.values)):
            g_norm, w_norm = np.linalg.norm(g.astype("float64")), np.linalg.norm(w)
            rate = trust_coefficient * w_norm / (g_norm + weight_decay * w_norm + epsilon) if g_norm > 0 and w_norm > 0 else 1.0
            step = learning_rate * rate * (g + weight_decay * w)
            self.states[i] = momentum * self.states[i] + step
            self.values[i] = w - (momentum * self.states[i] + step if nesterov else self.states[i])
            variables[i].assign(self.values[i].astype("float32"))


# An optimizer, and arguments. LARS is none of Keras': the class above is compared with.
VARIANTS = [
    ("SGD", {}), ("SGD", {"learning_rate": 0.1, "momentum": 0.9}), ("SGD", {"momentum": 0.8, "nesterov": True}), ("SGD", {"nesterov": True}),
    ("RMSprop", {}), ("RMSprop", {"learning_rate": 0.01, "rho": 0.8, "momentum": 0.5}), ("RMSprop", {"centered": True, "epsilon": 1e-3}),
    ("RMSprop", {"momentum": 0.9, "centered": True, "learning_rate": 0.01, "epsilon": 1e-3}),
    ("Adam", {}), ("Adam", {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-4}), ("Adam", {"amsgrad": True, "learning_rate": 0.01}),
    ("Adagrad", {}), ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.5, "epsilon": 1e-3}),
    ("SGD", {"weight_decay": 0.1}), ("SGD", {"clipnorm": 2.0, "learning_rate": 0.1}), ("SGD", {"global_clipnorm": 3.0, "learning_rate": 0.1}),
    ("SGD", {"global_clipnorm": 1000.0}), ("SGD", {"clipvalue": 0.5, "momentum": 0.9}), ("Adam", {"weight_decay": 0.5, "clipnorm": 1.0, "learning_rate": 0.01}),
    ("SGD", {"gradient_accumulation_steps": 2, "learning_rate": 0.1}),
    ("Adam", {"gradient_accumulation_steps": 3, "global_clipnorm": 2.0, "weight_decay": 0.1, "learning_rate": 0.01}),
    ("RMSprop", {"gradient_accumulation_steps": 4, "clipvalue": 0.1, "learning_rate": 0.01, "momentum": 0.5}),
    ("SGD", {"learning_rate": schedule("ExponentialDecay", initial_learning_rate=0.1, decay_steps=3, decay_rate=0.5)}),
    ("Adam", {"learning_rate": schedule("CosineDecay", initial_learning_rate=0.001, decay_steps=8, warmup_target=0.1, warmup_steps=3), "weight_decay": 0.1}),
    ("SGD", {"learning_rate": schedule("PolynomialDecay", initial_learning_rate=0.1, decay_steps=5), "gradient_accumulation_steps": 3}),
    ("Lamb", {}), ("Lamb", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-4, "weight_decay": 0.1, "clipnorm": 3.0}),
    ("LARS", {}), ("LARS", {"learning_rate": 2.0, "momentum": 0.8, "weight_decay": 0.1, "trust_coefficient": 0.05, "epsilon": 0.01}),
    ("LARS", {"learning_rate": 1.0, "nesterov": True, "trust_coefficient": 0.1}),
    ("AdamW", {}), ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.3, "amsgrad": True, "clipnorm": 1.0, "beta_2": 0.9}),
    ("Adamax", {}), ("Adamax", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3, "weight_decay": 0.1}),
    ("Adamax", {"learning_rate": 0.1, "gradient_accumulation_steps": 3, "clipvalue": 0.5}),
    ("Nadam", {}), ("Nadam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3, "clipnorm": 1.0}),
    ("Nadam", {"learning_rate": 0.05, "gradient_accumulation_steps": 3, "global_clipnorm": 1.0, "weight_decay": 0.1}),
    ("Adadelta", {}), ("Adadelta", {"learning_rate": 1.0, "rho": 0.8, "epsilon": 1e-3, "weight_decay": 0.1}),
    ("Adadelta", {"learning_rate": 1.0, "gradient_accumulation_steps": 2, "global_clipnorm": 2.0}),
    ("Adafactor", {}), ("Adafactor", {"learning_rate": 0.5, "relative_step": False, "clip_threshold": 1.5, "epsilon_1": 1e-3, "epsilon_2": 0.1,
                                      "beta_2_decay": -0.6, "weight_decay": 0.1, "clipnorm": 2.0}),
    ("Adafactor", {"learning_rate": schedule("ExponentialDecay", initial_learning_rate=0.5, decay_steps=3, decay_rate=0.5)}),
    ("Adafactor", {"learning_rate": 0.1, "gradient_accumulation_steps": 3, "use_ema": True, "ema_momentum": 0.7}),
    ("Ftrl", {}), ("Ftrl", {"learning_rate": 0.1, "l1_regularization_strength": 0.7, "l2_regularization_strength": 0.2, "beta": 0.3,
                            "l2_shrinkage_regularization_strength": 0.05, "initial_accumulator_value": 0.5, "weight_decay": 0.1}),
    ("Ftrl", {"learning_rate": 0.1, "learning_rate_power": -0.7, "clipvalue": 0.5}), ("Ftrl", {"learning_rate": 0.1, "learning_rate_power": 0.0}),
    ("Ftrl", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "gradient_accumulation_steps": 2, "global_clipnorm": 2.0}),
    ("Lion", {}), ("Lion", {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.9, "weight_decay": 0.1}),
    ("Lion", {"learning_rate": 0.01, "gradient_accumulation_steps": 3, "clipvalue": 0.3}),
    ("SGD", {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.6}),
    ("SGD", {"learning_rate": 0.1, "use_ema": True, "ema_overwrite_frequency": 3, "ema_momentum": 0.5}),
    ("Adam", {"learning_rate": 0.05, "use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2, "gradient_accumulation_steps": 3,
              "weight_decay": 0.1}),
    ("Nadam", {"learning_rate": 0.05, "use_ema": True, "ema_overwrite_frequency": 4}), ("Lamb", {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.5}),
]


def optimizers():
    random = np.random.RandomState(7)
    shapes = [(5, 7), (3,), (2, 3, 4), (1, 1), (17,)]
    start = [random.uniform(-1, 1, s).astype("float32") for s in shapes]
    start[1][:] = 0  # norms of zero
    gradients = [[random.normal(0, 1, s).astype("float32") for s in shapes] for _ in range(10)]
    cases = []
    for name, arguments in VARIANTS:
        keras.utils.clear_session()
        variables = [keras.Variable(value) for value in start]
        given, rate = dict(arguments), arguments.get("learning_rate")
        if isinstance(rate, dict):
            given["learning_rate"] = keras.optimizers.schedules.deserialize(rate)
        optimizer = LARS(**given) if name == "LARS" else getattr(keras.optimizers, name)(**given)
        steps = []
        for g in gradients:
            optimizer.apply(g, variables)
            steps.append(values(variables))
        case = {"name": name, "arguments": arguments, "after1": steps[0], "after10": steps[-1], "default_name": optimizer.name}
        if name == "LARS":
            case |= {"iterations": 10, "states": [numbers(v, 7) for v in optimizer.states], "state_names": [f"{i}_momentum" for i in range(len(start))]}
        else:
            states = optimizer.variables[1 if isinstance(rate, dict) else 2:]
            case |= {"iterations": int(optimizer.iterations), "states": values(states), "state_names": [v.name for v in states],
                     "serialized": keras.saving.serialize_keras_object(optimizer)}
        if arguments.get("use_ema"):
            optimizer.finalize_variable_values(variables)
            case["final"] = values(variables)
        cases.append(case)
    return {"start": [numbers(v) for v in start], "gradients": [[numbers(v) for v in g] for g in gradients], "cases": cases}


if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "optimizers.json"), "w") as file:
        json.dump(optimizers(), file, separators=(",", ":"), ensure_ascii=False)
        file.write("\n")
