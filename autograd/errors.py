"""The exceptions of this project.

Every one subclasses :class:`AutogradError` and the builtin that a user would expect at that place, so that ``except
ValueError`` and ``except AutogradError`` both work. The message says what was asked, what was received, what is allowed
and what to do."""


class AutogradError(Exception):
    """Base of every exception that this project raises on purpose."""


class ShapeError(AutogradError, ValueError):
    """Shapes that do not fit together, or a function whose output has the wrong shape for the derivative asked for."""


class DtypeError(AutogradError, TypeError):
    """A dtype that cannot be used there.

    Derivatives exist for floating-point and complex values. An integer or boolean tensor can take part in a
    computation, but nothing can be differentiated with respect to it: ``x.astype(float)`` makes it a source.
    """


class OperandError(AutogradError, TypeError):
    """An argument of a kind that the operation does not take."""


class DetachedError(AutogradError, TypeError):
    """A tracked value would leave the tape in silence.

    ``np.asarray(t)`` and ``float(t)`` copy a value out of the computation, and the gradient through it would be lost
    without a word. ``t.numpy()`` and ``t.item()`` do the same aloud, and are always allowed.
    """


class TapeError(AutogradError, RuntimeError):
    """A tape used in a way that its state does not allow (used up, entered twice, not recording)."""


class UnwatchedError(AutogradError, ValueError):
    """A gradient was asked for with respect to a tensor that the tape never watched."""


class NoDerivativeError(AutogradError, NotImplementedError):
    """The derivative of an operation (or of one of its arguments or keywords) is needed, and no rule gives it."""


class RuleError(AutogradError, RuntimeError):
    """A derivative rule broke its contract: a cotangent has another shape or dtype than its operand.

    This is a defect of the rule, which the message names, and never of the code that is being differentiated.
    """


class MissingError(AutogradError, ImportError):
    """Something that is optional is needed for what was asked, and is not installed. The message says how to get it."""


class GradientCheckError(AutogradError, AssertionError):
    """A gradient that was checked is wrong, or could not be checked. The message is the report."""


class ConvergenceError(AutogradError, ArithmeticError):
    """An iteration came to no end, or an equation that it needs has no single solution."""


class AnomalyError(AutogradError, FloatingPointError):
    """An operation, or the rule of one, made a NaN or an infinity of finite numbers inside ``with
    autograd.anomaly_detection()``.

    Attributes
    ----------
    finding : NonFinite
        The operation, the line of the program, and the statistics of what went in and came out. The message says the
        same.
    """

    def __init__(self, finding: object) -> None:
        super().__init__(str(finding))
        self.finding = finding
