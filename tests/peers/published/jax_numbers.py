"""Compute the problems with JAX, in float64: run in its own process, and kept beside this file.

::

    python tests/peers/published/jax_numbers.py > tests/peers/published/numbers.json      # with release 0.10.2

JAX takes each derivative forward and in reverse, and its two results must agree before they are kept.
"""

import json
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy
from jax.experimental.ode import odeint
from problems import PROBLEMS, ode_fit_by

jax.config.update("jax_enable_x64", True)


def agreed(name, point, *derivatives):
    """Return the derivative that was computed in several ways, to 14 digits."""
    found = [numpy.asarray(derivative(point)) for derivative in derivatives]
    for other in found[1:]:
        assert numpy.max(numpy.abs(other - found[0])) <= 1e-11 * numpy.max(numpy.abs(found[0])), name
    assert found[0].dtype == numpy.float64, name
    return numpy.vectorize(lambda x: float(f"{x:.14g}"))(found[0]).tolist()


def numbers_of(name, problem):
    outputs, value = partial(problem.outputs, jnp), partial(problem.value, jnp)
    return {
        "value": agreed(name, problem.point, value),
        "gradient": agreed(name, problem.point, jax.grad(value), jax.jacfwd(value)),
        "Jacobian": agreed(name, problem.point, jax.jacrev(outputs), jax.jacfwd(outputs)),
        "Hessian": agreed(
            name,
            problem.point,
            jax.jacfwd(jax.jacrev(value)),
            jax.jacrev(jax.jacrev(value)),
            jax.jacfwd(jax.jacfwd(value)),
        ),
    }


def by_odeint():
    value = partial(ode_fit_by(partial(odeint, rtol=1e-12, atol=1e-12)), jnp)
    point = PROBLEMS["ODE fit"].point
    return {"value": agreed("odeint", point, value), "gradient": agreed("odeint", point, jax.grad(value))}


if __name__ == "__main__":
    numbers = {name: numbers_of(name, problem) for name, problem in PROBLEMS.items()}
    parts = [f"{json.dumps(name)}: {json.dumps(each)}" for name, each in {**numbers, "odeint": by_odeint()}.items()]
    sys.stdout.write("{\n" + ",\n".join(parts) + "\n}\n")
