"""How to add an operation of your own, with its derivative.

An operation is a function of arrays that does not change its arguments. :func:`operation` (also called :func:`primitive`) lets
tensors intercept it, and a rule gives its derivative: :func:`defvjp` takes one rule for each argument, :func:`defjoint` one for all
of them, :func:`defconstant` says that there is none to give, :func:`defcomposite` that a function is made of others, and
:func:`defselection` that it passes some elements on and drops others. Rules are plain NumPy, ``rule(g, ans, *args, **kwargs)``, and are
written once for all orders; :mod:`autograd.registry` describes them in full.

Examples
--------
>>> import numpy as np
>>> from autograd import grad
>>> @operation
... def cube(x):
...     return x * x * x
>>> defvjp(cube, lambda g, _, x: g * 3 * x * x)
>>> grad(cube)(2.0), grad(grad(cube))(2.0)
(12.0, 12.0)

A function that runs in C and knows arrays only is wrapped in the same way::

    library = ctypes.CDLL("libphysics.so")

    @operation
    def potential(x):
        x = np.ascontiguousarray(x, np.float64)
        out = np.empty_like(x)
        library.potential(x.ctypes, out.ctypes, x.size)
        return out

    defvjp(potential, lambda g, _, x: -g * force(x), elementwise=True)
"""

from autograd.registry import Spec, defcomposite, defconstant, defjoint, defselection, defvjp, operation
from autograd.tensor import apply

primitive = operation

__all__ = ["Spec", "apply", "defcomposite", "defconstant", "defjoint", "defselection", "defvjp", "operation", "primitive"]
