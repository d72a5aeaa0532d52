"""What rules declare must be what they do."""

import dis

import pytest

import nn  # noqa: F401  (registers its operations)
from autograd.registry import RULES, name_of


def declared_but_unused(rule):
    """Return the parameters that claim a value (no leading underscore) which the body never loads."""
    code = rule.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    loads = {arg for i in dis.get_instructions(code) for arg in (i.argval if isinstance(i.argval, tuple) else (i.argval,))}
    loads |= set(code.co_cellvars)
    return [name for name in code.co_varnames[1:count] if not name.startswith("_") and name not in loads]


@pytest.mark.parametrize("fn", RULES, ids=name_of)
def test_a_rule_keeps_alive_only_what_it_uses(fn):
    rules = RULES[fn]
    for rule in (*rules.vjps, rules.joint):
        if rule is not None and hasattr(rule, "__code__"):
            used = [name for name in declared_but_unused(rule) if name not in KEYWORDS]
            assert used == [], f"{name_of(fn)}: {used} are kept alive for nothing; begin their names with an underscore"


# Keyword arguments that a rule names because it understands them, though the formula does not depend on them.
KEYWORDS = {"dtype", "optimize", "order", "casting", "shape", "mode"}
