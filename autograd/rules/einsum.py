"""The derivative of einsum, in all its notations."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.registry.define import defacts, defjoint, deflinear
from autograd.registry.entries import Spec
from autograd.registry.operations import scatter
from autograd.rules.batch import defbatch

Labels = list[Any]

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class _Sum(NamedTuple):
    """An einsum that is written out: one label for each axis, no ellipsis, an explicit output.

    Attributes
    ----------
    positions : list of int
        Where each operand stands among the arguments of the call.
    inputs : list of lists of labels
    output : list of labels
    """

    positions: list[int]
    inputs: list[Labels]
    output: Labels


def _einsum(argnums: tuple[int, ...], g: Any, _: Any, *operands: Any, optimize: Any = False) -> list[Any]:
    """Each operand's cotangent is the einsum of the output's with the other operands."""
    written = written_out(operands)
    # A path that the user chose is one for the forward product: the others ask for their own.
    optimize = optimize if isinstance(optimize, (bool, str)) else True
    return [_cotangent(written, written.positions.index(argnum), g, operands, optimize) for argnum in argnums]


def _cotangent(written: _Sum, k: int, g: Any, operands: tuple[Any, ...], optimize: Any) -> Any:
    """Form the cotangent of one operand.

    An axis of length 1 is left to the sum, for it may have been broadcast. An axis that nothing else knows was summed
    alone, and one whose other bearers have length 1 broadcast them: the cotangent is the same all along it. A label
    that stands twice in the operand took a diagonal, and the cotangent is zero beside it."""
    labels, shape = written.inputs[k], np.shape(operands[written.positions[k]])
    others = [i for i in range(len(written.inputs)) if i != k]
    terms = [written.output] + [written.inputs[i] for i in others]
    known = dict.fromkeys(label for term in terms for label in term)
    lengths: dict[Any, int] = {}
    for label, n in zip(labels, shape, strict=True):
        lengths[label] = max(n, lengths.get(label, n)) if n else 0
    target = [label for label, n in lengths.items() if label in known and n != 1]

    letters = dict(zip(known, _LETTERS, strict=False))
    text = ",".join("".join(letters[label] for label in term) for term in terms)
    arrays = [operands[written.positions[i]] for i in others]
    c = np.einsum(f"{text}->{''.join(letters[label] for label in target)}", g, *arrays, optimize=optimize)

    found = dict(zip(target, np.shape(c), strict=True))
    c = np.reshape(c, tuple([found.get(label, 1) for label in lengths]))
    c = np.broadcast_to(c, tuple(lengths.values()))
    if len(lengths) == len(labels):
        return c
    grid = dict(zip(lengths, np.indices(tuple(lengths.values()), sparse=True), strict=True))
    return scatter(
        [c], [tuple([np.minimum(grid[label], n - 1) for label, n in zip(labels, shape, strict=True)])], shape
    )


def written_out(operands: tuple[Any, ...]) -> _Sum:
    """Read ``"ij,jk->ik", a, b`` or ``a, [0, 1], b, [1, 2], [0, 2]``."""
    inputs: list[Labels]
    output: Labels | None
    if isinstance(operands[0], str):
        left, arrow, right = operands[0].replace(" ", "").partition("->")
        inputs = [_tokens(term) for term in left.split(",")]
        output = _tokens(right) if arrow else None
        positions = list(range(1, len(operands)))
    else:
        positions = list(range(0, len(operands) - 1, 2))
        inputs = [list(operands[i + 1]) for i in positions]
        output = list(operands[-1]) if len(operands) % 2 else None

    widths = [
        np.ndim(operands[i]) - len(term) + 1 if ... in term else 0 for i, term in zip(positions, inputs, strict=True)
    ]
    dots = [(i,) for i in range(max(widths, default=0))]  # labels for the axes of the ellipsis: no letter and no number
    if output is None:
        named = [label for term in inputs for label in term if label is not ...]
        output = [..., *sorted({label for label in named if named.count(label) == 1})]
    return _Sum(
        positions,
        [_filled(term, dots[len(dots) - width :]) for term, width in zip(inputs, widths, strict=True)],
        _filled(output, dots),
    )


def _tokens(term: str) -> Labels:
    """Split a term into its letters; an ellipsis is one token."""
    before, dots, after = term.partition("...")
    return [*before, ..., *after] if dots else list(before)


def _filled(term: Labels, dots: Labels) -> Labels:
    """Put labels in place of the ellipsis."""
    if ... not in term:
        return term
    place = term.index(...)
    return [*term[:place], *dots, *term[place + 1 :]]


defjoint(np.einsum, _einsum, lists=True)
deflinear(np.einsum, each=True)


@defbatch(np.einsum)
def _einsum_batch(size: int, mapped: Any, *operands: Any, optimize: Any = False) -> Any:
    """One more label, which the operands with the axis and the result have in front."""
    written = written_out(
        tuple([Spec(np.shape(x)[1:], x.dtype) if flag is True else x for x, flag in zip(operands, mapped, strict=True)])
    )
    known = {
        label: i
        for i, label in enumerate(
            dict.fromkeys([label for term in [*written.inputs, written.output] for label in term])
        )
    }
    batch = len(known)
    if batch > 50:
        return NotImplemented
    call: list[Any] = []
    for position, term in zip(written.positions, written.inputs, strict=True):
        labels = [known[label] for label in term]
        call += [operands[position], [batch, *labels] if mapped[position] is True else labels]
    return np.einsum(*call, [batch, *[known[label] for label in written.output]], optimize=optimize or True)


# Of one operand it may be a view.
defacts(np.einsum, static=True, fresh=False, writes_out=True)
