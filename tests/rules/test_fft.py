"""Discrete Fourier transforms against their matrices, and at their edges."""

import itertools

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, grad
from autograd.core.tensor import call
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.samples import SAMPLES

NAMES = [name for name in np.fft.__all__ if not name.endswith("freq")]
ONE_AXIS = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]
NORMS = [None, "backward", "ortho", "forward"]


def drawn(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape)
    return (x + 1j * rng.normal(size=shape) if np.dtype(dtype).kind == "c" else x).astype(dtype)


def vjp(fn, x, u, *args, **kwargs):
    """The cotangent of x for the cotangent u: without conjugates, where a tape has them on both sides."""
    x = Tensor(x)
    with GradientTape() as tape:
        tape.watch(x)
        y = fn(x, *args, **kwargs)
    return np.conj(tape.gradient(y, x, np.conj(u)).numpy())


# ----------------------------------------------------------------------------------------------------- the definition
def matrix(n, sign, norm):
    """The transform of length n as a matrix; sign 1 forward, -1 inverse."""
    scale = {
        "backward": 1 if sign > 0 else 1 / n,
        None: 1 if sign > 0 else 1 / n,
        "ortho": n**-0.5,
        "forward": 1 / n if sign > 0 else 1,
    }[norm]
    return scale * np.exp(-2j * np.pi * sign * np.outer(np.arange(n), np.arange(n)) / n)


