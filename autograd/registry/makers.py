"""Rules in the form of HIPS autograd: ``maker(ans, *args, **kwargs)`` returns a function of the cotangent.

A rule whose first parameter is called ``g`` has the form of this package, and one whose first parameter is called
``ans`` that of HIPS autograd. Of any other rule the form is told by its first call.
"""

from __future__ import annotations

import inspect
from typing import Any

from autograd.errors import RuleError
from autograd.registry.entries import Rule, Spec, parameters_of


def as_rule(rule: Rule) -> Rule:
    """Return a rule in the form of this package, ``rule(g, ans, *args, **kwargs)``, whichever form it has."""
    first = next(parameters_of(rule), ("", ""))
    if first == ("g", "plain"):
        return rule
    return of_maker(rule) if first == ("ans", "plain") else _of_either(rule)


def of_maker(maker: Rule) -> Rule:
    """Return the rule that a maker stands for."""
    return lambda g, ans, *args, **kwargs: maker(ans, *args, **kwargs)(g)


def _of_either(rule: Rule) -> Rule:
    """Return a rule that finds out at its first call which form was given: a maker returns a function, a rule never.

    All values are kept for it, because names that begin with ``_`` say nothing before the form is known. Once it is
    known to be of our form, such a parameter gets the `Spec` that it would have got otherwise.
    """
    signature = inspect.signature(rule)
    found: list[Rule] = []

    def told(g: Any, ans: Any, *args: Any, **kwargs: Any) -> Any:
        if found:
            return found[0](g, ans, *args, **kwargs)
        as_maker, as_ours = _fits(signature, (ans, *args), kwargs), _fits(signature, (g, ans, *args), kwargs)
        if not as_maker and not as_ours:
            raise RuleError(
                f"the rule {getattr(rule, '__qualname__', rule)} takes {signature}: a call with {len(args)} operands "
                f"and the keywords {sorted(kwargs)} needs rule(g, ans, *operands), or in the form of HIPS autograd "
                f"rule(ans, *operands)(g)."
            )
        if as_maker:
            try:
                made = rule(ans, *args, **kwargs)
            except Exception:  # a rule of our form, called with the arguments at other places
                if not as_ours:
                    raise
            else:
                if callable(made):
                    found.append(of_maker(rule))
                    return made(g)
        if not as_ours:
            raise RuleError(
                f"the rule {getattr(rule, '__qualname__', rule)} takes {signature}, which is the form of HIPS autograd "
                f"for {len(args)} operands, and returned no function of the cotangent. Write lambda ans, *operands: "
                f"lambda g: ..., or lambda g, ans, *operands: ..."
            )
        ours = _with_specs(rule, signature)
        result = ours(g, ans, *args, **kwargs)
        found.append(ours)
        return result

    return told


def _fits(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _with_specs(rule: Rule, signature: inspect.Signature) -> Rule:
    """Return a rule of our form whose parameters beginning with ``_`` get the shape and the dtype of an array alone."""
    unused, rest = [], False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            rest = parameter.name.startswith("_")
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            unused.append(parameter.name.startswith("_"))

    def ours(g: Any, *values: Any, **kwargs: Any) -> Any:
        marks = [*unused[1:], *[rest] * len(values)]
        return rule(g, *[_spec_of(v) if mark else v for v, mark in zip(values, marks, strict=False)], **kwargs)

    return ours if rest or any(unused[1:]) else rule


def _spec_of(value: Any) -> Any:
    return Spec(value.shape, value.dtype) if hasattr(value, "dtype") else value
