"""Random programs that take views and write through them, which NumPy and tensors both run."""

import numpy


class Numbers:
    """Numbers that look random, by a linear congruence: a compiled function may draw none from Python's generators."""

    def __init__(self, seed):
        self.state = seed

    def random(self):
        self.state = (6364136223846793005 * self.state + 1442695040888963407) % 2**64
        return (self.state >> 11) / 2**53

    def randrange(self, start, stop=None):
        start, stop = (0, start) if stop is None else (start, stop)
        return start + int(self.random() * (stop - start))

    def choice(self, items):
        return items[self.randrange(len(items))]


def index_of(rng, shape):
    """Draw a static index of an array."""
    parts = []
    for n in shape[: rng.randrange(len(shape) + 1)]:
        if n and rng.random() < 0.4:
            parts.append(rng.choice([int, numpy.int64])(rng.randrange(-n, n)))
        else:
            start, stop = sorted((rng.randrange(n + 1), rng.randrange(n + 1)))
            step = rng.choice([None, 1, 2, -1])
            parts.append(
                slice(None, None, step) if rng.random() < 0.5 else slice(start, stop, step if step != -1 else 1)
            )
    if rng.random() < 0.2:
        parts.insert(rng.randrange(len(parts) + 1), None)
    elif rng.random() < 0.2:
        parts.insert(0, Ellipsis) if len(parts) < len(shape) and not any(
            p is None for p in parts
        ) and not parts else None
    return tuple(parts) if len(parts) != 1 or rng.random() < 0.5 else parts[0]


def fancy_of(rng, shape):
    """Draw an index of arrays or a mask."""
    n = shape[0]
    if rng.random() < 0.5:
        return numpy.array([rng.randrange(n) for _ in range(rng.randrange(1, 4))])
    return numpy.array([rng.random() < 0.5 for _ in range(n)])


VIEWS = [
    lambda np, a, rng: a[index_of(rng, a.shape)],
    lambda np, a, rng: a[index_of(rng, a.shape)],
    lambda np, a, rng: a.T,
    lambda np, a, rng: a.reshape(-1),
    lambda np, a, rng: np.reshape(a, (-1, 2)) if a.size % 2 == 0 and a.size else a,
    lambda np, a, rng: a.ravel(),
    lambda np, a, rng: np.ravel(a, order="F"),
    lambda np, a, rng: np.reshape(a, (-1,), order="F"),
    lambda np, a, rng: np.swapaxes(a, 0, -1),
    lambda np, a, rng: np.expand_dims(a, 0),
    lambda np, a, rng: np.squeeze(a),
    lambda np, a, rng: np.flip(a),
    lambda np, a, rng: np.split(a, [1])[rng.randrange(2)],
    lambda np, a, rng: np.array_split(a, 2)[0],
    lambda np, a, rng: np.atleast_2d(a),
    lambda np, a, rng: np.moveaxis(a, 0, -1),
    lambda np, a, rng: np.rot90(a) if a.ndim > 1 else np.flip(a, 0),
    lambda np, a, rng: np.einsum("ii->i", a) if a.ndim == 2 and a.shape[0] == a.shape[1] else a.real,
    lambda np, a, rng: np.asarray(a),
    lambda np, a, rng: a.copy(),
    lambda np, a, rng: a * 1.0,
    lambda np, a, rng: a.flatten(),
    lambda np, a, rng: np.diagonal(a) if a.ndim == 2 else a,
]


def program(np, x, seed, length=14):  # noqa: C901 - one branch for each kind of statement
    """Run a random program on an array or tensor of 6 numbers, and return all its arrays."""
    rng = Numbers(seed)
    values = [x * 1.0, np.reshape(x * 2.0, (2, 3)), np.outer(x[:3], x[:3]), np.zeros((2, 3, 2))]
    if rng.random() < 0.3:
        values.append(np.array(np.transpose(values[1] + 0.0)))
    for _ in range(length):
        kind, i = rng.random(), rng.randrange(len(values))
        a = values[i]
        if kind < 0.4:
            b = rng.choice(VIEWS)(np, a, rng) if a.ndim else a
            if b.ndim:
                values.append(b)
            continue
        if not a.size:
            continue
        source = values[rng.randrange(len(values))]
        scalar = x[rng.randrange(6)]
        try:
            if kind < 0.6:
                a[index_of(rng, a.shape)] = scalar if rng.random() < 0.6 else 0.5
            elif kind < 0.68:
                index = index_of(rng, a.shape)
                a[index] = (
                    (source if rng.random() < 0.5 else source * 0.5)
                    if source.shape == numpy.empty(a.shape)[index].shape
                    else scalar
                )
            elif kind < 0.74:
                a[fancy_of(rng, a.shape)] = scalar
            elif kind < 0.8:
                a += source if source.shape == a.shape and rng.random() < 0.5 else scalar
            elif kind < 0.86:
                a *= 0.5
            elif kind < 0.9:
                index = index_of(rng, a.shape)
                a[index] -= scalar
            elif kind < 0.93:
                a[fancy_of(rng, a.shape)] *= 2.0
            elif kind < 0.96:
                np.copyto(a, scalar)
            else:
                for row in a:
                    if row.ndim:
                        row[:] = row * scalar
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            values.append(np.array([-1.0]))
    return values
