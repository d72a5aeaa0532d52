"""`autograd.numpy.random`: NumPy's draws from the same seed, as tensors, and their derivatives."""

import copy
import inspect
import pickle
import subprocess
import sys

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable, grad
from autograd.errors import DetachedError, NoDerivativeError, OperandError, ShapeError

SHAPE = (3, 2)

# The parameters of each distribution.
DIFFERENTIABLE = {
    "normal": (np.array([0.5, -1.0]), 2.0),
    "lognormal": (0.3, np.array([0.4, 0.2])),
    "uniform": (-1.0, np.array([2.0, 3.5])),
    "exponential": (np.array([0.5, 2.0]),),
    "rayleigh": (1.7,),
    "laplace": (0.5, np.array([2.0, 0.3])),
    "logistic": (0.5, np.array([2.0, 0.3])),
    "gumbel": (np.array([0.5, 1.0]), 0.7),
    "weibull": (np.array([0.8, 2.0]),),
    "pareto": (np.array([1.3, 3.0]),),
    "power": (np.array([0.8, 3.0]),),
    "triangular": (-1.0, np.array([0.2, 1.0]), 2.5),
}
OTHERS = {
    "beta": (2.0, 3.0),
    "binomial": (10, 0.3),
    "chisquare": (3.0,),
    "f": (3.0, 4.0),
    "gamma": (2.0, 3.0),
    "geometric": (0.3,),
    "hypergeometric": (5, 6, 4),
    "logseries": (0.4,),
    "negative_binomial": (3.0, 0.4),
    "noncentral_chisquare": (3.0, 1.0),
    "noncentral_f": (3.0, 4.0, 1.0),
    "poisson": (3.0,),
    "standard_gamma": (2.0,),
    "standard_t": (4.0,),
    "vonmises": (0.1, 2.0),
    "wald": (1.0, 2.0),
    "zipf": (2.5,),
    "standard_cauchy": (),
    "standard_exponential": (),
    "standard_normal": (),
    "random": (),
}


def pairs(seed=7):
    """The generators of NumPy and ours, from the same seed."""
    yield np.random.default_rng(seed), anp.random.default_rng(seed)
    yield np.random.RandomState(seed), anp.random.RandomState(seed)
    state = np.random.get_state()
    np.random.seed(seed)
    theirs = np.random.RandomState()
    theirs.set_state(np.random.get_state())
    yield theirs, anp.random
    np.random.set_state(state)


def assert_same(result, expected):
    expected = np.asarray(expected)
    assert type(result) is Tensor
    assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(result.numpy(), expected)


# ----------------------------------------------------------------------------------------------------- the numbers
@pytest.mark.parametrize("name", [*DIFFERENTIABLE, *OTHERS])
def test_draws_are_those_of_numpy(name):
    parameters = {**DIFFERENTIABLE, **OTHERS}[name]
    numbers = [p.flat[0] if isinstance(p, np.ndarray) else p for p in parameters]
    for theirs, ours in pairs():
        for args in (
            (*parameters, SHAPE),
            (*numbers,),
            (*parameters, (0, 2)),
            (*[Tensor(p) for p in parameters], SHAPE),
        ):
            assert_same(
                getattr(ours, name)(*args),
                getattr(theirs, name)(*[a.numpy() if isinstance(a, Tensor) else a for a in args]),
            )
        assert_same(getattr(ours, name)(*parameters, size=SHAPE), getattr(theirs, name)(*parameters, size=SHAPE))


def test_draws_of_vectors_and_integers():
    for theirs, ours in pairs():
        assert_same(ours.multinomial(5, [0.2, 0.8], 3), theirs.multinomial(5, [0.2, 0.8], 3))
        assert_same(ours.dirichlet([1.0, 2.0], 3), theirs.dirichlet([1.0, 2.0], 3))
        cov = [[2.0, 0.5], [0.5, 1.0]]
        assert_same(ours.multivariate_normal([1.0, 2.0], cov, 3), theirs.multivariate_normal([1.0, 2.0], cov, 3))
        assert ours.bytes(4) == theirs.bytes(4)
        if isinstance(theirs, np.random.Generator):
            assert_same(ours.integers(2, 9, 4), theirs.integers(2, 9, 4))
            assert_same(ours.integers(9), theirs.integers(9))
            assert_same(ours.integers(9, size=3, dtype=np.uint8), theirs.integers(9, size=3, dtype=np.uint8))
            assert_same(ours.random(3, dtype=np.float32), theirs.random(3, dtype=np.float32))
            assert_same(ours.multivariate_hypergeometric([3, 4], 2), theirs.multivariate_hypergeometric([3, 4], 2))
        else:
            assert_same(ours.rand(), theirs.rand())
            assert_same(ours.rand(2, 3), theirs.rand(2, 3))
            assert_same(ours.randn(2), theirs.randn(2))
            assert_same(ours.randint(2, 9, 4), theirs.randint(2, 9, 4))
            assert_same(ours.random_sample(2), theirs.random_sample(2))


