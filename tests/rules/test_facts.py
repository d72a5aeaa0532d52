"""The facts in entries of the registry, against NumPy itself on the samples."""

import numpy as np
import pytest

import autograd.numpy as anp
import autograd.scipy.samples
from autograd.registry.entries import RULES, module_of, name_of
from autograd.samples import SAMPLES

ALL = SAMPLES | autograd.scipy.samples.SAMPLES
OPERATIONS = ("rule", "constant", "discrete", "refused", "maker")
OURS = sorted((fn for fn in RULES if module_of(fn).split(".")[0] in ("autograd", "numpy", "scipy")), key=name_of)


def entries(what):
    """Return the functions that are operations themselves, and have samples, by their names."""
    found = [fn for fn in OURS if fn in ALL and RULES[fn].kind in OPERATIONS and what(RULES[fn])]
    return pytest.mark.parametrize("fn", found, ids=name_of)


def arguments(sample, dtype):
    """Draw the arguments of a sample."""
    args, kwargs = sample.make(np.random.default_rng(0), dtype)
    places = sample.sources(args)
    arrays = [args[place[0]] if len(place) == 1 else args[place[0]][place[1]] for place in places]
    return sample.filled(args, places, arrays), kwargs


def drawn(fn):
    """Yield the arguments of each sample in each of its dtypes."""
    for sample in ALL[fn]:
        for dtype in sample.dtypes:
            yield arguments(sample, dtype)


def arrays_in(value):
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, (tuple, list)):
        return [array for each in value for array in arrays_in(each)]
    return []


def run(fn, args, kwargs):
    with np.errstate(all="ignore"):
        return fn(*args, **kwargs)


# --------------------------------------------------------------------------------------------------- nothing is unknown
def test_no_function_is_without_an_entry():
    namespaces = (anp, anp.linalg, anp.fft)
    found = [getattr(part, name) for part in namespaces for name in dir(part)]
    known = {each.__wrapped__ for each in found if hasattr(each, "__wrapped__") and "autograd" in each.__module__}
    assert len(known) > 300
    assert sorted(name_of(fn) for fn in known if fn not in RULES) == []


def test_no_fact_of_a_function_is_unknown():
    unknown = [name_of(fn) for fn in OURS if not RULES[fn].kind]
    assert unknown == [], "say how their derivatives are found: defvjp, defcomposite, defconstant, defrefused, defacts"
    unknown = [
        name_of(fn)
        for fn in OURS
        if RULES[fn].kind in OPERATIONS
        and RULES[fn].reads == "values"
        and not (RULES[fn].static is not None and RULES[fn].fresh is not None)
    ]
    assert unknown == [], "say whether they return views (fresh) and shapes that follow from shapes (static): defacts"


# --------------------------------------------------------------------------------------------------- each fact is true
@entries(lambda entry: entry.fresh)
def test_what_is_fresh_shares_no_memory_with_an_operand(fn):
    for args, kwargs in drawn(fn):
        for out in arrays_in(run(fn, args, kwargs)):
            assert not any(np.shares_memory(out, each) for each in arrays_in(args)), (args, kwargs)


@entries(lambda entry: not entry.fresh)
def test_what_is_not_fresh_returns_a_view_of_an_operand(fn):
    shared = [
        np.shares_memory(out, each)
        for args, kwargs in drawn(fn)
        for out in arrays_in(run(fn, args, kwargs))
        for each in arrays_in(args)
    ]
    assert any(shared)


@entries(lambda entry: entry.static)
def test_a_static_shape_does_not_follow_the_values(fn):
    for args, kwargs in drawn(fn):
        expected = [(out.shape, out.dtype) for out in arrays_in(run(fn, args, kwargs))]
        for factor in (0.75, -1.0, 0.0):
            try:
                with np.errstate(all="ignore"):
                    other = replaced(args, lambda x, factor=factor: x * np.asarray(factor, x.dtype))
                found = run(fn, other, kwargs)
            except (np.linalg.LinAlgError, ValueError):
                continue
            assert [(out.shape, out.dtype) for out in arrays_in(found)] == expected


@entries(lambda entry: entry.analytic)
def test_an_analytic_function_satisfies_the_equations_of_cauchy_and_riemann(fn):
    assert not any(turns(fn, sample) for sample in ALL[fn] if "complex128" in sample.dtypes)


@entries(lambda entry: not entry.analytic)
def test_what_is_not_analytic_does_not(fn):
    assert any(turns(fn, sample) for sample in ALL[fn])


def turns(fn, sample):
    """Whether the derivative along ``i v`` is not ``i`` times that along ``v``, where complex numbers make complex
    ones.
    """
    rng, h = np.random.default_rng(1), 1e-5
    args, kwargs = arguments(sample, "complex128")
    steps = [rng.normal(size=x.shape) + 1j * rng.normal(size=x.shape) for x in arrays_in(args) if x.dtype.kind == "c"]

    def moved(t):
        left = iter(steps)
        found = run(fn, replaced(args, lambda x: x + t * next(left) if x.dtype.kind == "c" else x), kwargs)
        return [out for out in arrays_in(found) if out.dtype.kind == "c"]

    def slopes(h):
        return [(ahead - behind) / (2 * h) for ahead, behind in zip(moved(h), moved(-h), strict=True)]

    def differs(along, nearer, across, across_nearer):
        """At elements where both differences have converged: at others the function is not smooth."""
        with np.errstate(all="ignore"):
            size = 1e-4 * (1 + np.abs(along))
            smooth = (np.abs(along - nearer) < size) & (np.abs(across - across_nearer) < size)
            return np.any(smooth & (np.abs(across - along) > 10 * size))

    try:
        found = [slopes(h), slopes(h / 2), slopes(1j * h), slopes(0.5j * h)]
    except np.linalg.LinAlgError:
        return False
    return any(differs(*each) for each in zip(*found, strict=True))


def replaced(value, change):
    if isinstance(value, np.ndarray):
        return change(value) if value.dtype.kind in "fc" else value
    if isinstance(value, (tuple, list)):
        return type(value)([replaced(each, change) for each in value])
    return value
