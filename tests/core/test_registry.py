"""Rules do what they declare."""

import dis

import pytest

import autograd.scipy.samples  # noqa: F401  (registers its operations)
import nn  # noqa: F401  (registers its operations)
from autograd.registry.entries import RULES, module_of, name_of


def kept_for_nothing(rule, first, operands):
    """Return the parameters for the output and the operands that claim a value (no leading underscore) which the body
    never loads.
    """
    code = rule.__code__
    loads = {
        arg for i in dis.get_instructions(code) for arg in (i.argval if isinstance(i.argval, tuple) else (i.argval,))
    }
    loads |= set(code.co_cellvars)
    return [
        name
        for name in code.co_varnames[first : first + 1 + operands]
        if not name.startswith("_") and name not in loads
    ]


# Not those that other tests register.
OURS = sorted((fn for fn in RULES if module_of(fn).split(".")[0] in ("autograd", "nn", "numpy", "scipy")), key=name_of)


@pytest.mark.parametrize("fn", OURS, ids=name_of)
def test_a_rule_keeps_alive_only_what_it_uses(fn):
    rules = RULES[fn]
    for rule, first in (*((rule, 1) for rule in rules.vjps), (rules.joint, 2)):
        if hasattr(rule, "__code__"):
            unused = kept_for_nothing(rule, first, rules.operands)
            assert unused == [], f"{name_of(fn)} keeps {unused} alive for nothing; begin their names with an underscore"
