"""The exceptions of the network library, beside those of `autograd.errors`."""

from __future__ import annotations

from autograd.errors import AutogradError


class ArgumentError(AutogradError, ValueError):
    """An argument of the right kind with a value that is not allowed there."""


class StateError(AutogradError, RuntimeError):
    """A layer, model or optimizer is asked for what its state does not allow yet (not built, not compiled)."""
