"""Distributions of `scipy.stats`, differentiable: ``norm.logpdf(x, loc, scale)`` and its like.

They are differentiable in the variable and in every continuous parameter, except where a cumulative distribution
function has no closed derivative (the shape parameters of beta and t): that is refused. Where the value is constant (a
density of 0 outside the support) so is the derivative 0. Single precision stays single precision, where SciPy itself
computes in double precision.

Each stands in a module of its name, `import autograd.scipy.stats.norm as norm`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scipy import stats as _of_scipy

from autograd.scipy.stats import beta as beta
from autograd.scipy.stats import chi2 as chi2
from autograd.scipy.stats import dirichlet as dirichlet
from autograd.scipy.stats import gamma as gamma
from autograd.scipy.stats import multivariate_normal as multivariate_normal
from autograd.scipy.stats import norm as norm
from autograd.scipy.stats import poisson as poisson
from autograd.scipy.stats import t as t

if not TYPE_CHECKING:  # a type checker takes this for a promise of every name

    def __getattr__(name: str) -> Any:
        if hasattr(_of_scipy, name):
            raise AttributeError(
                f"autograd.scipy.stats has no {name}: scipy.stats.{name} computes it, without a derivative."
            )
        raise AttributeError(f"neither autograd.scipy.stats nor scipy.stats has a {name}.")
