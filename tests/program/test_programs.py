"""Random programs give the same compiled as they give eagerly: values, gradients, derivatives in a direction and
products with Hessians.
"""

import warnings

import numpy as np
import pytest
from compiled import CHECK
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
import autograd.numpy as anp
from autograd import Tensor, compile
from autograd.core import nest
from autograd.program.passes import blocks as loops
from autograd.program.passes import storage_order as axes

# Each takes the values that were computed so far, all of one shape but for broadcasting, and two small integers.
UNARY = [
    anp.sin,
    anp.tanh,
    anp.negative,
    anp.square,
    anp.positive,
    anp.conjugate,
    anp.cumsum,
    anp.sort,
    anp.flip,
    anp.real,
    anp.transpose,
]
BINARY = [anp.add, anp.subtract, anp.multiply, anp.maximum, anp.minimum]
REDUCTIONS = [anp.sum, anp.mean, anp.max, anp.min, anp.prod, anp.var, anp.any, anp.all]


def unary(x, y, i, j):
    return UNARY[i % len(UNARY)](x) if x.ndim or UNARY[i % len(UNARY)] not in (anp.cumsum, anp.sort) else x


def binary(x, y, i, j):
    return BINARY[i % len(BINARY)](x, y) if fit(x, y) else x - 1


def smooth_quotient(x, y, i, j):
    return x / (1 + y * anp.conjugate(y)) if fit(x, y) else 2 / (3 + x * x)


def reduced(x, y, i, j):
    axis = None if not x.ndim or i % 3 == 0 else j % x.ndim
    if not x.size:
        return anp.sum(x, axis=axis, keepdims=bool(j % 2))
    return REDUCTIONS[i % len(REDUCTIONS)](x, axis=axis, keepdims=bool(j % 2)) * 1.0


def sliced(x, y, i, j):
    if not x.ndim:
        return x[None]
    return [x[i % 3 :], x[::-1], x[..., None], x[: j % 4 : 2], x[..., : max(1, j % 3)]][i % 5]


def indexed(x, y, i, j):
    if not x.ndim or not x.shape[0]:
        return x * 2
    return [
        x[i % x.shape[0]],
        x[np.array([0, -1, i % x.shape[0]])],
        x[[j % x.shape[0]]],
        x[..., 0] if x.shape[-1] else x,
    ][i % 4]


def masked(x, y, i, j):
    return anp.where(anp.real(x) > 0, x, x * 0.5) if i % 2 else x[anp.real(x) > -0.5 * j]


def shaped(x, y, i, j):
    forms = [
        lambda: x.reshape(-1),
        lambda: anp.expand_dims(x, 0),
        lambda: anp.broadcast_to(x, (2, *x.shape)),
        lambda: anp.swapaxes(x, 0, -1),
    ]
    return forms[i % 3 if not x.ndim else i % 4]()


def joined(x, y, i, j):
    x, y = anp.ravel(x), anp.ravel(y)
    return [lambda: anp.concatenate([x, y, x * 2]), lambda: anp.concatenate([y])][i % 2]()


def stacked(x, y, i, j):
    return anp.stack([x, x * 2, -x], axis=i % (x.ndim + 1))


def product(x, y, i, j):
    batch, x, y = x, anp.ravel(x), anp.ravel(y)
    n = min(x.shape[0], y.shape[0])
    if batch.ndim == 3:
        return [lambda: batch @ anp.swapaxes(batch, 1, 2), lambda: anp.einsum("nij,nkj->nik", anp.sin(batch), batch)][
            i % 2
        ]()
    return [lambda: anp.dot(x[:n], y[:n]), lambda: anp.outer(x[:3], y[:4]), lambda: anp.outer(x, y[:2]) @ y[:2]][
        i % 3
    ]()


def assigned(x, y, i, j):
    x = x.copy()
    if x.ndim and x.shape[0]:
        x[j % x.shape[0]] = x[i % x.shape[0]] * 2
        x[1:] = x[:-1] + 1
        x[::2] *= 0.5
    return x


def branch(x, y, i, j):
    if anp.sum(anp.real(x)) > 0.1 * i:
        return anp.sin(x) + 1
    return x * 2 if bool(anp.all(anp.abs(y) < 3)) else x - 1


def fit(x, y):
    try:
        return len(np.broadcast_shapes(x.shape, y.shape)) <= 4
    except ValueError:
        return False


STEPS = [
    unary,
    binary,
    smooth_quotient,
    reduced,
    sliced,
    indexed,
    masked,
    shaped,
    joined,
    stacked,
    product,
    assigned,
    branch,
]
steps = st.lists(st.tuples(st.sampled_from(STEPS), *[st.integers(0, 11)] * 4), min_size=2, max_size=9)
shapes = st.sampled_from([(), (1,), (5,), (0,), (3, 4), (4, 1), (2, 0), (2, 3, 4), (40,), (20, 3)])
kinds = st.tuples(*[st.sampled_from(["plain", "strided"])] * 3)
dtypes = st.sampled_from(["float64", "float32", "complex128"])


