"""The names of `numpy.random`: they draw the numbers that NumPy draws from the same seed, and return tensors.

Where NumPy makes a draw by transforming numbers that do not depend on a parameter, as ``loc + scale * z`` with a
standard normal ``z``, the draw is differentiable with respect to that parameter (Kingma and Welling, "Auto-Encoding
Variational Bayes", 2014, section 2.4). With respect to the parameters of all other distributions it is not, and a
tracked one is refused.

NumPy loads its random numbers when they are first asked for, and so does this module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.core.recorder import active_recorders
from autograd.core.tensor import Tensor, new_tensor
from autograd.core.tracing import active_tracer
from autograd.errors import NoDerivativeError, OperandError, ShapeError

Size = int | Sequence[int] | None
_WRITERS = {"random", "standard_exponential", "standard_gamma", "standard_normal"}  # those that take out=


def _tensor(source: _Source, draw: Callable[[], Any]) -> Any:
    """Make a tensor of what NumPy draws: a number or an array of numbers; anything else (bytes, strings) stays as it
    is.
    """
    tracer = active_tracer()
    if tracer is not None and source._seeded_by is tracer:  # in every run the same numbers
        tracer = None
    drawn = draw() if tracer is None else tracer.drawn(draw)
    if not isinstance(drawn, (np.ndarray, np.generic, float, int)):
        return drawn
    array = np.asarray(drawn)
    if array.dtype.kind not in "biufc":
        return drawn
    tensor = new_tensor(array if array.base is None else array.copy())
    if tracer is not None:
        tracer.draw(draw, tensor._value)
    return tensor


def _is_tracked(value: Any) -> bool:
    return isinstance(value, Tensor) and value._is_followed()


def _constant(name: str, value: Any) -> Any:
    """Return what NumPy takes in place of an argument, which has no derivative."""
    if not isinstance(value, Tensor):
        return value
    if any(recorder.tracks(value._id) for recorder in active_recorders()):
        raise NoDerivativeError(
            f"a draw of {name} has no derivative with respect to this argument, which is tracked (received shape "
            f"{value.shape}, dtype {value.dtype}). Detach it with .numpy() if it is meant to be constant, or draw "
            "numbers that do not depend on it, such as standard_normal(), and transform them."
        )
    return value.numpy()[()]


def _plain(name: str) -> Callable[..., Any]:
    """Make the method for a distribution in whose parameters a draw has no derivative."""

    def draw(self: _Source, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("out") is not None or (
            name in _WRITERS and any(isinstance(arg, (np.ndarray, Tensor)) for arg in args[2:])
        ):
            raise OperandError(
                f"{name} cannot write its draw into out=: a tensor is a value. Bind the result to a name instead."
            )
        constants = [_constant(name, arg) for arg in args]
        options = {key: _constant(name, arg) for key, arg in kwargs.items()}
        return _tensor(self, lambda: getattr(self._numpy(), name)(*constants, **options))

    draw.__name__ = name
    draw.__doc__ = f"See `numpy.random.Generator.{name}` or `numpy.random.{name}`. Returns tensors; has no derivative."
    return draw


class _Source:
    """The methods that NumPy's generators, the new and the old one, have in common."""

    __slots__ = ("_seeded_by",)

    _seeded_by: Any  # the tracer of a function that made it from a seed

    def _numpy(self) -> Any:
        """Return what draws."""
        raise OperandError("draw from a Generator or a RandomState.")

    def _drawn(
        self,
        name: str,
        parameters: tuple[Any, ...],
        size: Size,
        standard: tuple[Any, ...],
        transform: Callable[..., Any],
    ) -> Any:
        """Draw from a distribution: by NumPy's function of that name, or where a parameter is tracked by a transform of
        a standard draw.

        Parameters
        ----------
        name : str
        parameters : tuple of array_like
        size : int or tuple of int, optional
        standard : tuple
            The name of the function that makes the standard draw, and its arguments.
        transform : callable
            Takes the standard draw and the parameters.
        """
        source = self._numpy()
        parameters = tuple([Tensor(p) if isinstance(p, (list, tuple)) else p for p in parameters])
        values = [p.numpy() if isinstance(p, Tensor) else p for p in parameters]
        if not any(map(_is_tracked, parameters)):
            return _tensor(self, lambda: getattr(source, name)(*values, size))
        shape = (
            np.broadcast_shapes(*map(np.shape, values))
            if size is None
            else tuple(np.atleast_1d(np.asarray(size, int)).tolist())
        )
        getattr(source, name)(*values, (0, *shape))  # draws nothing, but checks the parameters as NumPy does
        function, *constants = standard
        return transform(_tensor(self, lambda: getattr(source, function)(*constants, shape)), *parameters)

    # -- draws that are differentiable in their parameters
    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Any:
        """See `numpy.random.Generator.normal`. Differentiable in both parameters."""
        return self._drawn("normal", (loc, scale), size, ("standard_normal",), _located)

    def lognormal(self, mean: Any = 0.0, sigma: Any = 1.0, size: Size = None) -> Any:
        """See `numpy.random.Generator.lognormal`. Differentiable in both parameters."""
        return self._drawn(
            "lognormal", (mean, sigma), size, ("standard_normal",), lambda z, mean, sigma: np.exp(mean + sigma * z)
        )

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Size = None) -> Any:
        """See `numpy.random.Generator.uniform`. Differentiable in both bounds."""
        return self._drawn("uniform", (low, high), size, ("random",), lambda u, low, high: low + (high - low) * u)

    def exponential(self, scale: Any = 1.0, size: Size = None) -> Any:
        """See `numpy.random.Generator.exponential`. Differentiable in the scale."""
        return self._drawn("exponential", (scale,), size, ("standard_exponential",), lambda z, scale: scale * z)

    def rayleigh(self, scale: Any = 1.0, size: Size = None) -> Any:
        """See `numpy.random.Generator.rayleigh`. Differentiable in the scale."""
        return self._drawn("rayleigh", (scale,), size, ("rayleigh", 1.0), lambda z, scale: scale * z)

    def laplace(self, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Any:
        """See `numpy.random.Generator.laplace`. Differentiable in both parameters."""
        return self._drawn("laplace", (loc, scale), size, ("laplace", 0.0, 1.0), _located)

    def logistic(self, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Any:
        """See `numpy.random.Generator.logistic`. Differentiable in both parameters."""
        return self._drawn("logistic", (loc, scale), size, ("logistic", 0.0, 1.0), _located)

    def gumbel(self, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Any:
        """See `numpy.random.Generator.gumbel`. Differentiable in both parameters."""
        return self._drawn("gumbel", (loc, scale), size, ("gumbel", 0.0, 1.0), _located)

    def weibull(self, a: Any, size: Size = None) -> Any:
        """See `numpy.random.Generator.weibull`. Differentiable in the shape, where it is not 0."""
        return self._drawn("weibull", (a,), size, ("standard_exponential",), _weibull)

    def pareto(self, a: Any, size: Size = None) -> Any:
        """See `numpy.random.Generator.pareto`. Differentiable in the shape."""
        return self._drawn("pareto", (a,), size, ("standard_exponential",), lambda z, a: np.expm1(z / a))

    def power(self, a: Any, size: Size = None) -> Any:
        """See `numpy.random.Generator.power`. Differentiable in the exponent."""
        return self._drawn("power", (a,), size, ("standard_exponential",), lambda z, a: (-np.expm1(-z)) ** (1 / a))

    def triangular(self, left: Any, mode: Any, right: Any, size: Size = None) -> Any:
        """See `numpy.random.Generator.triangular`. Differentiable in all three parameters."""
        return self._drawn("triangular", (left, mode, right), size, ("random",), _triangular)

    def gamma(self, shape: Any, scale: Any = 1.0, size: Size = None) -> Any:
        """See `numpy.random.Generator.gamma`. Differentiable in the scale."""
        shape = _constant("gamma", shape)
        return self._drawn("gamma", (shape, scale), size, ("standard_gamma", shape), lambda z, _, scale: scale * z)

    def multivariate_normal(self, mean: Any, cov: Any, *args: Any, **kwargs: Any) -> Any:
        """See `numpy.random.Generator.multivariate_normal`. Differentiable in the mean."""
        cov = _constant("multivariate_normal", cov)
        mean = Tensor(mean) if isinstance(mean, (list, tuple)) else mean
        draw = self._numpy().multivariate_normal
        if not _is_tracked(mean):
            mean = _constant("multivariate_normal", mean)
            return _tensor(self, lambda: draw(mean, cov, *args, **kwargs))
        return mean + _tensor(self, lambda: draw(np.zeros(mean.shape), cov, *args, **kwargs))

    # -- the order of elements
    def permutation(self, x: Any, *axis: int, **kwargs: int) -> Any:
        """See `numpy.random.Generator.permutation`. Differentiable: it moves the elements."""
        if not isinstance(x, Tensor) or not x.ndim:
            x = _constant("permutation", x)
            return _tensor(self, lambda: self._numpy().permutation(x, *axis, **kwargs))
        return _permuted(self, x, *axis, **kwargs)

    def shuffle(self, x: Any, *axis: int, **kwargs: int) -> None:
        """See `numpy.random.Generator.shuffle`. The handle of a tensor gets another value, as `permutation` returns it;
        an array changes.
        """
        if isinstance(x, Tensor):
            x[...] = self.permutation(x, *axis, **kwargs)
        else:
            self._numpy().shuffle(x, *axis, **kwargs)

    # -- draws that are not differentiable in their parameters
    beta = _plain("beta")
    binomial = _plain("binomial")
    bytes = _plain("bytes")
    chisquare = _plain("chisquare")
    dirichlet = _plain("dirichlet")
    f = _plain("f")
    geometric = _plain("geometric")
    hypergeometric = _plain("hypergeometric")
    logseries = _plain("logseries")
    multinomial = _plain("multinomial")
    negative_binomial = _plain("negative_binomial")
    noncentral_chisquare = _plain("noncentral_chisquare")
    noncentral_f = _plain("noncentral_f")
    poisson = _plain("poisson")
    random = _plain("random")
    standard_cauchy = _plain("standard_cauchy")
    standard_exponential = _plain("standard_exponential")
    standard_gamma = _plain("standard_gamma")
    standard_normal = _plain("standard_normal")
    standard_t = _plain("standard_t")
    vonmises = _plain("vonmises")
    wald = _plain("wald")
    zipf = _plain("zipf")


def _located(z: Any, loc: Any, scale: Any) -> Any:
    return loc + scale * z


def _weibull(z: Any, a: Any) -> Any:
    if np.any(np.equal(a, 0)):
        raise OperandError(
            "a draw of weibull is differentiable in a shape that is not 0: received 0, for which every draw is 0."
        )
    return z ** (1 / a)


def _triangular(u: Any, left: Any, mode: Any, right: Any) -> Any:
    """The inverse of the distribution function, which is a parabola on either side of the mode."""
    rising = left + np.sqrt(u * ((mode - left) * (right - left)))
    falling = right - np.sqrt((1 - u) * ((right - mode) * (right - left)))
    return np.where(u <= (mode - left) / (right - left), rising, falling)


def _permuted(source: _Source, x: Tensor, axis: int = 0) -> Any:
    return np.take(x, _tensor(source, lambda: source._numpy().permutation(x.shape[axis])), axis=axis)


def _tracer_that_repeats(seed: Any) -> Any:
    """Return the tracer of a function that makes a generator from a seed of its own: each run makes it anew. None where
    the numbers differ from run to run, or nothing is traced.
    """
    shared = isinstance(seed, (np.random.Generator, np.random.BitGenerator, np.random.RandomState))
    return None if seed is None or shared else active_tracer()


def _refuse_to_trace(source: _Source, what: str) -> None:
    """Let a tracer know that a function changes a generator that it did not make."""
    tracer = active_tracer()
    if tracer is not None and source._seeded_by is not tracer:
        tracer.refuse(f"it {what} a generator of random numbers, which draws go on from")


class Generator(_Source):
    """NumPy's generator of random numbers, drawing tensors. Made by `default_rng`.

    Parameters
    ----------
    bit_generator : numpy.random.BitGenerator
        Holds the state. ``numpy.random.Generator(rng.bit_generator)`` draws on from the same state, as arrays.

    Examples
    --------
    >>> slope = autograd.grad(lambda scale: default_rng(0).normal(0.0, scale))(2.0)
    >>> slope == default_rng(0).standard_normal()
    Tensor(True, shape=(), dtype=bool)
    """

    __slots__ = ("_generator",)

    def __init__(self, bit_generator: np.random.BitGenerator) -> None:
        self._generator = np.random.Generator(bit_generator)
        self._seeded_by = None

    def _numpy(self) -> np.random.Generator:
        return self._generator

    @property
    def bit_generator(self) -> np.random.BitGenerator:
        return self._generator.bit_generator

    def spawn(self, n_children: int) -> list[Generator]:
        """See `numpy.random.Generator.spawn`."""
        _refuse_to_trace(self, "spawns from")
        children = [Generator(child.bit_generator) for child in self._generator.spawn(n_children)]
        for child in children:
            child._seeded_by = self._seeded_by
        return children

    def __repr__(self) -> str:
        return f"Generator({type(self.bit_generator).__name__})"

    def choice(
        self, a: Any, size: Size = None, replace: bool = True, p: Any = None, axis: int = 0, shuffle: bool = True
    ) -> Any:
        """See `numpy.random.Generator.choice`. Differentiable: it picks elements. Not in the probabilities."""
        p = _constant("choice", p)
        if not isinstance(a, Tensor) or not a.ndim:
            a = _constant("choice", a)
            return _tensor(self, lambda: self._generator.choice(a, size, replace, p, axis, shuffle))
        return np.take(
            a,
            _tensor(self, lambda: self._generator.choice(a.shape[axis], size, replace, p, shuffle=shuffle)),
            axis=axis,
        )

    def permuted(self, x: Any, *, axis: int | None = None) -> Any:
        """See `numpy.random.Generator.permuted`. Differentiable: it moves the elements."""
        if not isinstance(x, Tensor):
            return _tensor(self, lambda: self._generator.permuted(x, axis=axis))
        if axis is None:
            return np.reshape(np.take(x, _tensor(self, lambda: self._generator.permuted(np.arange(x.size)))), x.shape)
        places = _tensor(self, lambda: self._generator.permuted(np.indices(x.shape)[axis], axis=axis))
        return np.take_along_axis(x, places, axis)

    integers = _plain("integers")
    multivariate_hypergeometric = _plain("multivariate_hypergeometric")


class RandomState(_Source):
    """NumPy's older generator of random numbers, drawing tensors. See `numpy.random.RandomState`.

    Parameters
    ----------
    seed : int, array_like, numpy.random.BitGenerator, optional
    """

    __slots__ = ("_state",)

    def __init__(self, seed: Any = None) -> None:
        self._state = np.random.RandomState(seed)
        self._seeded_by = _tracer_that_repeats(seed)

    def _numpy(self) -> Any:
        return self._state

    def choice(self, a: Any, size: Size = None, replace: bool = True, p: Any = None) -> Any:
        """See `numpy.random.choice`. Differentiable: it picks elements. Not in the probabilities."""
        p = _constant("choice", p)
        if not isinstance(a, Tensor) or not a.ndim:
            a = _constant("choice", a)
            return _tensor(self, lambda: self._numpy().choice(a, size, replace, p))
        if a.ndim > 1:
            raise ShapeError(
                f"choice takes one axis: received shape {a.shape}. The choice of a Generator, default_rng().choice, "
                f"takes several."
            )
        return np.take(a, _tensor(self, lambda: self._numpy().choice(len(a), size, replace, p)))

    def seed(self, seed: Any = None) -> None:
        """Set the seed of the generator that it shares with NumPy. See `numpy.random.seed`."""
        _refuse_to_trace(self, "seeds")
        self._numpy().seed(seed)

    def get_state(self, legacy: bool = True) -> Any:
        """Return the state of the generator that it shares with NumPy. See `numpy.random.get_state`."""
        return self._numpy().get_state(legacy)

    def set_state(self, state: Any) -> None:
        """Set the state of the generator that it shares with NumPy. See `numpy.random.set_state`."""
        _refuse_to_trace(self, "sets the state of")
        self._numpy().set_state(state)

    rand = _plain("rand")
    randint = _plain("randint")
    randn = _plain("randn")
    random_integers = _plain("random_integers")
    random_sample = _plain("random_sample")
    tomaxint = _plain("tomaxint")


class _Shared(RandomState):
    """The generator behind the functions of `numpy.random`, whose seed `numpy.random.seed` sets."""

    __slots__ = ()

    def __init__(self) -> None:
        self._seeded_by = None

    def _numpy(self) -> Any:
        return np.random


def default_rng(seed: Any = None) -> Generator:
    """Return a generator of tensors. See `numpy.random.default_rng`.

    Parameters
    ----------
    seed : int, array_like of int, SeedSequence, BitGenerator, Generator, optional
        A generator is returned as it is. One of NumPy's shares its state.

    Examples
    --------
    >>> default_rng(0).normal(size=2)
    Tensor([ 0.12573022, -0.13210486], shape=(2,), dtype=float64)
    """
    if isinstance(seed, Generator):
        return seed
    made = Generator(np.random.default_rng(seed).bit_generator)
    made._seeded_by = _tracer_that_repeats(seed)
    return made


_shared = _Shared()
beta = _shared.beta
binomial = _shared.binomial
bytes = _shared.bytes
chisquare = _shared.chisquare
choice = _shared.choice
dirichlet = _shared.dirichlet
exponential = _shared.exponential
f = _shared.f
gamma = _shared.gamma
geometric = _shared.geometric
get_state = _shared.get_state
gumbel = _shared.gumbel
hypergeometric = _shared.hypergeometric
laplace = _shared.laplace
logistic = _shared.logistic
lognormal = _shared.lognormal
logseries = _shared.logseries
multinomial = _shared.multinomial
multivariate_normal = _shared.multivariate_normal
negative_binomial = _shared.negative_binomial
noncentral_chisquare = _shared.noncentral_chisquare
noncentral_f = _shared.noncentral_f
normal = _shared.normal
pareto = _shared.pareto
permutation = _shared.permutation
poisson = _shared.poisson
power = _shared.power
rand = _shared.rand
randint = _shared.randint
randn = _shared.randn
random = ranf = sample = _shared.random
random_integers = _shared.random_integers
random_sample = _shared.random_sample
rayleigh = _shared.rayleigh
seed = _shared.seed
set_state = _shared.set_state
shuffle = _shared.shuffle
standard_cauchy = _shared.standard_cauchy
standard_exponential = _shared.standard_exponential
standard_gamma = _shared.standard_gamma
standard_normal = _shared.standard_normal
standard_t = _shared.standard_t
triangular = _shared.triangular
uniform = _shared.uniform
vonmises = _shared.vonmises
wald = _shared.wald
weibull = _shared.weibull
zipf = _shared.zipf


if not TYPE_CHECKING:  # a type checker takes this for a promise of every name

    def __getattr__(name: str) -> Any:
        """Return what has nothing to do with tensors, such as the bit generators and SeedSequence, as NumPy has it."""
        if name.startswith("_") or not hasattr(np.random, name):
            raise AttributeError(f"neither autograd.numpy.random nor numpy.random has a {name}.")
        return getattr(np.random, name)
