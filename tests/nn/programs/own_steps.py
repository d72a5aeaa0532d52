"""A functional model whose class has a training step and metrics of its own, and a callback that changes the logs."""

from program_data import fill, numbers


def run(keras):
    class Weighted(keras.Model):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return super().compute_loss(x, y, y_pred, sample_weight) * 2.0 + keras.ops.mean(y_pred**2) * 0.1

    class Notes(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.seen = []

        def on_batch_begin(self, batch, logs=None):
            self.seen.append(("begin", batch, logs))

        def on_batch_end(self, batch, logs=None):
            self.seen.append(("end", batch, sorted(logs)))
            if self.params["steps"] == 4 and batch == 1 and len(self.seen) > 10:
                self.model.stop_training = True

        def on_epoch_end(self, epoch, logs=None):
            logs["extra"] = epoch * 10.0

    inputs = keras.Input((3,))
    outputs = keras.layers.Dense(1)(keras.layers.Dense(4, activation="tanh")(inputs))
    model = Weighted(inputs, outputs)
    fill(model)
    model.compile("sgd", "mse", metrics=["mae"])
    notes = Notes()
    x, y = numbers(8, 16, 3), numbers(9, 16, 1)
    history = model.fit(x, y, batch_size=4, epochs=5, shuffle=False, verbose=0, callbacks=[notes])
    on_batch = [model.train_on_batch(x, y), model.train_on_batch(x, y), model.test_on_batch(x, y, return_dict=True)]
    model.trainable = False
    model.compile("sgd", "mse")
    return {"history": history.history, "seen": notes.seen, "on_batch": on_batch, "epochs": history.epoch}
