"""Random functions compiled give at each call what the function itself gives in a world of its own: values, errors, the
state of variables and of arrays outside, over several calls between which arguments and the world change.

A function is a list of steps. Each takes a value that was computed before it and gives another: control flow by values,
writes through views, keyword arrays, generators, `errstate`, errors that are caught, variables, derivatives.
"""

import dataclasses
import random
import warnings
from types import SimpleNamespace

import numpy as np
from compiled import CHECK
from hypothesis import given
from hypothesis import strategies as st

import autograd
import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable, compile
from autograd.core import nest
from autograd.errors import CompileWarning
from autograd.extend import defvjp, operation

NAMESPACES = np, anp


# -------------------------------------------------------------------------------------------------------- steps: ways
def branch(w, y, i, j):
    return y * 2 if anp.sum(y) > i - 5 else anp.sin(y) + j


def loop(w, y, i, j):
    while float(anp.sum(anp.abs(y))) > 4 + i:
        y = y * 0.5
    return y


def counted(w, y, i, j):
    for k in range(int(anp.sum(y > 0)) % 3 + 1):
        y = y + k * w.rate
    return y


def picked_way(w, y, i, j):
    ways = {0: anp.sin, 1: anp.cos, 2: anp.tanh}
    return ways[int(anp.argmax(y)) % 3](y)


def by_text(w, y, i, j):
    return y * {"low": 0.5, "high": 2.0}[f"{w.level}"]


def first_row(w, y, i, j):
    m = anp.reshape(y, (-1, 1)) if y.ndim < 2 else y
    return m[[anp.argmax, anp.argmin][i % 2](anp.sum(m, axis=tuple(range(1, m.ndim))))]


# ------------------------------------------------------------------------------------------------------ steps: writes
def written(w, y, i, j):
    y = y.copy()
    flat = y.reshape(-1)
    flat[i % flat.shape[0]] = j
    y += 1
    flat[::2] *= 0.5
    return y


def rows_written(w, y, i, j):
    y = NAMESPACES[i % 2].array(y) if not isinstance(y, Tensor) else y.copy()
    for row in y.reshape(2, -1) if y.size % 2 == 0 else [y.reshape(-1)]:
        row[:] = row - np.mean(row)
        row[j % row.shape[0] :] += 1
    return y


def masked(w, y, i, j):
    y = y * 1
    y[y > 0.1 * i] = j
    y[np.logical_and(y < 0, y > -1)] *= 3
    return y


def transposed(w, y, i, j):
    z = y * 1
    z.T[...] = z.T + w.table[: z.shape[0]] if z.ndim == 2 and z.shape[0] <= 4 else z.T * 2
    return z


def by_function(w, y, i, j):
    y = anp.array(y).reshape(-1)
    [
        lambda: np.add.at(y, anp.argsort(y)[: 1 + j % 3], 2.0),
        lambda: np.put_along_axis(y, anp.argmax(y)[None], 1.5, 0),
        lambda: np.copyto(y, 0.5, where=y < 0),
        lambda: np.putmask(y, y > 1, y * 2),
        lambda: y.sort(),
        lambda: np.multiply(y, 2.0, out=y, where=y < j),
    ][i % 6]()
    return y


# ------------------------------------------------------------------------------------------------- steps: other arrays
def keywords(w, y, i, j):
    m = NAMESPACES[j % 2]
    mask = np.concatenate([np.ones_like(y.reshape(-1)[:1]), y.reshape(-1)[1:]]) > 0
    flat = y.reshape(-1)
    return [
        lambda: y * m.mean(flat, where=mask),
        lambda: y * m.std(flat, where=mask),
        lambda: m.repeat(flat[:5], (flat[:5] > 0) + 1),
        lambda: m.roll(flat, anp.sum(flat > 0)),
        lambda: m.clip(y, anp.min(y) / 2, anp.max(y) / 2),
        lambda: y * m.nanvar(m.where(mask, flat, np.nan)),
        lambda: y * m.quantile(flat, 0.5 / (1 + anp.sum(flat * flat))),
        lambda: m.searchsorted(m.sort(flat), flat) * flat,
        lambda: m.average(flat, weights=anp.abs(flat) + 1) * y,
        lambda: m.take(flat, m.argsort(flat)),
    ][i % 10]()


