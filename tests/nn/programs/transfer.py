"""Transfer: the body of a trained model, frozen, under a new head; a Sequential's inner outputs."""

from program_data import fill, numbers


def run(keras):
    body = keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(6, activation="relu", name="a"),
            keras.layers.Dense(4, activation="relu", name="b"),
            keras.layers.Dense(1, name="head"),
        ]
    )
    fill(body)
    x, y = numbers(10, 30, 5), numbers(11, 30, 1)
    body.compile("adam", "mse")
    first = body.fit(x, y, epochs=2, shuffle=False, verbose=0).history
    features = keras.Model(body.inputs, body.get_layer("b").output)
    features.trainable = False
    inputs = keras.Input((5,))
    hidden = features(inputs, training=False)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax", name="new")(hidden))
    before = [w.copy() for w in model.get_weights()]
    head = model.get_layer("new")
    head.set_weights([numbers(12, 4, 2), numbers(13, 2)])
    model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    labels = (y[:, 0] > 0).astype("int32")
    second = model.fit(x, labels, epochs=3, batch_size=10, shuffle=False, verbose=0).history
    after = model.get_weights()
    return {
        "first": first,
        "second": second,
        "kept": [bool((p == q).all()) for p, q in zip(before[:4], after[:4], strict=True)],
        "trainable": [tuple(w.shape) for w in model.trainable_weights],
        "predicted": model.predict(x, verbose=0)[:4],
    }
