"""A convolutional network: scipy's convolve over two axes and summed over channels, pooling by reshape and max."""

import autograd.numpy as np
import autograd.numpy.random as npr
import autograd.scipy.signal
from autograd import grad

convolve = autograd.scipy.signal.convolve


def forward(params, images):
    filters, bias, weights, out_bias = params
    # (images, 1, 8, 8) with (1, filters, 3, 3) is (images, filters, 6, 6)
    maps = convolve(images, filters, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode="valid") + bias
    maps = np.maximum(maps, 0.0)
    n, channels, rows, cols = maps.shape
    pooled = np.max(np.max(maps.reshape((n, channels, rows // 2, 2, cols // 2, 2)), axis=3), axis=4)
    flat = np.reshape(pooled, (n, pooled.shape[1] * pooled.shape[2] * pooled.shape[3]))
    return np.dot(flat, weights) + out_bias


def run():
    rs = npr.RandomState(0)
    images = 0.1 * rs.randn(24, 1, 8, 8)
    labels = np.arange(24) % 2
    stripes = np.where(np.arange(8) % 2 == 0, 1.0, 0.0)
    across = np.outer(stripes, np.ones(8))
    images = images + np.where(labels[:, None, None, None] == 0, across, across.T)
    params = [0.3 * rs.randn(1, 4, 3, 3), 0.1 * rs.randn(1, 4, 1, 1), 0.3 * rs.randn(36, 2), np.zeros(2)]

    def loss(params):
        logits = forward(params, images)
        log_probabilities = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
        return -np.mean(log_probabilities[np.arange(24), labels])

    start = loss(params)
    first = grad(loss)(params)
    for _ in range(60):
        params = [p - 0.3 * g for p, g in zip(params, grad(loss)(params), strict=True)]
    end = loss(params)
    assert end < 0.1 * start

    a, b = rs.randn(3, 5, 2), rs.randn(2, 4, 3)
    values = {
        "all axes": convolve(a, b[:, :2, :1], mode="full"),
        "one axis": convolve(a, b, axes=([1], [1]), dot_axes=([0], [2]), mode="full"),
        "no sum": convolve(a, b, axes=([1], [1]), mode="valid"),
        "two sums": convolve(a, b, axes=([1], [1]), dot_axes=([0, 2], [2, 0]), mode="same"),
        "smaller first": convolve(b, a, axes=([1], [1]), dot_axes=([2], [0]), mode="valid"),
        "same": convolve(b, a, axes=([1], [1]), dot_axes=([2], [0]), mode="same"),
        "axes differ": convolve(a, b, axes=([0, 1], [2, 1]), dot_axes=([2], [0]), mode="full"),
    }
    slopes = {
        f"slope of {mode}": grad(
            lambda a, b, mode=mode: np.sum(convolve(a, b, axes=([1], [1]), dot_axes=([0], [2]), mode=mode) ** 2), (0, 1)
        )(a, b)
        for mode in ("full", "valid", "same")
    }
    flat = {name: np.concatenate([np.ravel(each) for each in pair]) for name, pair in slopes.items()}
    return {"start": start, "end": end, "filters": first[0], **values, **flat}