@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 2)])
@pytest.mark.parametrize("given", ["array", "tensor", "tracked"])
def test_the_order_of_elements_is_that_of_numpy(shape, given):
    x = np.arange(np.prod(shape), dtype=float).reshape(shape)
    for theirs, ours in pairs():
        new = isinstance(theirs, np.random.Generator)
        t = x.copy() if given == "array" else Tensor(x)
        with GradientTape() as tape:
            if given == "tracked":
                tape.watch(t)
            assert_same(ours.permutation(t), theirs.permutation(x))
            if len(shape) == 1 or new:
                for form in (
                    {},
                    {"size": 4},
                    {"size": (2, 2)},
                    {"size": 2, "replace": False},
                    {"size": 3, "p": np.eye(shape[0])[1]},
                ):
                    assert_same(ours.choice(t, **form), theirs.choice(x, **form))
            if new:
                for axis in range(len(shape)):
                    assert_same(ours.permutation(t, axis), theirs.permutation(x, axis))
                    assert_same(ours.permuted(t, axis=axis), theirs.permuted(x, axis=axis))
                    assert_same(
                        ours.choice(t, (2, 1), axis=axis, shuffle=False),
                        theirs.choice(x, (2, 1), axis=axis, shuffle=False),
                    )
                assert_same(ours.permuted(t), theirs.permuted(x))
            y = x.copy()
            theirs.shuffle(y)
            ours.shuffle(t)
            np.testing.assert_array_equal(t if given == "array" else t.numpy(), y)
        assert_same(ours.random(), theirs.random())


def test_counts_and_strings():
    for theirs, ours in pairs():
        assert_same(ours.permutation(5), theirs.permutation(5))
        assert_same(ours.permutation(Tensor(5)), theirs.permutation(5))
        assert_same(ours.choice(5), theirs.choice(5))
        assert_same(ours.choice(5, 3), theirs.choice(5, 3))
        assert_same(ours.choice([1.5, 2.5], 3), theirs.choice([1.5, 2.5], 3))
        assert ours.choice(["a", "b"]) == theirs.choice(["a", "b"])
        assert ours.permutation(["a", "b", "c"]).tolist() == theirs.permutation(["a", "b", "c"]).tolist()


def test_what_is_drawn_from_an_array_is_a_copy():
    x = np.zeros((2, 3))
    row = anp.random.default_rng(0).choice(x)
    x[...] = 1.0
    assert row.tolist() == [0.0, 0.0, 0.0]


# ----------------------------------------------------------------------------------------------------- derivatives
@pytest.mark.parametrize("name", DIFFERENTIABLE)
@pytest.mark.parametrize("size", [None, 2, SHAPE])
def test_the_derivative_of_a_draw_is_that_of_numpys_own_draw(name, size):
    """NumPy's draws from the same seed at neighbouring parameters differ by what the gradient says."""
    parameters = [np.asarray(p, float) for p in DIFFERENTIABLE[name]]
    step = 1e-6
    for index, _ in enumerate(pairs()):

        def again(index=index):
            for i, pair in enumerate(pairs()):
                if i == index:
                    return pair

        def ours(*p, again=again):
            return getattr(again()[1], name)(*p, size)

        def theirs(*p, again=again):
            return getattr(again()[0], name)(*p, size)

        expected = theirs(*parameters)
        operands = [Tensor(p) for p in parameters]
        with GradientTape() as tape:
            tape.watch(operands)
            y = ours(*operands)
            u = np.arange(1.0, 1 + np.size(expected)).reshape(np.shape(expected))
            total = anp.sum(u * y)
        assert (y.shape, y.dtype) == (np.shape(expected), np.float64)
        np.testing.assert_allclose(y.numpy(), expected, rtol=1e-13)
        for i, (gradient, p) in enumerate(zip(tape.gradient(total, operands), parameters, strict=True)):
            assert gradient.shape == p.shape
            for place in np.ndindex(p.shape):
                above, below = ([q.copy() for q in parameters] for _ in range(2))
                above[i][place] += step
                below[i][place] -= step
                numerical = np.sum(u * (np.asarray(theirs(*above)) - theirs(*below))) / (2 * step)
                assert gradient.numpy()[place] == pytest.approx(numerical, rel=2e-6, abs=1e-6)