def by_definition(name, x, n, norm):
    """A transform of a vector by its matrix, written with operations whose derivatives are known already."""
    m = len(x)
    length = n or (2 * (m - 1) if name in ("irfft", "hfft") else m)
    half = length // 2 + 1
    if name in ("irfft", "hfft"):
        x = np.concatenate([x[:half], np.zeros(max(half - m, 0))]) + 0j
        x = x if name == "irfft" else np.conjugate(x)
        first = np.concatenate([np.real(x[:1]), x[1:]])
        if length % 2 == 0:
            first = np.concatenate([first[:-1], np.real(first[-1:])]) if length > 1 else first
        spectrum = np.concatenate([first, np.conjugate(x[1 : (length + 1) // 2])[::-1]])
        F = matrix(
            length, -1, norm if name == "irfft" else {"forward": "backward", "ortho": "ortho"}.get(norm, "forward")
        )
        return np.real(np.matmul(F, spectrum))
    x = np.concatenate([x[:length], np.zeros(max(length - m, 0))])
    F = matrix(length, -1 if name in ("ifft", "ihfft") else 1, norm)
    return np.matmul(F if name in ("fft", "ifft") else F[:half], x)


@pytest.mark.parametrize("name", ONE_AXIS)
@pytest.mark.parametrize("norm", NORMS)
def test_values_and_cotangents_are_those_of_the_matrix(name, norm):
    for m, n, dtype in itertools.product((1, 2, 5, 6), (None, 1, 2, 4, 5, 8, 9), ("float64", "complex128")):
        if (name in ("rfft", "ihfft") and dtype == "complex128") or (
            name in ("irfft", "hfft") and m == 1 and n is None
        ):
            continue
        x = drawn(m, dtype)
        value = getattr(anp.fft, name)(x, n, norm=norm).numpy()
        np.testing.assert_allclose(value, by_definition(name, x, n, norm), atol=1e-12)
        np.testing.assert_allclose(value, getattr(np.fft, name)(x, n, norm=norm), atol=1e-14)
        u = drawn(value.shape, value.dtype, 1)
        c = vjp(getattr(anp.fft, name), x, u, n, norm=norm)
        assert (c.shape, c.dtype) == (x.shape, x.dtype)
        np.testing.assert_allclose(c, vjp(lambda t, m=n: by_definition(name, t, m, norm), x, u), atol=1e-12)


# ---------------------------------------------------------------------------------------------------- values and dtypes
@pytest.mark.parametrize(
    ("name", "i"), [(name, i) for name in NAMES for i in range(len(SAMPLES[getattr(np.fft, name)]))]
)
@pytest.mark.parametrize("given", ["arrays", "tensors", "tracked"])
def test_values_are_those_of_numpy(name, i, given):
    fn = getattr(np.fft, name)
    sample = SAMPLES[fn][i]
    for dtype in sample.dtypes:
        (x, *args), kwargs = sample.make(np.random.default_rng(3), dtype)
        expected = fn(x, *args, **kwargs)
        with GradientTape() as tape:
            x = x if given == "arrays" else Tensor(x)
            if given == "tracked":
                tape.watch(x)
            result = getattr(anp.fft, name)(x, *args, **kwargs)
        assert type(result) is Tensor
        assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_array_equal(result.numpy(), expected)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float32", "complex64", "int64", "float16"])
def test_single_precision_stays(name, dtype):
    fn = getattr(np.fft, name)
    if (dtype == "complex64" and name in ("rfft", "rfft2", "rfftn", "ihfft")) or (dtype == "float16" and "r" in name):
        return
    x = np.arange(12).reshape(3, 4).astype(dtype)
    try:
        expected = fn(x)
    except TypeError:  # NumPy has no real transform of float16
        return
    assert getattr(anp.fft, name)(x).dtype == expected.dtype
    if dtype != "int64":
        c = vjp(getattr(anp.fft, name), x, np.ones_like(expected))
        assert (c.shape, c.dtype) == (x.shape, x.dtype)


def test_a_real_signal_has_a_real_gradient():
    x = drawn(6, "float64")
    spectrum = grad(lambda t: anp.sum(anp.abs(anp.fft.fft(t)) ** 2))(x)
    assert spectrum.dtype == np.float64
    np.testing.assert_allclose(spectrum, 2 * 6 * x)  # Parseval
    np.testing.assert_allclose(grad(lambda t: anp.sum(anp.abs(anp.fft.fft(t, norm="ortho")) ** 2))(x), 2 * x)


def test_lists_and_the_methods_of_numpy_itself():
    x = Tensor([1.0, 2.0, 4.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = np.fft.rfft(x)
        z = anp.fft.fft([x[0], 2.0, x[1]])
        total = anp.sum(anp.real(y)) + anp.real(z)[0]
    assert type(y) is Tensor
    np.testing.assert_allclose(z.numpy(), np.fft.fft([1.0, 2.0, 2.0]))
    np.testing.assert_allclose(tape.gradient(total, x).numpy(), [3.0, 1.5, 0.5])


def test_second_derivatives_mix_frequencies():
    """The Hessian of sum |F x|**4 at a point, by differences of the gradient."""
    x = drawn(5, "float64")
    gradient = grad(lambda t: anp.sum(anp.abs(anp.fft.rfft(t)) ** 4))
    rows = [grad(lambda t, i=i: gradient(t)[i])(x) for i in range(5)]
    step = 1e-5
    numerical = [(gradient(x + step * e) - gradient(x - step * e)) / (2 * step) for e in np.eye(5)]
    np.testing.assert_allclose(rows, numerical, rtol=1e-7)


# ----------------------------------------------------------------------------------------------------- several axes
@pytest.mark.parametrize("name", ["fftn", "ifftn", "rfftn", "irfftn", "fft2", "ifft2", "rfft2", "irfft2"])
def test_several_axes_take_every_form_that_numpy_takes(name):
    x = drawn((3, 4, 5), "float64")
    fn, ours = getattr(np.fft, name), getattr(anp.fft, name)
    forms = [
        {},
        {"axes": None},
        {"axes": (1,)},
        {"axes": (0, 0)},
        {"axes": (2, 0, 2)},
        {"s": (2, 7), "axes": (0, 2)},
        {"s": (-1, 6), "axes": (0, 1)},
        {"s": (4, -1), "axes": (0, 1)},
        {"s": np.array([4, 6]), "axes": np.array([0, 1])},
        {"s": (5, 3, 4), "axes": (1, 0, 1), "norm": "ortho"},
    ]
    for form in forms:
        np.testing.assert_array_equal(ours(x, **form).numpy(), fn(x, **form))
        y = fn(x, **form)
        u, v = drawn(y.shape, y.dtype, 1), drawn(x.shape, x.dtype, 2)
        c = vjp(ours, x, u, **form)
        np.testing.assert_allclose(
            np.sum(c * v), np.sum(np.real(u * fn(v, **form))), rtol=1e-12
        )  # linear: its own tangent


def test_no_axes_leave_the_value_as_it_is():
    x = Tensor(np.arange(3.0))
    assert anp.fft.fftn(x, axes=()).tolist() == [0.0, 1.0, 2.0]
    with pytest.raises(
        ShapeError, match=r"of or to real numbers needs an axis at least: received shape \(3,\) and axes=\(\)"
    ):
        anp.fft.rfftn(x, axes=())


def test_lengths_without_axes_are_those_of_the_last_axes():
    x = drawn((3, 4, 5), "float64")
    expected = np.fft.fftn(x, (2, 3), (-2, -1))
    np.testing.assert_array_equal(anp.fft.fftn(Tensor(x), (2, 3)).numpy(), expected)


# ----------------------------------------------------------------------------------------------------- edges
def test_empty_batches_and_single_elements():
    for name in NAMES:
        fn = getattr(anp.fft, name)
        x, form = np.zeros((0, 2, 3)), {"axes": (-1,)} if name.endswith("n") else {}
        assert vjp(fn, x, np.zeros(fn(x, **form).shape), **form).shape == (0, 2, 3)
    assert vjp(anp.fft.fft, np.array([2.0]), np.array([3.0 + 1j])).tolist() == [3.0]


@pytest.mark.parametrize("name", ONE_AXIS)
def test_errors_are_those_of_numpy(name):
    fn, x = getattr(anp.fft, name), Tensor(np.ones((3, 0)))
    for call_it in (lambda: fn(x), lambda: fn(x, 0), lambda: fn([])):
        with pytest.raises(ValueError, match=r"Invalid number of FFT data points \(-?\d\) specified"):
            call_it()
    with pytest.raises(ValueError, match="Invalid norm value"):
        fn(Tensor([1.0, 2.0]), norm="both")
    with pytest.raises(IndexError):
        fn(Tensor(1.0))
    with pytest.raises(OperandError, match="cannot write its result into out="):
        fn(Tensor([1.0, 2.0]), out=np.empty(2, complex))


def test_lengths_that_do_not_fit_the_axes_are_refused():
    with pytest.raises(ShapeError, match=r"one length for each axis: received 1, s=\(3,\), and 2, axes=\(0, 1\)"):
        anp.fft.fft2(Tensor(np.ones((3, 3))), (3,), (0, 1))


def test_shifts_are_inverse_to_each_other():
    x = drawn((3, 4), "float64")
    np.testing.assert_array_equal(anp.fft.ifftshift(anp.fft.fftshift(x)).numpy(), x)
    np.testing.assert_array_equal(
        grad(lambda t: anp.sum(anp.fft.fftshift(t, axes=0)[0] * np.arange(4)))(x), [[0] * 4, [0] * 4, range(4)]
    )


# ----------------------------------------------------------------------------------------------------- frequencies
@pytest.mark.parametrize("name", ["fftfreq", "rfftfreq"])
def test_frequencies(name):
    fn, ours = getattr(np.fft, name), getattr(anp.fft, name)
    for n, d in ((1, 1.0), (4, 0.5), (5, 2.0)):
        result = ours(n, d)
        assert type(result) is Tensor
        np.testing.assert_array_equal(result.numpy(), fn(n, d))
        single = ours(n, d=d, dtype="float32", device="cpu")
        assert single.dtype == np.float32
        np.testing.assert_allclose(single.numpy(), fn(n, d), rtol=1e-6)
    np.testing.assert_allclose(grad(lambda d: anp.sum(ours(5, d) ** 2))(2.0), -np.sum(fn(5, 2.0) ** 2))
    with pytest.raises(DtypeError, match="frequencies are real floating-point numbers: received dtype=int64"):
        ours(4, dtype=np.int64)
    with pytest.raises(ValueError, match="n should be an integer"):
        ours(4.5)
    with pytest.raises(ValueError, match="Device not understood"):
        ours(4, device="gpu")


def test_every_name_of_numpy_is_there():
    assert [name for name in np.fft.__all__ if not hasattr(anp.fft, name)] == []
    assert all(call(getattr(np.fft, name), Tensor(np.ones((2, 2)))).size for name in NAMES)
