"""A subclassed model that takes a dict and returns one, and weights of samples by output."""

import numpy as np
from program_data import fill, numbers


def run(keras):
    class Heads(keras.Model):
        def __init__(self):
            super().__init__()
            self.body = keras.layers.Dense(5, activation="relu")
            self.mean = keras.layers.Dense(1)
            self.spread = keras.layers.Dense(1, activation="softplus")

        def call(self, inputs, training=False):
            hidden = self.body(keras.ops.concatenate([inputs["a"], inputs["b"]], axis=-1))
            return {"mean": self.mean(hidden), "spread": self.spread(hidden)}

    x = {"a": numbers(1, 20, 2), "b": numbers(2, 20, 3)}
    y = {"mean": numbers(3, 20, 1), "spread": abs(numbers(4, 20, 1))}
    model = Heads()
    model(x)
    fill(model)
    model.compile(
        keras.optimizers.RMSprop(0.01),
        loss={"mean": "mse", "spread": "mae"},
        loss_weights={"mean": 2.0, "spread": 0.5},
        weighted_metrics={"mean": ["mse"]},
    )
    weights = {"mean": np.linspace(0, 2, 20), "spread": np.linspace(1, 0, 20)}
    history = model.fit(x, y, sample_weight=weights, epochs=3, batch_size=8, shuffle=False, verbose=0)
    predicted = model.predict(x, verbose=0)
    return {"history": history.history, "mean": predicted["mean"], "spread": predicted["spread"]}
