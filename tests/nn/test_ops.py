"""Operations and activations of networks: values by closed forms, derivatives by differences, and safety far out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd import GradientTape, Tensor, Variable, check_gradients, grad
from autograd.errors import ShapeError
from autograd.registry.entries import RULES
from nn import activations, ops
from nn.errors import ArgumentError
from nn.ops import special as erf
from nn.ops.samples import SAMPLES

RNG = np.random.default_rng(0)
X = np.concatenate([RNG.normal(size=40) * 3, [-3.0, -1.0, -0.1, 0.1, 0.5, 2.0, 7.0]])


def logistic(t: float) -> float:
    return 1 / (1 + math.exp(-t))


def phi(t: float) -> float:
    return 0.5 * math.erfc(-t / math.sqrt(2))


# Value and derivative of each, one number at a time, as a textbook writes them.
CLOSED = {
    "linear": (lambda t: t, lambda t: 1.0),
    "relu": (lambda t: max(t, 0.0), lambda t: float(t > 0)),
    "leaky_relu": (lambda t: t if t > 0 else 0.2 * t, lambda t: 1.0 if t > 0 else 0.2),
    "elu": (lambda t: t if t > 0 else math.exp(t) - 1, lambda t: 1.0 if t > 0 else math.exp(t)),
    "selu": (
        lambda t: 1.0507009873554805 * (t if t > 0 else 1.6732632423543772 * (math.exp(t) - 1)),
        lambda t: 1.0507009873554805 * (1.0 if t > 0 else 1.6732632423543772 * math.exp(t)),
    ),
    "gelu": (lambda t: t * phi(t), lambda t: phi(t) + t * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)),
    "silu": (lambda t: t * logistic(t), lambda t: logistic(t) * (1 + t * (1 - logistic(t)))),
    "sigmoid": (logistic, lambda t: logistic(t) * (1 - logistic(t))),
    "tanh": (math.tanh, lambda t: 1 - math.tanh(t) ** 2),
    "exponential": (math.exp, math.exp),
    "softplus": (lambda t: math.log1p(math.exp(t)), logistic),
}


def derivative(f, x):
    """The derivative of an elementwise function at every element."""
    x = Tensor(x)
    with GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x, unconnected_gradients="zero").numpy()


@pytest.mark.parametrize("name", CLOSED)
def test_activation_is_its_closed_form(name):
    f = activations.get(name)
    value, slope = CLOSED[name]
    np.testing.assert_allclose(f(X).numpy(), [value(t) for t in X], rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(derivative(f, X), [slope(t) for t in X], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", CLOSED)
def test_second_derivative_by_differences_of_the_first(name):
    f = activations.get(name)
    slope = CLOSED[name][1]
    h = 1e-5
    expected = [(slope(t + h) - slope(t - h)) / (2 * h) for t in X]
    np.testing.assert_allclose(derivative(lambda x: tape_gradient(f, x), X), expected, rtol=1e-6, atol=1e-8)


def tape_gradient(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x, unconnected_gradients="zero")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [*[name for name in CLOSED if name != "exponential"], "softmax", "log_softmax"])
def test_activation_is_safe_far_out_and_keeps_the_dtype(name, dtype):
    f = activations.get(name)
    x = np.array([[-1e4, -700.0, -100.0, -1.0, 0.0, 1.0, 100.0, 700.0, 1e4]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, slope = f(x), derivative(f, x)
        curvature = derivative(lambda t: tape_gradient(f, t), x)
    for found in (value.numpy(), slope, curvature):
        assert found.dtype == dtype
        assert np.isfinite(found).all()
    if name not in ("softmax", "log_softmax"):
        assert slope[0, 0] == pytest.approx({"linear": 1, "leaky_relu": 0.2}.get(name, 0))
        assert slope[0, -1] == pytest.approx({"sigmoid": 0, "tanh": 0, "selu": 1.0507009873554805}.get(name, 1))


def test_gelu_of_half_precision_does_not_overflow():
    with np.errstate(over="raise", invalid="raise"):
        for approximate in (False, True):
            x = np.array([-1e4, -3, 0, 3, 1e4], np.float16)
            assert activations.gelu(x, approximate).dtype == np.float16
            np.testing.assert_allclose(activations.gelu(x, approximate).numpy()[[0, 2, 4]], [0, 0, 1e4])


def test_gelu_by_hyperbolic_tangent():
    expected = [0.5 * t * (1 + math.tanh(math.sqrt(2 / math.pi) * (t + 0.044715 * t**3))) for t in X]
    np.testing.assert_allclose(activations.gelu(X, approximate=True).numpy(), expected, rtol=1e-10, atol=1e-15)
    h = 1e-6
    f = lambda t: 0.5 * t * (1 + np.tanh(math.sqrt(2 / math.pi) * (t + 0.044715 * t**3)))  # noqa: E731
    np.testing.assert_allclose(
        derivative(lambda x: activations.gelu(x, True), X), (f(X + h) - f(X - h)) / (2 * h), rtol=1e-7, atol=1e-9
    )


def test_conventions_at_zero():
    zero = np.zeros(1)
    assert derivative(activations.relu, zero) == 0
    assert derivative(activations.leaky_relu, zero) == 0.2
    assert derivative(activations.elu, zero) == 1


def test_relu_with_all_its_arguments():
    x = np.array([-2.0, 0.5, 1.5, 9.0])
    np.testing.assert_array_equal(activations.relu(x, 0.1, 6.0, 1.0).numpy(), [0.1 * -3.0, 0.1 * -0.5, 1.5, 6.0])


def test_integers_become_float32():
    assert activations.relu(np.array([1, -2])).dtype == np.float32


# --------------------------------------------------------------------------------------------------- erf
def test_erf_to_full_double_precision():
    x = np.concatenate(
        [
            np.linspace(-6, 6, 20001),
            np.linspace(-0.5, 0.5, 5001),
            [0.46875, -0.46875, 4.0, -4.0, 26.7, 1e4, -1e300, np.inf, -np.inf],
        ]
    )
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found, complement = erf.erf(x), erf.erfc(x)
    exact = np.array([math.erf(t) for t in x])
    np.testing.assert_allclose(found, exact, rtol=1e-15, atol=0)
    np.testing.assert_allclose(complement, [math.erfc(t) for t in x], rtol=2e-15, atol=1e-300)
    assert np.isnan(erf.erf(np.array([np.nan]))).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_erf_in_lower_precision(dtype):
    x = np.linspace(-5, 5, 401).astype(dtype)
    assert erf.erf(x).dtype == dtype
    np.testing.assert_allclose(erf.erf(x), [math.erf(t) for t in x.tolist()], rtol=4 * np.finfo(dtype).eps, atol=1e-7)


def test_derivatives_of_the_error_functions():
    x = np.array([-3.0, -0.2, 0.0, 1.0, 5.0])
    gaussian = 2 / math.sqrt(math.pi) * np.exp(-x * x)
    np.testing.assert_allclose(derivative(ops.erf, x), gaussian, rtol=1e-14)
    np.testing.assert_allclose(derivative(ops.erfc, x), -gaussian, rtol=1e-14)
    np.testing.assert_allclose(
        derivative(lambda t: tape_gradient(ops.erf, t), x), -2 * x * gaussian, rtol=1e-13, atol=1e-16
    )


# --------------------------------------------------------------------------------------------------- along an axis
def numerical(f, x, h=1e-6):
    """The gradient of a function of an array by central differences."""
    g = np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[i] = h
        g[i] = (f(x + step) - f(x - step)) / (2 * h)
    return g


def naive_softmax(x, axis):
    e = np.exp(x)
    return e / e.sum(axis=axis, keepdims=True)


AXES = [0, 1, -1, (0, 2)]


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_softmax_family(name, axis):
    x, c = RNG.normal(size=(3, 4, 2)), RNG.normal(size=(3, 4, 2))
    plain = {
        "softmax": lambda x: naive_softmax(x, axis),
        "log_softmax": lambda x: np.log(naive_softmax(x, axis)),
        "logsumexp": lambda x: np.log(np.exp(x).sum(axis=axis, keepdims=True)) + 0 * x,
    }[name]
    ours = (
        (lambda x: ops.logsumexp(x, axis=axis, keepdims=True) + 0 * x)
        if name == "logsumexp"
        else lambda x: getattr(ops, name)(x, axis=axis)
    )
    np.testing.assert_allclose(ours(x), plain(x), rtol=1e-12)
    first = grad(lambda x: np.sum(ours(x) * c))
    np.testing.assert_allclose(first(x), numerical(lambda x: (plain(x) * c).sum(), x), rtol=1e-6, atol=1e-8)
    second = grad(lambda x: np.sum(first(x) * c))
    np.testing.assert_allclose(second(x), numerical(lambda x: (first(x) * c).sum(), x), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("axis", [None, 0, (0, 1)])
def test_logsumexp_without_the_axis(axis):
    x = RNG.normal(size=(3, 4))
    np.testing.assert_allclose(ops.logsumexp(x, axis=axis), np.log(np.exp(x).sum(axis=axis)))
    f = lambda x: np.sum(np.square(ops.logsumexp(x, axis=axis)))  # noqa: E731
    np.testing.assert_allclose(
        grad(f)(x), numerical(lambda x: np.square(np.log(np.exp(x).sum(axis=axis))).sum(), x), rtol=1e-6
    )


def test_logsumexp_of_infinities():
    x = np.array([[-np.inf, -np.inf], [-np.inf, 1.0]])
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(ops.logsumexp(x, axis=1), [-np.inf, 1.0])
        np.testing.assert_array_equal(grad(lambda x: ops.logsumexp(x, axis=1)[1])(x), [[0, 0], [0, 1]])
        np.testing.assert_array_equal(grad(lambda x: ops.logsumexp(x, axis=1)[0])(x), np.zeros((2, 2)))


# --------------------------------------------------------------------------------------------------- cross-entropies
def test_cross_entropies_and_their_derivatives():
    x, labels = RNG.normal(size=(5, 4)), np.array([0, 3, 1, 1, 2])
    y, c = RNG.uniform(size=(5, 4)), RNG.normal(size=5)
    log = np.log(naive_softmax(x, -1))
    np.testing.assert_allclose(ops.softmax_cross_entropy(x, y), -(y * log).sum(axis=1))
    np.testing.assert_allclose(ops.sparse_softmax_cross_entropy(x, labels), -log[np.arange(5), labels])
    p = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(ops.sigmoid_cross_entropy(x, y), -y * np.log(p) - (1 - y) * np.log(1 - p))
    for f in (
        lambda x: np.sum(ops.softmax_cross_entropy(x, y) * c),
        lambda x: np.sum(ops.sparse_softmax_cross_entropy(x, labels) * c),
        lambda x: np.sum(ops.sigmoid_cross_entropy(x, y) * c[:, None]),
        lambda x: np.sum(ops.softmax_cross_entropy(y, x) * c),
        lambda x: np.sum(ops.sigmoid_cross_entropy(y, x) * c[:, None]),
    ):
        np.testing.assert_allclose(grad(f)(x), numerical(f, x), rtol=1e-6, atol=1e-8)
        second = lambda x, f=f: np.sum(grad(f)(x) * y)  # noqa: E731
        np.testing.assert_allclose(grad(second)(x), numerical(second, x), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropies_far_out(dtype):
    x = np.array([[1e4, -1e4, 0.0]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert ops.sparse_softmax_cross_entropy(x, np.array([1]))[0] == 2e4
        assert ops.softmax_cross_entropy(x, np.array([[0, 0, 1]], dtype))[0] == 1e4
        np.testing.assert_array_equal(
            ops.sigmoid_cross_entropy(x, np.array([[0, 1, 0]], dtype)), [[1e4, 1e4, np.log(dtype(2))]]
        )
        gradient = grad(lambda x: ops.sparse_softmax_cross_entropy(x, np.array([1]))[0])(x)
    np.testing.assert_array_equal(gradient, [[1, -1, 0]])
    assert gradient.dtype == dtype


def test_logarithms_of_probabilities():
    p = np.array([0.0, 1e-300, 1e-20, 0.3, 1.0])
    tiny = float(np.finfo(float).tiny)
    np.testing.assert_allclose(ops.log_probability(p), [math.log(tiny), *[math.log(t) for t in p[1:]]], rtol=1e-15)
    np.testing.assert_allclose(derivative(ops.log_probability, p), [0, 1e300, 1e20, 1 / 0.3, 1], rtol=1e-12)
    np.testing.assert_allclose(
        ops.log_complement(p), [0, -1e-300, -1e-20, math.log1p(-0.3), math.log(tiny)], rtol=1e-15
    )
    np.testing.assert_allclose(derivative(ops.log_complement, p), [-1, -1, -1, -1 / 0.7, 0], rtol=1e-12)


@pytest.mark.parametrize("shape", [(5, 3), (2, 5, 3)])
def test_affine(shape):
    x, kernel, bias = RNG.normal(size=shape), RNG.normal(size=(3, 4)), RNG.normal(size=4)
    np.testing.assert_allclose(ops.affine(x, kernel, bias), np.dot(x, kernel) + bias)
    c = RNG.normal(size=(*shape[:-1], 4))
    f = lambda x, k, b: np.sum(np.sin(ops.affine(x, k, b)) * c)  # noqa: E731
    for argnum, argument in enumerate([x, kernel, bias]):

        def at(value, argnum=argnum):
            return f(*[value if i == argnum else each for i, each in enumerate([x, kernel, bias])])

        np.testing.assert_allclose(grad(at)(argument), numerical(at, argument), rtol=1e-6, atol=1e-8)
        second = lambda value, at=at: np.sum(np.square(grad(at)(value)))  # noqa: E731
        np.testing.assert_allclose(grad(second)(argument), numerical(second, argument), rtol=1e-5, atol=1e-6)


# --------------------------------------------------------------------------------------------------- remembered logits
def test_probabilities_remember_the_logits_they_were_computed_from():
    z = Tensor([[1.0, 2.0, -3.0]])
    p = activations.softmax(z)
    np.testing.assert_array_equal(activations.logits_of(p, "softmax").numpy(), z.numpy())
    assert activations.logits_of(p, "sigmoid") is None
    assert activations.logits_of(z, "softmax") is None
    assert activations.logits_of(activations.softmax(np.ones((2, 3)), axis=0), "softmax") is None
    assert repr(p).startswith("Tensor([[")


def test_whatever_is_computed_from_probabilities_forgets():
    p = activations.sigmoid(Tensor([0.5, 1.0]))
    for q in (p * 1.0, p[:], p.copy(), p.reshape(2, 1), -p, np.exp(p), Tensor(p), p.astype("float32"), Tensor.alias(p)):
        assert activations.logits_of(q, "sigmoid") is None
    assert activations.logits_of(p, "sigmoid") is not None
    q = p
    q += 1
    assert q is p
    assert activations.logits_of(p, "sigmoid") is None
    p = activations.sigmoid(Tensor([0.5, 1.0]))
    p[:1][0] = 0.25
    assert activations.logits_of(p, "sigmoid") is None


@pytest.mark.parametrize("recording", [False, True])
def test_writing_an_item_forgets_the_logits(recording):
    z = Variable([0.5, 1.0])
    with GradientTape() as tape:
        p = activations.sigmoid(z)
        if recording:
            p[0] = 0.25
    if not recording:
        p[0] = 0.25
    assert activations.logits_of(p, "sigmoid") is None
    assert p.numpy()[0] == 0.25
    assert tape is not None


def test_changing_the_logits_afterwards_does_not_change_what_is_remembered():
    z = Tensor([0.5, 1.0])
    w = Variable([0.5, 1.0])
    p, q = activations.sigmoid(z), activations.sigmoid(w)
    z[0] = 9.0
    w.assign([9.0, 9.0])
    for each in (p, q):
        np.testing.assert_array_equal(activations.logits_of(each, "sigmoid").numpy(), [0.5, 1.0])


# --------------------------------------------------------------------------------------------------- look-up
def test_activations_by_name():
    assert activations.get("LeakyRelu") is activations.leaky_relu
    assert activations.get(None) is activations.linear
    own = lambda x: x  # noqa: E731
    assert activations.get(own) is own


def test_unknown_activation_lists_those_there_are():
    with pytest.raises(
        ArgumentError,
        match=r"there is no activation named 'rellu'. Those there are: elu, exponential, gelu, leaky_relu, linear",
    ):
        activations.get("rellu")


def test_softmax_of_a_number():
    with pytest.raises(ShapeError, match=r"softmax needs at least one axis to add up along: received shape \(\)"):
        activations.softmax(1.0)


# -------------------------------------------------------------------------------- every rule has its place in the table
def rules_of_ops():
    return {fn for name in ops.__all__ if (fn := getattr(ops, name)) in RULES}


def test_every_rule_has_a_sample():
    assert rules_of_ops() == SAMPLES.keys()


@pytest.mark.parametrize(("fn", "i"), [(fn, i) for fn, samples in SAMPLES.items() for i in range(len(samples))])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_samples_agree_with_differences_to_second_order(fn, i, dtype):
    args, kwargs = SAMPLES[fn][i].make(np.random.default_rng(i), np.dtype(dtype))
    places = [n for n, each in enumerate(args) if isinstance(each, np.ndarray) and each.dtype.kind == "f"]

    def f(*floats):
        given = iter(floats)
        return np.sum(np.sin(fn(*[next(given) if n in places else each for n, each in enumerate(args)], **kwargs)))

    check_gradients(f, *[args[n] for n in places], order=2).assert_ok()
