"""The names of `scipy.stats.dirichlet`, differentiable."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special, stats

from autograd.numpy.wrapping import wrap_composite
from autograd.registry.define import defcomposite, defvjp, operation
from autograd.rules.shape import array_of
from autograd.scipy.stats.families import array


@operation
def _density(x: Any, alpha: Any) -> Any:
    return stats.dirichlet.logpdf(x, alpha)


def _all_but_last(x: Any, alpha: Any) -> bool:
    return bool(np.shape(x)[0] == np.shape(alpha)[0] - 1)


def _by_x(g: Any, _: Any, x: Any, alpha: Any) -> Any:
    """``(alpha - 1) / x``; the last component, where it is not given, is 1 less all others."""
    powers = np.reshape(alpha - 1, (-1,) + (1,) * (np.ndim(x) - 1))
    if _all_but_last(x, alpha):
        return g * (powers[:-1] / x - powers[-1:] / (1 - np.sum(x, axis=0, keepdims=True)))
    return g * powers / x


def _by_alpha(g: Any, _: Any, x: Any, alpha: Any) -> Any:
    """``log(x) - psi(alpha) + psi(sum of alpha)``, over all points."""
    if _all_but_last(x, alpha):
        x = np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)], axis=0)
    over = tuple(range(1, np.ndim(x)))
    return np.sum(g * np.log(x), axis=over) + np.sum(g) * (special.psi(np.sum(alpha)) - special.psi(alpha))


defvjp(_density, _by_x, _by_alpha, static=True, fresh=True)


@defcomposite(stats.dirichlet.logpdf)
def _logpdf(x: Any, alpha: Any) -> Any:
    return _density(array_of(array(x)), array_of(array(alpha)))


@defcomposite(stats.dirichlet.pdf)
def _pdf(x: Any, alpha: Any) -> Any:
    return np.exp(_logpdf(x, alpha))


pdf = wrap_composite(stats.dirichlet.pdf)
logpdf = wrap_composite(stats.dirichlet.logpdf)
