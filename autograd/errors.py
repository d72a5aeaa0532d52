"""The exceptions of this project.

Every one subclasses :class:`AutogradError` and the builtin that a user would expect at that place, so that ``except
ValueError`` and ``except AutogradError`` both work. The message says what was asked, what was received, what is allowed
and what to do."""


class AutogradError(Exception):
    """Base of every exception that this project raises on purpose.

    Examples
    --------
    >>> try:
    ...     autograd.grad(np.exp)(np.ones(2))
    ... except autograd.errors.AutogradError as error:
    ...     print(type(error).__name__, isinstance(error, ValueError))
    ShapeError True
    """


class ShapeError(AutogradError, ValueError):
    """Shapes do not fit together, or the output of a function has the wrong shape for the derivative asked for.

    Examples
    --------
    >>> autograd.grad(np.exp)(np.ones(2))
    Traceback (most recent call last):
    autograd.errors.ShapeError: a gradient needs a function that returns one number: ...
    """


class DtypeError(AutogradError, TypeError):
    """A dtype cannot be used there.

    Derivatives exist for floating-point and complex values. An integer or boolean tensor can take part in a
    computation, but nothing can be differentiated with respect to it: ``x.astype(float)`` makes it a source.

    Examples
    --------
    >>> autograd.grad(lambda x: x * x)(3)
    Traceback (most recent call last):
    autograd.errors.DtypeError: ...
    """


class OperandError(AutogradError, TypeError):
    """An argument is of a kind that the operation does not take.

    Examples
    --------
    >>> np.multiply.at(autograd.Tensor([1.0, 2.0]), 0, 5.0)
    Traceback (most recent call last):
    autograd.errors.OperandError: ...
    """


class ReadOnlyError(AutogradError, ValueError):
    """A view that NumPy makes read-only would be written (`numpy.diagonal`, `numpy.broadcast_to`).

    Examples
    --------
    >>> np.diagonal(autograd.Tensor(np.eye(2)))[0] = 5.0
    Traceback (most recent call last):
    autograd.errors.ReadOnlyError: ...
    """


class DetachedError(AutogradError, TypeError):
    """A tracked value would leave the tape in silence.

    ``np.asarray(t)`` and ``float(t)`` copy a value out of the computation, and the gradient through it would be lost
    without a word. ``t.numpy()`` and ``t.item()`` do the same aloud, and are always allowed.

    Examples
    --------
    >>> autograd.grad(lambda x: x * float(x))(3.0)
    Traceback (most recent call last):
    autograd.errors.DetachedError: ...
    >>> autograd.grad(lambda x: x * x.item())(3.0)
    3.0
    """


class TapeError(AutogradError, RuntimeError):
    """A tape is used in a way that its state does not allow: used up, entered twice, not recording.

    Examples
    --------
    >>> v = autograd.Variable(3.0)
    >>> with autograd.GradientTape() as tape:
    ...     y = v * v
    >>> tape.gradient(y, v).item()
    6.0
    >>> tape.gradient(y, v)
    Traceback (most recent call last):
    autograd.errors.TapeError: ...
    """


class UnwatchedError(AutogradError, ValueError):
    """A gradient is asked for with respect to a tensor that the tape never watched.

    Examples
    --------
    >>> x = autograd.Tensor(3.0)
    >>> with autograd.GradientTape() as tape:
    ...     y = x * x
    >>> tape.gradient(y, x)
    Traceback (most recent call last):
    autograd.errors.UnwatchedError: ...
    """


class NoDerivativeError(AutogradError, NotImplementedError):
    """The derivative of an operation, or of one of its arguments or keywords, is needed, and no rule gives it.

    Examples
    --------
    >>> from autograd.extend import operation
    >>> @operation
    ... def cube(x):
    ...     return x * x * x
    >>> cube(2.0)
    8.0
    >>> autograd.grad(cube)(2.0)
    Traceback (most recent call last):
    autograd.errors.NoDerivativeError: ...
    """


