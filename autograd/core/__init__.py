"""The engine. Its modules import those before them only, and are read in this order:

- `nest`: containers and their leaves.
- `tracing`, `recorder`: who listens to operations; the records that a recorder keeps.
- `value`: the array inside a tensor, and the ways out of it.
- `arguments`: the arguments that an operation takes, opened to arrays.
- `tensor`: `Tensor`, and `apply`, through which every operation goes.
- `convert`: results given back as the arguments were given.
- `variable`: the one thing with state.
- `backward`: the chain rule, as one loop over records.
- `tape`: the block that records, the tensors that it watches, and `gradient`.

Two packages stand below. `autograd.registry` holds all facts of a function, its derivative first. `autograd.arrays`
holds the methods of arrays and other matters in which a tensor is an array and no more.

Everything here is internal, but for the names that HIPS autograd has in this place. Those of them that stand above the
engine are found there when they are asked for. The public names are those of `autograd` and `autograd.extend`.
"""

from typing import TYPE_CHECKING

from autograd.registry.define import defjvp as defjvp
from autograd.registry.define import deflinear as deflinear
from autograd.registry.define import defvjp as defvjp
from autograd.registry.define import operation as primitive
from autograd.registry.elsewhere import names_of

__all__ = ["defjvp", "deflinear", "defvjp", "primitive"]

_IN_EXTEND = "VSpace def_linear defjvp_argnum defjvp_argnums defvjp_argnum defvjp_argnums vspace"

if not TYPE_CHECKING:  # a type checker takes this for a promise of every name
    __getattr__ = names_of(
        __name__,
        {
            "make_vjp": "autograd.transforms.makers:make_unary_vjp",
            "make_jvp": "autograd.transforms.makers:make_unary_jvp",
            "Box": "autograd.tracer:Box",
            "getval": "autograd.tracer:getval",
            "isbox": "autograd.tracer:isbox",
            **{name: f"autograd.extend:{name}" for name in _IN_EXTEND.split()},
        },
    )
