"""The exceptions of the network library, beside those of `autograd.errors`."""

from __future__ import annotations

from autograd.errors import AutogradError


class ArgumentError(AutogradError, ValueError):
    """An argument of the right kind with a value that is not allowed there.

    Examples
    --------
    >>> nn.layers.Dense(0)
    Traceback (most recent call last):
    nn.errors.ArgumentError: ...
    """


class StateError(AutogradError, RuntimeError):
    """A layer, model or optimizer is asked for what its state does not allow yet (not built, not compiled).

    Examples
    --------
    >>> nn.Sequential([nn.layers.Dense(1)]).fit(np.ones((1, 1)), np.ones((1, 1)))
    Traceback (most recent call last):
    nn.errors.StateError: ...
    """
