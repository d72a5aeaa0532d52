"""The passes of the compiler. Each takes a program and returns one that computes the same with less."""

from __future__ import annotations

from collections.abc import Callable

from autograd.program.ir import Program
from autograd.program.passes.blocks import with_loops
from autograd.program.passes.cleanup import folded, without_dead, without_repeats
from autograd.program.passes.fuse import with_machine_code
from autograd.program.passes.joined_updates import joined
from autograd.program.passes.lower import lowered
from autograd.program.passes.products import with_dots
from autograd.program.passes.rewrites import simplified
from autograd.program.passes.storage_order import with_long_rows

# The passes in their order, with the name that `Stats.operations` shows. Each is told whether every bit counts.
PASSES: tuple[tuple[str, Callable[[Program, bool], Program]], ...] = (
    ("lowered", lowered),  # few kinds of calls, which the other passes know
    ("dead code", lambda program, exact: without_dead(program)),
    ("constants", lambda program, exact: folded(program)),
    ("algebra", simplified),
    ("constants again", lambda program, exact: folded(program)),  # of what the algebra made
    ("algebra again", simplified),
    ("repeats", lambda program, exact: without_repeats(program)),
    ("products", lambda program, exact: program if exact else with_dots(program)),
    ("long rows", lambda program, exact: program if exact else with_long_rows(program)),
    ("updates", lambda program, exact: joined(program)),  # variables of one formula as one array
    ("dead code again", lambda program, exact: without_dead(program)),
    ("loops", with_loops),  # over blocks that fit the cache
)


def optimized(program: Program, exact: bool = False, numba: bool | None = False) -> tuple[Program, dict[str, int]]:
    """Run all passes.

    Parameters
    ----------
    program : Program
        As it was traced.
    exact : bool
        Whether every bit of the results counts, so that sums are added up in NumPy's order.
    numba : bool or None
        Whether elementwise calls become machine code; None: those in loops for which it pays, if numba is there.

    Returns
    -------
    program : Program
    counts : dict of str to int
        How many calls there were after each pass.
    """
    counts = {"traced": len(program.calls)}
    for name, run in PASSES:
        program = run(program, exact)
        counts[name] = len(program.calls)
    if numba is not False:
        program = with_machine_code(program, exact, everywhere=bool(numba))
        counts["machine code"] = len(program.calls)
    return program, counts