def program_of(steps):
    """Make a function of a nest of two arrays that does steps, each with two of the values before it."""

    def values(args):
        found = [args["x"], args["rest"][0]]
        for step, a, b, i, j in steps:
            y = step(found[-1 - a % len(found)], found[-1 - b % len(found)], i, j)
            if y.size <= 500 and y.ndim <= 4:
                found.append(y)
        return found

    return values


def number_of(steps):
    values = program_of(steps)
    return lambda args: (
        sum(anp.sum(anp.real(y) * (1 + k)) for k, y in enumerate(values(args)[2:])) + anp.sum(anp.real(args["x"]))
    )


def drawn(rng, shape, dtype, kind):
    """Draw a nest of arguments: arrays in C's order, with other strides, or tensors."""
    arrays = []
    for each in (shape, shape[-1:]):
        x = np.asarray(rng.normal(size=each) + (1j * rng.normal(size=each) if dtype == "complex128" else 0), dtype)
        if kind == "strided":
            wide = np.zeros((*each, 2), dtype)
            wide[..., 0] = x
            x = wide[..., 0]
        arrays.append(Tensor(x) if kind == "tensor" else x)
    return {"x": arrays[0], "rest": (arrays[1], 2.0)}


def tensors(args):
    return nest.map_leaves(lambda leaf: leaf if isinstance(leaf, (float, Tensor)) else Tensor(leaf), args)


def arrays(result):
    return [np.array(leaf.numpy() if isinstance(leaf, Tensor) else leaf) for leaf in nest.leaves(result)]


def compare(f, calls, exact):
    """Run a compiled function with several arguments, and assert that each result is that of the function and stays,
    and so do the arguments.
    """
    program = compile(f, exact=exact, check=CHECK)
    # NumPy rounds the product of two complex numbers, as which sums come, otherwise than that of two arrays.
    exact = exact and calls[0][0]["x"].dtype.kind != "c"
    kept = []
    for args in calls:
        before = arrays(args)
        found = program(*args)
        expected = arrays(f(*map(tensors, args)))
        assert [(e.shape, e.dtype) for e in arrays(found)] == [(e.shape, e.dtype) for e in expected]
        kept.append((found, expected))
        for now, old in zip(arrays(args), before, strict=True):
            np.testing.assert_array_equal(now, old)
    for found, expected in kept:
        for y, e in zip(arrays(found), expected, strict=True):
            if exact or y.dtype.kind not in "fc":
                np.testing.assert_array_equal(y, e)
                number = ~np.isnan(e)
                for part in (np.real, np.imag):
                    np.testing.assert_array_equal(np.signbit(part(y[number]) * 1.0), np.signbit(part(e[number]) * 1.0))
            else:
                scale = np.max(np.abs(e[np.isfinite(e)]), initial=0)
                rounding = np.finfo(calls[0][0]["x"].dtype).eps * 2000
                np.testing.assert_allclose(y, e, rtol=rounding, atol=rounding * (1 + scale))


@pytest.fixture(
    params=[(1, False), (2, False), (1, True)], ids=["one thread", "two threads", "long rows"], scope="module"
)
def short_blocks(request):
    """Loops over blocks run on short arrays, too, and arrays of every size are stored in another order."""
    threads, turned = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loops, "BLOCK", 4)
        patch.setattr(loops, "SHORTEST", 8)
        if turned:
            for name, value in {"_SHORT_ROW": 1 << 30, "_LONGER": 0, "_LEAST": 2, "_COST": -1}.items():
                patch.setattr(axes, name, value)
        autograd.set_threads(threads)
        yield
    autograd.set_threads(1)


def transforms(steps, rng, args):
    """Return the functions that are compared: the values, and derivatives of a number that is made of them."""
    number = number_of(steps)
    along = tuple([rng.normal(size=each.shape).astype(each.dtype) for each in (args["x"], args["rest"][0])])

    def of(x, y):
        return number({"x": x, "rest": (y, 2.0)})

    found = {
        "values": program_of(steps),
        "gradient": lambda args: autograd.value_and_grad(of, (0, 1))(args["x"], args["rest"][0]),
        "direction": lambda args: autograd.jvp(of, (args["x"], args["rest"][0]), along),
    }
    if args["x"].dtype.kind == "f":
        found["second"] = lambda args: autograd.hvp(of, (args["x"], args["rest"][0]), along)
    return found


@given(
    steps=steps,
    shape=shapes,
    dtype=dtypes,
    kinds=kinds,
    tensor=st.booleans(),
    exact=st.booleans(),
    seed=st.integers(0, 99),
)
@pytest.mark.parametrize("what", ["values", "gradient", "direction", "second"])
def test_random_programs(what, short_blocks, steps, shape, dtype, kinds, tensor, exact, seed):
    # NumPy's results for a transposed array lie transposed in memory. A program does not repeat that, so that products
    # of them may round otherwise.
    exact = exact and not any(
        (step is sliced and i % 5 == 1) or (step is unary and UNARY[i % len(UNARY)] is anp.flip)
        for step, _, _, i, _ in steps
    )
    rng = np.random.default_rng(seed)
    calls = [(drawn(rng, shape, dtype, "tensor" if tensor else kind),) for kind in kinds]
    f = transforms(steps, rng, calls[0][0]).get(what)
    assume(f is not None)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.filterwarnings("ignore", "compiled function")
        compare(f, [*calls, calls[0]], exact)
