"""Names of HIPS autograd that stand elsewhere here, or have no counterpart."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

_NO_COUNTERPART = {
    "a tape keeps records, and no graph of nodes: use autograd.make_vjp, autograd.make_jvp or GradientTape": (
        "Node VJPNode JVPNode backward_pass new_box trace trace_stack toposort add_outgrads sum_outgrads "
        "find_top_boxed_args"
    ),
    "rules are kept in autograd.registry.entries.RULES: give one by autograd.extend.defvjp": (
        "primitive_vjps primitive_jvps notrace_primitives box_type_mappings box_types"
    ),
    "an index passes a cotangent back by itself: return an array": "SparseObject SparseBox sparse_add",
    "declare a function without a derivative by autograd.extend.defconstant": "register_notrace",
    "lists, tuples and dicts of tensors are differentiated as they are: use Python's own": (
        "SequenceBox ContainerVSpace SequenceVSpace ListVSpace TupleVSpace DictVSpace NamedTupleVSpace make_sequence "
        "container_take container_untake"
    ),
}


def names_of(module: str, above: dict[str, str] | None = None) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a module: it finds names that stand in modules above, and says why others are not
    here.

    Parameters
    ----------
    module : str
        The name of the module.
    above : dict of str to str, optional
        From each name to where it stands: ``"package.module:name"``. It is imported when it is asked for.

    Returns
    -------
    callable
        Raises an ImportError for a name of HIPS autograd without a counterpart: an AttributeError would lose its text
        in ``from module import name``.
    """
    found = above or {}

    def __getattr__(name: str) -> Any:
        if name in found:
            place, _, attribute = found[name].partition(":")
            return getattr(importlib.import_module(place), attribute)
        for reason, names in _NO_COUNTERPART.items():
            if name in names.split():
                raise ImportError(f"{module} has no {name}, which HIPS autograd has there: {reason}.", name=module)
        raise AttributeError(f"module {module} has no {name}.")

    return __getattr__