def outside(w, y, i, j):
    flat = y.reshape(-1)
    return [
        lambda: flat[:3] @ w.matrix,
        lambda: y * anp.sum(w.matrix),
        lambda: y + np.linalg.norm(w.table),
        lambda: y * w.table[0],
        lambda: anp.stack([w.table, w.table * 2])[:, 0] + anp.sum(y),
        lambda: y * w.settings["scale"] + len(w.settings["names"]),
        lambda: y * (2 if w.table[0] > 0 else 3),
    ][i % 7]()


def drawn(w, y, i, j):
    return [
        lambda: y + anp.random.normal(),
        lambda: y * anp.random.default_rng(j).uniform(),
        lambda: anp.random.default_rng(5).permutation(y.reshape(-1)),
    ][i % 3]()


def seeded(w, y, i, j):
    return y + [np.random.RandomState(4).normal(), random.Random(5).random()][i % 2]


def complex_part(w, y, i, j):
    z = (y + 1j * anp.cos(y)) * (1 + w.rate * 1j)
    z.real[z.real > 1] = j
    return [lambda: anp.abs(z), lambda: z.imag * 1, lambda: anp.real(z * anp.conj(z)), lambda: anp.angle(z)][i % 4]()


def integers(w, y, i, j):
    k = anp.astype(anp.floor(y * 2), int)
    k[k < 0] += 7
    return [
        lambda: y.reshape(-1)[anp.ravel(k) % y.size],
        lambda: y + k // (1 + abs(j)),
        lambda: y * (k & 3) + (k == j),
        lambda: anp.bincount(anp.ravel(k) % 5, weights=anp.ravel(y), minlength=6) * w.rate,
        lambda: anp.stack([y, y * 2, y * 3])[k.reshape(-1)[0] % 3] * 1,
    ][i % 5]()


def of_views(w, y, i, j):
    y = y * 1
    a, b = np.split(y.reshape(-1)[: y.size - y.size % 2], 2)
    a[:] = a + b
    b[i % b.shape[0] :] *= j % 3
    for row in np.atleast_2d(y):
        row -= np.max(row)
    c = y[..., :1]
    y[..., -1:] += 1
    return y + c


def settled(w, y, i, j):
    best = max(w.items, key=lambda item: item.rank)
    return y * best.value if w.items[0] < w.items[1] else y + len({item.rank for item in w.items}) * best.value


def custom(w, y, i, j):
    return [
        lambda: autograd.checkpoint(lambda y: anp.sin(y) * w.rate)(y),
        lambda: autograd.value_and_grad(lambda y: anp.sum(autograd.checkpoint(anp.tanh)(y) * y))(y)[1],
        lambda: doubled(y) + autograd.grad(lambda y: anp.sum(doubled(y) ** 2))(y * 1.0),
        lambda: autograd.linearize(lambda y: anp.tanh(y) * w.rate, y)[1](anp.cos(y)),
        lambda: autograd.vjp(lambda y: cube(w, y) * y, y)[1](anp.sin(y))[0],
    ][i % 5]()


@operation
def doubled(x):
    return x * 2


defvjp(doubled, lambda g, _, _x: g * 2)


# ------------------------------------------------------------------------------------------------------ steps: errors
def ignored(w, y, i, j):
    with np.errstate(all="ignore"):
        z = anp.log(y) / (y - y.reshape(-1)[0])
    return anp.where(anp.isfinite(z), z, anp.sin(y))


def raised(w, y, i, j):
    try:
        with np.errstate(invalid="raise", under="ignore"):
            z = anp.sqrt(y + 0.1 * i)
    except FloatingPointError:
        return y * 3
    return z if j % 2 else y


