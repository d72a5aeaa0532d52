"""Tickets: two inputs, two outputs by name, with weights of the losses, metrics and sample weights by output."""

from program_data import fill, numbers


def run(keras):
    title = keras.Input((6,), name="title")
    tags = keras.Input((4,), name="tags")
    features = keras.ops.concatenate([keras.layers.Dense(5, activation="relu", name="words")(title), tags], axis=-1)
    features = keras.layers.Dense(8, activation="tanh", name="features")(features)
    priority = keras.layers.Dense(1, activation="sigmoid", name="priority")(features)
    department = keras.layers.Dense(3, activation="softmax", name="department")(features)
    model = keras.Model(inputs=[title, tags], outputs=[priority, department])
    fill(model)
    model.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss={"priority": "mean_squared_error", "department": "categorical_crossentropy"},
        loss_weights={"priority": 1.0, "department": 0.3},
        metrics={"priority": ["mean_absolute_error"], "department": ["accuracy"]},
    )
    data = {"title": numbers(1, 40, 6), "tags": numbers(2, 40, 4)}
    classes = numbers(3, 40, 3).argmax(1)
    targets = {"priority": abs(numbers(4, 40, 1)) % 1, "department": (classes[:, None] == range(3)).astype("float32")}
    history = model.fit(data, targets, epochs=3, batch_size=16, shuffle=False, verbose=0, validation_split=0.25)
    evaluated = model.evaluate(data, targets, batch_size=8, verbose=0, return_dict=True)
    features_model = keras.Model(model.inputs, model.get_layer("features").output)
    return {
        "history": history.history,
        "evaluated": evaluated,
        "list": model.evaluate([data["title"], data["tags"]], targets, verbose=0),
        "predicted": model.predict(data, verbose=0),
        "features": features_model.predict(data, verbose=0)[:3],
        "layers": [layer.name for layer in model.layers if not layer.name.startswith("concatenate")],
        "shapes": [tuple(w.shape) for w in model.weights],
    }