class RuleError(AutogradError, RuntimeError):
    """A derivative rule broke its contract: a cotangent has another shape or dtype than its operand.

    This is a defect of the rule, which the message names, and never of the code that is being differentiated.

    Examples
    --------
    >>> from autograd.extend import defvjp, operation
    >>> @operation
    ... def total(x):
    ...     return np.sum(x)
    >>> defvjp(total, lambda g, _, x: g)  # which should be g * np.ones_like(x)
    >>> autograd.grad(total)(np.ones(3))
    Traceback (most recent call last):
    autograd.errors.RuleError: the derivative rule of total for its argument 0 returned a cotangent of shape ()...
    """


class MissingError(AutogradError, ImportError):
    """Something optional is needed, and is not installed. The message says how to get it.

    Examples
    --------
    >>> issubclass(MissingError, ImportError)
    True
    """


class FileError(AutogradError, OSError):
    """A file cannot be written. The message names it; what was there before is there still.

    Examples
    --------
    >>> issubclass(FileError, OSError)
    True
    """


class NoFolderError(FileError, FileNotFoundError):
    """A file cannot be written, because its folder is not there.

    Examples
    --------
    >>> issubclass(NoFolderError, FileNotFoundError)
    True
    """


class GradientCheckError(AutogradError, AssertionError):
    """A gradient that was checked is wrong, or could not be checked. The message is the report.

    Examples
    --------
    >>> @autograd.custom_gradient
    ... def square(x):
    ...     return x * x, lambda g: g * x  # which should be 2 * x
    >>> autograd.check_gradients(square, 3.0).assert_ok()
    Traceback (most recent call last):
    autograd.errors.GradientCheckError: ...
    """


class CompileCheckError(AutogradError, AssertionError):
    """A program of ``autograd.compile(f, check=True)`` gives something else than the function.

    Attributes
    ----------
    compiled, plain : Any
        The results of the program and of the function, which ran on copies of the arguments.
    place : str
        The first place where they differ: ``result[0]``, a variable or an argument.

    Examples
    --------
    A function that takes arrays otherwise than tensors has no right program.

    >>> import autograd
    >>> odd = autograd.compile(lambda x: x * (3.0 if isinstance(x, autograd.Tensor) else 2.0), check=True)
    >>> odd(np.ones(2))
    array([3., 3.])
    >>> odd(np.ones(2))
    Traceback (most recent call last):
    autograd.errors.CompileCheckError: ...
    """

    def __init__(self, message: str, compiled: object = None, plain: object = None, place: str = "") -> None:
        super().__init__(message)
        self.compiled, self.plain, self.place = compiled, plain, place


class ConvergenceError(AutogradError, ArithmeticError):
    """An iteration came to no end, or an equation that it needs has no single solution.

    Examples
    --------
    >>> autograd.root(lambda p, x: x * x + p, 1.0, 1.0)  # x ** 2 = -1
    Traceback (most recent call last):
    autograd.errors.ConvergenceError: ...
    """


class AnomalyError(AutogradError, FloatingPointError):
    """An operation, or the rule of one, made a NaN or an infinity of finite numbers inside ``with
    autograd.anomaly_detection()``.

    Attributes
    ----------
    finding : NonFinite
        The operation, the line of the program, and the statistics of what went in and came out. The message says the
        same.

    Examples
    --------
    >>> try:
    ...     with autograd.anomaly_detection():
    ...         autograd.grad(np.log)(0.0)
    ... except AnomalyError as error:
    ...     print(error.finding.phase, error.finding.operation)
    forward numpy.log
    """

    def __init__(self, finding: object) -> None:
        super().__init__(str(finding))
        self.finding = finding


class AutogradWarning(UserWarning):
    """Base of the warnings of this project.

    Examples
    --------
    >>> import warnings
    >>> warnings.simplefilter("ignore", AutogradWarning)
    """


class CompileWarning(AutogradWarning):
    """A compiled function runs as it is, or does something that is done when it is traced and not at each call.

    Examples
    --------
    A filter makes errors of these warnings.

    >>> import random, warnings
    >>> import autograd
    >>> step = autograd.compile(lambda x: x * random.random())
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", CompileWarning)
    ...     try:
    ...         step(2.0)
    ...     except CompileWarning:
    ...         print("it draws random numbers")
    it draws random numbers
    """