def tried(w, y, i, j):
    flat = y.reshape(-1)
    square = anp.diag(flat[:2]) + 0.1 * i
    attempts = [
        lambda: np.linalg.cholesky(square),
        lambda: flat[int(anp.sum(flat > 0)) + 2],
        lambda: flat + np.ones(flat.shape[0] + 2),
        lambda: np.linalg.solve(square * (flat[0] > 0), flat[:2]),
        lambda: flat.reshape(flat.shape[0] + 1, -1),
        lambda: anp.take(flat, anp.array(anp.sum(flat > 0) * 2)),
    ]
    try:
        found = attempts[i % 6]()
    except (np.linalg.LinAlgError, IndexError, ValueError):
        return y - 1
    return y + anp.sum(found) if j % 2 else y * 2


# ---------------------------------------------------------------------------------------- steps: variables, derivatives
def assigned(w, y, i, j):
    w.variable.assign_add(0.1 * anp.mean(y)) if i % 2 else w.variable.assign(anp.sin(w.variable) + anp.max(y))
    return y * w.variable


def taped(w, y, i, j):
    with GradientTape() as tape:
        loss = anp.sum(anp.tanh(w.variable * y) ** 2)
    return y + tape.gradient(loss, w.variable)


def cube(w, y):
    z = y * 1
    z[z > 0] *= 2
    return anp.sum(z**3) * w.rate + anp.sum(anp.sin(y) * anp.mean(y, where=y > -9))


def derived(w, y, i, j):
    y = y.reshape(-1)[:6]
    return [
        lambda: autograd.grad(lambda y: cube(w, y))(y),
        lambda: autograd.jvp(lambda y: cube(w, y) * y, (y,), (anp.ones_like(y),))[1],
        lambda: autograd.hessian(lambda y: cube(w, y))(y) @ y,
        lambda: autograd.vmap(lambda each: each * anp.sum(y) if i % 2 else anp.sin(each) * w.rate)(y),
        lambda: autograd.vmap(autograd.grad(lambda each: each**3 * w.rate))(y),
        lambda: autograd.jacobian(lambda y: anp.cumsum(y * y))(y)[-1],
        lambda: autograd.grad(lambda y: anp.sum(anp.repeat(y, (y > 0) + 1) ** 2))(y),
        lambda: autograd.grad(lambda y: anp.std(y, where=y > anp.min(y) - 1) * w.rate)(y),
        lambda: autograd.hvp(lambda y: anp.sum(anp.sort(y) ** 3), (y,), (anp.ones_like(y),)),
    ][i % 9]()


STEPS = [
    *(branch, loop, counted, picked_way, by_text, first_row, written, rows_written, masked, transposed, by_function),
    *(keywords, keywords, outside, outside, drawn, seeded, complex_part, integers, of_views, settled, custom, ignored),
    *(raised, tried, assigned, taped, derived, derived),
]
steps = st.lists(st.tuples(st.sampled_from(STEPS), *[st.integers(0, 60)] * 3), min_size=1, max_size=6)


# ------------------------------------------------------------------------------------------------------ the comparison
def world(dtype):
    """Make what the steps find outside."""
    return SimpleNamespace(
        rate=1.5,
        level="low",
        table=np.arange(1.0, 5.0).astype(dtype),
        matrix=np.linspace(-1, 1, 9).reshape(3, 3).astype(dtype),
        settings={"scale": 2.0, "names": ["a"]},
        variable=Variable(np.asarray(0.5, dtype)),
        items=[Item(1, 0.5), Item(2, 2.5)],
    )


@dataclasses.dataclass(order=True)
class Item:
    rank: int
    value: float


