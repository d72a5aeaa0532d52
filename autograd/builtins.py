"""Python's containers, under the names that HIPS autograd has for them. A nest of these is differentiated as it is, so
no others are needed.

`isinstance` and `type` see the array in a tensor.
"""

import builtins
from typing import TYPE_CHECKING, Any

from autograd.registry.elsewhere import names_of
from autograd.tracer import getval

dict = DictBox = builtins.dict
list = builtins.list
tuple = builtins.tuple


def isinstance(x: Any, kinds: Any) -> bool:
    """Whether a value, or the array in a tensor, is of some class."""
    return builtins.isinstance(x, kinds) or builtins.isinstance(getval(x), kinds)


def type(x: Any) -> Any:
    """Return the class of a value; of a tensor that of its array."""
    return builtins.type(getval(x))


if not TYPE_CHECKING:  # a type checker takes this for a promise of every name
    __getattr__ = names_of(__name__)

__all__ = ["DictBox", "dict", "isinstance", "list", "tuple", "type"]