def test_a_tracked_draw_leaves_the_generator_where_numpy_leaves_it():
    for theirs, ours in pairs():
        with GradientTape() as tape:
            scale = Tensor(2.0)
            tape.watch(scale)
            for name in ("normal", "laplace", "gumbel", "logistic"):
                np.testing.assert_allclose(
                    getattr(ours, name)(1.0, scale, 5).numpy(), getattr(theirs, name)(1.0, 2.0, 5), rtol=1e-13
                )
            np.testing.assert_allclose(
                ours.gamma([2.0, 0.5], scale, (3, 2)).numpy(), theirs.gamma([2.0, 0.5], 2.0, (3, 2)), rtol=1e-13
            )
            np.testing.assert_allclose(ours.exponential(scale=scale).numpy(), theirs.exponential(2.0), rtol=1e-13)
        assert ours.random().item() == theirs.random()


def test_second_derivatives_of_a_draw():
    def draw(sigma):
        return anp.random.default_rng(3).lognormal(0.1, sigma)

    z = np.random.default_rng(3).standard_normal()
    assert grad(grad(draw))(0.5) == pytest.approx(z * z * np.exp(0.1 + 0.5 * z))


def test_parameters_in_lists_and_variables():
    assert grad(lambda a: anp.sum(anp.random.default_rng(0).normal([a, 2 * a], 1.0)))(1.5) == 3.0
    w = Variable([1.0, 2.0])
    with GradientTape() as tape:
        y = anp.sum(anp.random.default_rng(0).normal(w, 0.5))
    assert tape.gradient(y, w).tolist() == [1.0, 1.0]


def test_the_mean_of_a_vector_and_the_scale_of_a_gamma():
    cov = [[2.0, 0.5], [0.5, 1.0]]
    for theirs, ours in pairs():
        with GradientTape() as tape:
            mean, scale = Tensor([1.0, 2.0]), Tensor(3.0)
            tape.watch([mean, scale])
            x = ours.multivariate_normal(mean, cov, 4)
            y = ours.gamma(2.0, scale, 3)
            total = anp.sum(x) + anp.sum(y)
        np.testing.assert_allclose(x.numpy(), theirs.multivariate_normal([1.0, 2.0], cov, 4), rtol=1e-13)
        expected = theirs.gamma(2.0, 3.0, 3)
        np.testing.assert_allclose(y.numpy(), expected, rtol=1e-13)
        gradients = tape.gradient(total, [mean, scale])
        np.testing.assert_allclose(gradients[0].numpy(), [4.0, 4.0])
        np.testing.assert_allclose(gradients[1].numpy(), np.sum(expected) / 3.0)


def test_moved_elements_take_their_cotangents_along():
    x, u = np.arange(6.0), np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    for method in ("permutation", "permuted"):
        found = grad(lambda t, m=method: anp.sum(u * getattr(anp.random.default_rng(1), m)(t)))(x)
        places = getattr(np.random.default_rng(1), method)(np.arange(6))
        assert found[places].tolist() == u.tolist()
    places = np.random.default_rng(1).choice(6, 6)
    assert (
        grad(lambda t: anp.sum(u * anp.random.default_rng(1).choice(t, 6)))(x).tolist()
        == np.bincount(places, u, 6).tolist()
    )

    def shuffled(t):
        t = t * 1.0
        anp.random.default_rng(1).shuffle(t)
        return anp.sum(u * t)

    order = np.arange(6)
    np.random.default_rng(1).shuffle(order)
    assert grad(shuffled)(x)[order].tolist() == u.tolist()


# ----------------------------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize("name", [name for name in OTHERS if OTHERS[name] and name != "gamma"])
def test_a_tracked_parameter_without_a_derivative_is_refused(name):
    for _, ours in pairs():
        for i in range(len(OTHERS[name])):
            operands = [Tensor(float(p)) for p in OTHERS[name]]
            with GradientTape() as tape:
                tape.watch(operands[i])
                with pytest.raises(
                    NoDerivativeError,
                    match=f"a draw of {name} has no derivative with respect to this argument, which is tracked",
                ):
                    getattr(ours, name)(*operands)


def test_other_tracked_arguments_are_refused():
    rng = anp.random.default_rng(0)
    t, p = Tensor([1.0, 2.0]), Tensor([0.25, 0.75])
    with GradientTape() as tape:
        tape.watch([t, p])
        refused = [
            lambda: rng.choice(t, p=p),
            lambda: rng.multinomial(3, p),
            lambda: rng.dirichlet(alpha=t),
            lambda: rng.gamma(t),
            lambda: rng.multivariate_normal([0.0, 0.0], anp.diag(t)),
            lambda: anp.random.choice(2, p=p),
        ]
        for call_it in refused:
            with pytest.raises(NoDerivativeError, match=r"Detach it with \.numpy\(\)"):
                call_it()
        for call_it in (
            lambda: rng.permutation([t[0], t[1]]),
            lambda: rng.choice([t[0], t[1]]),
            lambda: rng.beta([t[0], 2.0], 1.0),
        ):
            with pytest.raises(DetachedError):
                call_it()