def change(w, kind):
    """Change something of a world, as it may be between two calls."""
    [
        lambda: None,
        lambda: w.table.__imul__(-1.1),
        lambda: w.matrix.__setitem__((0, 1), 2.0),
        lambda: setattr(w, "rate", w.rate + 0.5),
        lambda: setattr(w, "level", "high"),
        lambda: w.settings.update(scale=w.settings["scale"] + 1),
        lambda: w.settings["names"].append("b"),
        lambda: setattr(w, "table", w.table * 2),
        lambda: w.variable.assign(w.variable * 0.5),
        lambda: setattr(w.variable, "trainable", not w.variable.trainable),
        lambda: setattr(w.items[0], "rank", 3),
        lambda: setattr(w.items[1], "value", w.items[1].value + 0.5),
        lambda: w.items.reverse(),
    ][kind % 13]()


def function(w, steps):
    """Make a function of a nest that does steps, each with one of the last values, in a world."""

    def f(x, rest):
        found = [x, rest["y"] * rest["k"], x * rest["pair"][0]]
        for step, which, i, j in steps:
            y = step(w, found[-1 - which % len(found)], i, j)
            if 1 < y.size <= 60 and y.ndim <= 3:
                found.append(y)
        return {"last": found[-1], "all": found[1:]}

    return f


def arguments(rng, shape, dtype, kinds):
    """Draw arguments: an array or a tensor, and numbers of several kinds."""
    x = rng.normal(size=shape).astype(dtype)
    number = [1.5, 2, np.float32(0.5), np.asarray(0.25, dtype), True][kinds[1] % 5]
    return (
        [lambda: x, lambda: Tensor(x), lambda: np.repeat(x, 2, axis=0)[::2]][kinds[0] % 3](),
        {"y": x * 2, "k": number, "pair": (np.asarray(rng.normal(), dtype), "text")},
    )


def outcome(f, args):
    """Return the arrays that a call gives, or the class of its error."""
    try:
        result = f(*args)
    except Exception as error:
        return type(error)
    return [leaf.numpy() if isinstance(leaf, Tensor) else np.asarray(leaf) for leaf in nest.leaves(result)]


def close(found, expected, eps):
    if isinstance(expected, type):
        assert found is expected
        return
    assert [y.shape for y in found] == [e.shape for e in expected]
    for y, e in zip(found, expected, strict=True):
        finite = np.abs(e[np.isfinite(e)])
        scale = 1 + (np.max(finite) if finite.size else 0)
        np.testing.assert_allclose(y, e, rtol=1e4 * eps, atol=1e4 * eps * scale)


@given(
    steps=steps,
    shape=st.sampled_from([(6,), (4, 3), (2, 3), (2, 2, 3), (40, 1)]),
    dtype=st.sampled_from(["float64", "float64", "float32"]),
    kinds=st.tuples(st.integers(0, 2), st.integers(0, 4)),
    changes=st.tuples(*[st.integers(0, 12)] * 3),
    exact=st.booleans(),
    seed=st.integers(0, 99),
)
def test_random_functions(steps, shape, dtype, kinds, changes, exact, seed):
    ours, theirs = world(dtype), world(dtype)
    program, f = compile(function(ours, steps), exact=exact, check=CHECK), function(theirs, steps)
    rng = np.random.default_rng(seed)
    calls = [arguments(rng, shape, dtype, kinds) for _ in range(4)]
    kept, eps = [], np.finfo(dtype).eps
    for number, args in enumerate(calls):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CompileWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            anp.random.seed(number)
            found = outcome(program, args)
            anp.random.seed(number)
            expected = outcome(f, args)
        close(found, expected, eps)
        kept.append((found, [] if isinstance(found, type) else [y.copy() for y in found]))
        for each in ("table", "matrix", "variable"):
            np.testing.assert_allclose(np.asarray(vars(ours)[each]), np.asarray(vars(theirs)[each]), rtol=1e4 * eps)
        for w in (ours, theirs):
            change(w, changes[number % 3])
    for found, copies in kept:
        for y, before in zip([] if isinstance(found, type) else found, copies, strict=True):
            np.testing.assert_array_equal(y, before)
