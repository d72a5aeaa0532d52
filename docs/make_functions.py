"""Write docs/functions.md: which function of NumPy is differentiable, and how. Run ``python docs/make_functions.py``
from the root.
"""

from __future__ import annotations

import inspect
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))

import numpy as np
from calls import MAKERS, M, S, X, call_of

import autograd.numpy as anp
from autograd import GradientTape, Tensor
from autograd.errors import AutogradError
from autograd.files import write_file
from autograd.registry.entries import facts_of
from autograd.samples import SAMPLES

PAGE = Path(__file__).parent / "functions.md"

HEAD = """\
# Functions

This page lists the functions of NumPy {version}, and the derivative that each has in `autograd.numpy`. `python
docs/make_functions.py` writes it from the registry.

- **rule**: the derivative is written in the table of rules; **composite**: the function is written with others that
  have rules. Both hold to any order, and the tests check both to the second. Where not all operands have a derivative,
  those that have one are named.
- **zero**: the derivative is zero wherever there is one.
- **no number**: the result holds integers or truth values, a dtype, text, indices or nothing, and there is no
  derivative.
- **new**: it makes an array, and no argument has a derivative.
- **refused**: it computes, but its derivative is an error that says what to do; or it takes no tensor at all.

*Complex* says whether the derivative is tested with complex numbers. Keywords that a rule does not know are refused
when the derivative is taken, never passed over; `out=` takes tensors and refuses arrays, and `where=` of an elementwise
function has no derivative. Functions that stand in `numpy` and in `autograd.numpy` do the same with tensors.

The namespace follows the Python array API standard, version 2024.12 (`tests/peers/test_array_api.py` holds its
signatures), with the extensions `linalg` and `fft`. So other libraries take tensors: SciPy with `SCIPY_ARRAY_API=1`
(shown with `scipy.special.logsumexp`, `softmax`, `xlogy`, `scipy.stats.gmean`, `skew`, `scipy.integrate.trapezoid`) and
scikit-learn with `array_api_dispatch=True` (shown with its scalers, its pairwise kernels and a dozen metrics).
Computations with functions of this page are differentiable there. Compiled code in such a library needs plain arrays; a
tensor that a tape tracks is refused there. `meshgrid` and `broadcast_arrays` return lists, as the standard has it,
where NumPy's return tuples. Beyond the standard, `unique_values` is sorted; the order of equal elements in `argsort` is
that in which they came.
"""

KEYWORDS_NEVER_TOLD = {
    "out",
    "order",
    "subok",
    "like",
    "casting",
    "device",
    "kind",
    "copy",
    "where",
    "signature",
    "optimize",
}


def listed(part: str) -> Iterator[tuple[str, Callable[..., Any], Callable[..., Any]]]:
    """Yield the name, NumPy's function and ours, of each function of one listing that is here."""
    theirs, ours = (np, anp) if not part else (getattr(np, part), getattr(anp, part, None))
    names = theirs.__all__ if hasattr(theirs, "__all__") else dir(theirs)
    for name in sorted(names, key=str.lower):
        fn = getattr(theirs, name)
        if callable(fn) and not isinstance(fn, type) and not name.startswith("_") and name in vars(ours or object):
            yield name, fn, getattr(ours, name)


def outcome(name: str, ours: Callable[..., Any]) -> str:
    """Call a function that is in no table on tracked values, and say what becomes of the derivative."""
    if name in ("load", "fromfile") or name in MAKERS:
        return "new"
    x, m, s = Tensor(X), Tensor(M), Tensor(S)
    with GradientTape(persistent=True) as tape, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        tape.watch([x, m, s])
        scope = {"f": ours, "x": x, "m": m, "s": s, "np": np, "io": io, "file": io.BytesIO()}
        try:
            result = eval(f"f({call_of(name)})", scope)
        except AutogradError:
            return "refused"
        results = result if isinstance(result, (tuple, list)) else [result]
        tracked = [each for each in results if isinstance(each, Tensor) and each._id in tape.tracked]
    if not tracked:
        return "no number"
    try:
        tape.gradient(tracked[0], [x, m, s])
    except AutogradError:
        return "refused"
    return "composite"


def derivative(name: str, fn: Callable[..., Any], ours: Callable[..., Any], part: str) -> tuple[str, str, str]:
    """Return the kind of derivative of a function, whether complex numbers are tested, and notes."""
    samples = SAMPLES.get(fn, [])
    tested = (
        ""
        if not samples
        else "yes"
        if any("complex" in dtype for sample in samples for dtype in sample.dtypes)
        else "no"
    )
    kind = facts_of(fn).kind
    if kind in ("composite", "writer"):
        return "composite", tested, ""
    if kind == "rule":
        return "rule" + operands(fn), tested, unknown_keywords(fn)
    if kind == "constant":
        return "zero", "", ""
    return outcome(f"{part}.{name}" if part else name, ours), "", ""


def names_of(fn: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(fn).parameters)
    except ValueError:
        return {}


def operands(fn: Callable[..., Any]) -> str:
    """Name the operands that have a rule, where others have none."""
    vjps = facts_of(fn).vjps
    if all(vjps):
        return ""
    names = (
        [*names_of(fn), *[f"argument {i}" for i in range(len(vjps))]]
        if names_of(fn)
        else [f"argument {i}" for i in range(len(vjps))]
    )
    return " in " + ", ".join(f"`{name}`" for name, rule in zip(names, vjps, strict=False) if rule)


def unknown_keywords(fn: Callable[..., Any]) -> str:
    """Name the keywords of NumPy's that the rule does not know."""
    if isinstance(fn, np.ufunc) and fn.signature is None:
        return ""
    rules = facts_of(fn)
    argnum = next((i for i, rule in enumerate(rules.vjps) if rule), 0)
    names = [p.name for p in names_of(fn).values() if p.kind is not p.VAR_POSITIONAL and p.kind is not p.VAR_KEYWORD][
        rules.operands :
    ]
    unknown = [name for name in names if name not in KEYWORDS_NEVER_TOLD and not rules.accepts(argnum, name)]
    return "not with " + ", ".join(f"`{name}=`" for name in unknown) if unknown else ""


def table(part: str) -> Iterator[str]:
    """Yield the lines of the table of one listing; names of one function share a line."""
    rows: dict[Any, tuple[list[str], tuple[str, str, str]]] = {}
    for name, fn, ours in listed(part):
        if fn in rows:
            rows[fn][0].append(name)
        else:
            rows[fn] = [name], derivative(name, fn, ours, part)
    yield "| Function | Derivative | Orders | Complex | Notes |"
    yield "| --- | --- | --- | --- | --- |"
    for names, (kind, tested, notes) in rows.values():
        orders = "any" if kind.startswith(("rule", "composite")) else ""
        yield f"| {', '.join(f'`{name}`' for name in names)} | {kind} | {orders} | {tested} | {notes} |".replace(
            "  ", " "
        ).replace("  ", " ")


def page() -> str:
    """Return the text of the page."""
    lines = [HEAD.format(version=".".join(np.__version__.split(".")[:2]))]
    for part in ("", "linalg", "fft"):
        found = list(table(part))
        if len(found) > 2:
            lines += [f"## numpy{'.' + part if part else ''}\n", *found, ""]
    lines += ["## Not here\n", "| Names | Reason |", "| --- | --- |"]
    lines += [
        f"| {', '.join(f'`{name}`' for name in names.split())} | {reason} |" for reason, names in anp._NOT_HERE.items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write_file(PAGE, page().encode())