@pytest.mark.parametrize(
    ("call_it", "message"),
    [
        (lambda rng, t: rng.normal(0.0, -t), "scale < 0"),
        (lambda rng, t: rng.normal([0.0, 1.0], t, 3), "broadcast"),
        (lambda rng, t: rng.triangular(t, 0.0, 3.0), "left > mode"),
        (lambda rng, t: rng.power(t - 1.0), "a <= 0"),
        (lambda rng, t: rng.weibull(-t), "a < 0"),
    ],
)
def test_parameters_are_checked_as_numpy_checks_them(call_it, message):
    for _, ours in pairs():
        with GradientTape() as tape:
            t = Tensor(1.0)
            tape.watch(t)
            with pytest.raises(ValueError, match=message):
                call_it(ours, t)


def test_what_a_tensor_cannot_do_is_refused():
    rng = anp.random.default_rng(0)
    with pytest.raises(OperandError, match="random cannot write its draw into out="):
        rng.random(out=np.empty(3))
    with pytest.raises(OperandError, match="standard_normal cannot write its draw into out="):
        rng.standard_normal(3, np.float64, np.empty(3))
    with pytest.raises(ShapeError, match=r"choice takes one axis: received shape \(2, 2\)"):
        anp.random.choice(Tensor(np.ones((2, 2))))
    with GradientTape() as tape:
        a = Tensor([0.0, 1.0])
        tape.watch(a)
        with pytest.raises(OperandError, match="weibull is differentiable in a shape that is not 0"):
            rng.weibull(a)


def test_a_variable_is_shuffled_in_place():
    v = Variable(np.arange(10.0))
    anp.random.default_rng(0).shuffle(v)
    assert sorted(v.tolist()) == list(range(10))
    assert v.tolist() != list(range(10))


# ---------------------------------------------------------------------------------------------- the names and the state
def test_every_name_of_numpy_is_there():
    assert [name for name in np.random.__all__ if not hasattr(anp.random, name)] == []
    for theirs, ours in ((np.random.Generator, anp.random.Generator), (np.random.RandomState, anp.random.RandomState)):
        assert [name for name in dir(theirs) if not name.startswith("_") and not hasattr(ours, name)] == []
    assert anp.random.PCG64 is np.random.PCG64
    assert anp.random.SeedSequence is np.random.SeedSequence
    with pytest.raises(AttributeError, match=r"neither autograd\.numpy\.random nor numpy\.random has a normals"):
        anp.random.normals  # noqa: B018


@pytest.mark.parametrize("name", [*DIFFERENTIABLE, "gamma", "permutation", "choice"])
def test_parameters_have_numpys_names(name):
    for theirs, ours in ((np.random.Generator, anp.random.Generator), (np.random.RandomState, anp.random.RandomState)):
        try:
            expected = list(inspect.signature(getattr(theirs, name)).parameters)
        except ValueError:  # not before NumPy 2.4
            return
        if name != "permutation":
            assert list(inspect.signature(getattr(ours, name)).parameters) == expected


def test_generators_share_and_keep_their_state():
    rng = anp.random.default_rng(5)
    assert isinstance(rng, anp.random.Generator)
    assert anp.random.default_rng(rng) is rng
    assert repr(rng) == "Generator(PCG64)"
    same = np.random.default_rng(5)
    ours = anp.random.default_rng(same)
    assert ours.bit_generator is same.bit_generator
    assert np.random.Generator(rng.bit_generator).random() == ours.random().item()
    for twin in (copy.deepcopy(rng), pickle.loads(pickle.dumps(rng))):
        assert twin.random().item() == copy.deepcopy(same).random()
    children = anp.random.default_rng(9).spawn(2)
    assert [child.random().item() for child in children] == [
        child.random() for child in np.random.default_rng(9).spawn(2)
    ]
    assert (
        anp.random.Generator(anp.random.Philox(3)).random().item() == np.random.Generator(np.random.Philox(3)).random()
    )


def test_the_shared_state_is_that_of_numpy():
    before = np.random.get_state()
    anp.random.seed(11)
    state = anp.random.get_state()
    first = anp.random.normal()
    anp.random.set_state(state)
    assert np.random.normal() == first.item()
    np.random.set_state(before)
    assert anp.random.RandomState(11).normal().item() == first.item()


def test_importing_loads_no_random_numbers():
    program = "import sys, autograd.numpy as anp; assert 'numpy.random' not in sys.modules; anp.random.default_rng(0)"
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
