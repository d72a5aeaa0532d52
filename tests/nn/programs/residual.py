"""A residual network with a shared block: operators, a model inside a model, a branch that is used twice."""

from program_data import fill, numbers


def block(keras, width):
    x = keras.Input((width,))
    y = keras.layers.Dense(width, activation="relu")(x)
    y = keras.layers.Dense(width)(y)
    return keras.Model(x, keras.ops.tanh(x + y) * 0.5 + y**2, name="block")


def run(keras):
    inputs = keras.Input((4,), name="x")
    hidden = keras.layers.Dense(6, activation="relu", name="first")(inputs)
    shared = block(keras, 6)
    hidden = shared(hidden) + hidden
    hidden = shared(hidden)
    left, right = hidden[:, :3], hidden[:, 3:]
    merged = keras.ops.maximum(left, right) - keras.ops.mean(hidden, axis=-1, keepdims=True)
    model = keras.Model(inputs, keras.layers.Dense(1, name="out")(merged))
    fill(model)
    model.compile(optimizer=keras.optimizers.SGD(0.05, momentum=0.9), loss="mse", metrics=["mae"])
    x, y = numbers(5, 48, 4), numbers(6, 48, 1)
    history = model.fit(x, y, epochs=4, batch_size=12, shuffle=False, verbose=0)
    inner = model.get_layer("block")
    return {
        "history": history.history,
        "predicted": model.predict(x, verbose=0)[:5],
        "shapes": [tuple(w.shape) for w in model.weights],
        "count": model.count_params(),
        "inner": inner(numbers(7, 2, 6)),
        "clone": [tuple(w.shape) for w in keras.models.clone_model(model).weights],
    }
