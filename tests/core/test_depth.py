"""A list in a list, hundreds of times over, is refused with a clear error by everything that takes nests or lists."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import GradientTape, Tensor, grad, jacobian, jvp, value_and_grad, vjp, vmap
from autograd.errors import OperandError


def deep(x, levels):
    for _ in range(levels):
        x = [x]
    return x


def loss(value):
    while isinstance(value, list):
        value = value[0]
    return anp.sum(value**2)


def by_tape(levels):
    x = Tensor(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, deep(x, levels))


WAYS = {
    "grad": lambda n: grad(loss)(deep(np.array(3.0), n)),
    "value_and_grad": lambda n: value_and_grad(loss)(deep(np.array(3.0), n)),
    "jvp": lambda n: jvp(loss, (deep(np.array(3.0), n),), (deep(np.array(1.0), n),)),
    "vjp": lambda n: vjp(loss, deep(np.array(3.0), n))[1](1.0),
    "vmap": lambda n: vmap(loss)(deep(np.array([3.0]), n)),
    "jacobian": lambda n: jacobian(loss)(deep(np.array(3.0), n)),
    "compile": lambda n: autograd.compile(loss)(deep(np.array(3.0), n)),
    "tape.gradient": by_tape,
    "Tensor": lambda n: Tensor(deep(3.0, n)),
    "Tensor of a tensor": lambda n: Tensor(deep(Tensor(3.0), n)),
    "sum": lambda n: anp.sum(deep(Tensor(3.0), n)),
    "stack": lambda n: anp.stack(deep(Tensor(3.0), n)),
    "array": lambda n: anp.array(deep(Tensor(3.0), n)),
}


@pytest.mark.parametrize("levels", [900, 5000])
@pytest.mark.parametrize("way", WAYS)
def test_a_list_that_is_nested_too_deep_is_refused(way, levels):
    with pytest.raises(OperandError, match="nested deeper than Python's stack allows"):
        WAYS[way](levels)


def test_a_list_of_fifty_levels_is_differentiated():
    gradient = grad(loss)(deep(np.array(3.0), 50))
    for _ in range(50):
        (gradient,) = gradient
    assert gradient == 6.0
