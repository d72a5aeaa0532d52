"""The names in the text of a program, and the objects that they stand for."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.arrays.source_lines import Line
from autograd.program.codegen.lifetimes import aligned
from autograd.program.codegen.literals import identifier, is_name, literal
from autograd.program.codegen.text import Function
from autograd.program.ir import Call, Var
from autograd.registry.entries import module_of


class Module:
    """A program as the text of a Python module.

    Attributes
    ----------
    text : str
    imports, memory : list of str
        Its first statements: the imports, and those that make constants and buffers.
    blocks : list of Function
        The bodies of loops over blocks.
    main : Function
        The function of the program.
    results : list of str
        The expressions of the returned arrays.
    names : dict of str to Any
        The globals that the text does not make: large constants, functions, captured arrays.
    arrays : list of str
        The names among them of constant and captured arrays.
    functions : dict of str to callable
        The functions among them, which are not NumPy's.
    reads : list of Variable
        The variables whose arrays are arguments of the function, after the inputs.
    read_names : list of str
        Their names.
    stores : list of (Variable, str)
        The variables that are stored in an array of the module, and its name.
    arenas : dict of str to list of str
        For each array that stores variables, the statements that make views of it.
    lines : dict of int to (str, int)
        The line of the user's program for lines of the text.
    nbytes : int
        The memory that the module makes once.
    checks : int
        How many statements check that the program holds.
    """

    def __init__(self) -> None:
        self.text = ""
        self.imports: list[str] = []
        self.memory: list[str] = []
        self.blocks: list[Function] = []
        self.main = Function("", [], [], [])
        self.results: list[str] = []
        self.names: dict[str, Any] = {}
        self.arrays: list[str] = []
        self.functions: dict[str, Callable[..., Any]] = {}
        self.reads: list[Any] = []
        self.read_names: list[str] = []
        self.stores: list[tuple[Any, str]] = []
        self.arenas: dict[str, list[str]] = {}
        self.lines: dict[int, Line] = {}
        self.nbytes = 0
        self.checks = 0


class Names:
    """Chooses the name of each value, constant and function.

    Attributes
    ----------
    module : Module
    name : dict of Var to str
    placed : set of Var
        The values whose array is known before the program runs.
    header : list of str
        The statements that make constants and buffers.
    body : list of (str, Call or None)
        The statements of the function.
    """

    def __init__(self, function: str, arguments: list[str], taken: Iterable[str] = ()) -> None:
        self.module = Module()
        self.name: dict[Var, str] = {}
        self.placed: set[Var] = set()
        self.header: list[str] = []
        self.body: list[tuple[str, Call | None]] = []
        self.imports: set[str] = set()
        self.aliases: dict[str, str] = {}
        self._given = {"np", function, *arguments, *taken}
        self._taken = set(self._given)
        self.temporaries: set[str] = set()  # the names of results that a statement of a run makes anew
        self._constants: dict[Any, str] = {}
        self._counts: dict[str, int] = {}

    def line(self, text: str, call: Call | None = None) -> None:
        """Write a statement."""
        self.body.append((text, call))

    def new(self, kind: str) -> str:
        """Return a free name: the kind and a number."""
        while True:
            number = self._counts[kind] = self._counts.get(kind, -1) + 1
            if f"{kind}{number}" not in self._taken:
                self._taken.add(f"{kind}{number}")
                return f"{kind}{number}"

    def temporary(self) -> str:
        """Return a free name for a result that a statement of a run makes anew."""
        name = self.new("v")
        self.temporaries.add(name)
        return name

    def free_name(self, wanted: Any) -> str:
        """Return a free name that resembles the wanted one."""
        base = identifier(wanted, "variable")
        if base in self._taken or base in RESERVED:
            return self.new(f"{base}_")
        self._taken.add(base)
        return base

    def expr(self, value: Any) -> str:
        """Return the expression of an operand."""
        if value.__class__ is not Var:
            return self.literal(value)
        found = self.name.get(value)
        if found is None:
            if value.captured is not None:
                found = self.given("a", value.captured)
                self.module.arrays.append(found)
            elif value.constant is not None:
                found = self._constant(value.constant)
                self.placed.add(value)
            else:
                raise KeyError(f"{value} is read before it is made")
            self.name[value] = found
        return found

    def _constant(self, array: Any) -> str:
        key = array.dtype, array.shape, array.tobytes() if array.size <= 16 else id(array)
        if key not in self._constants:
            self._constants[key] = self._name_of_constant(array)
        return self._constants[key]

    def _name_of_constant(self, array: Any) -> str:
        if _WORTH_ALIGNING <= array.nbytes <= _MOST_TO_COPY and array.flags.c_contiguous:
            return self._aligned(array)
        name = self.new("c")
        if array.ndim == 0 and array.dtype.kind in "biuf" and np.isfinite(array):
            self.header.append(f"{name} = np.array({literal(array.item())}, np.{array.dtype.name})")
        elif _WORTH_ALIGNING <= array.nbytes <= _MOST_TO_COPY and array.T.flags.c_contiguous:
            self.header.append(f"{name} = {self._aligned(array.T)}.T")
        else:
            self.module.names[name] = array
            self.module.arrays.append(name)
        return name

    def _aligned(self, array: Any) -> str:
        """Return the name of a copy of a constant that starts at a cache line, one for all views of the same memory."""
        key = "aligned", array.ctypes.data, array.shape, array.dtype
        if key not in self._constants:
            copy = aligned(array.shape, array.dtype)
            copy[...] = array
            copy.flags.writeable = False
            self._constants[key] = name = self.new("c")
            self.module.names[name] = copy
            self.module.arrays.append(name)
        return self._constants[key]

    def filled(self, number: np.ndarray[Any, Any], length: int) -> str:
        """Return the name of an array of one axis that is filled with a number."""
        key = "filled", number.dtype, number.tobytes(), length
        if key not in self._constants:
            self._constants[key] = name = self.new("c")
            self.header.append(f"{name} = np.full({length}, {self._constant(number.reshape(()))})")
            self.module.nbytes += length * number.dtype.itemsize
        return self._constants[key]

    def given(self, kind: str, thing: Any) -> str:
        """Return a new name for an object that the text does not make."""
        name = self.new(kind)
        self.module.names[name] = thing
        return name

    def literal(self, nest: Any) -> str:
        """Return the text of an argument: a Python value, a value of the program, or a nest of these."""
        return literal(nest, self._other)

    def _other(self, part: Any) -> str:
        """Return the text of a value of the program, or the name of an object that has no text."""
        if part.__class__ is Var:
            return self.expr(part)
        key = ("given", id(part))
        if key not in self._constants:
            self._constants[key] = self.given("k", part)
        return self._constants[key]

    def numpy(self, name: str) -> str:
        """Return the text for a function of the namespace `numpy`, which the module imports by name."""
        if name in self._taken and name not in self.imports:  # taken by an argument or a variable
            return f"np.{name}"
        self.imports.add(name)
        self._taken.add(name)
        return name

    def function(self, fn: Any) -> str:
        """Return the text for a function; import it, or pass it to the module as a global."""
        ufunc = getattr(fn, "__self__", None)
        if ufunc.__class__ is np.ufunc and fn == ufunc.reduce and getattr(np, ufunc.__name__, None) is ufunc:
            alias = f"{ufunc.__name__}_reduce"
            self.aliases[alias] = f"np.{ufunc.__name__}.reduce"
            return alias
        module, name = module_of(fn), getattr(fn, "__name__", "")
        is_found = all(map(is_name, (*module.split("."), name))) and getattr(sys.modules.get(module), name, None) is fn
        if is_found and module.split(".")[0] in ("numpy", "scipy"):
            if module == "numpy":
                return self.numpy(name)
            if module.startswith("scipy"):
                self.aliases.setdefault(f"import {module}", "")
            return f"{module.replace('numpy', 'np', 1) if module.startswith('numpy') else module}.{name}"
        for name, known in self.module.functions.items():
            if known is fn:
                return name
        name = self.free_name(getattr(fn, "__name__", "fn"))
        self.module.functions[name] = self.module.names[name] = fn
        return name


# Names that every program uses, or the file that it is exported to.
RESERVED = frozenset(
    {"np", "aligned", "in_blocks", "fresh", "drawn", "Changed", "k", "start", "stop", "Path", "given", "file",
    "allow_pickle", "clock_", "as_array",
     "expect", "slice", "int", "float", "complex", "list", "len", "repr", "bool", "range", "enumerate", "min", "super",
     "type", "ValueError", "dict", "namedtuple"}
)  # fmt: skip


# Memory of so many bytes starts at a cache line.
_WORTH_ALIGNING = 4096
# The largest constant, in bytes, that is copied for that.
_MOST_TO_COPY = 1 << 26


def empty_text(shape: tuple[int, ...], dtype: Any) -> str:
    """Return the text that makes an array without values."""
    function = "aligned" if math.prod(shape) * dtype.itemsize >= _WORTH_ALIGNING else "np.empty"
    return f"{function}({shape}, np.{dtype_name(dtype)})"


def dtype_name(dtype: Any) -> str:
    return "bool_" if dtype.kind == "b" else np.dtype(dtype).name


def index_text(index: Any, expr: Callable[[Any], str] = literal) -> str:
    """Return an index as it is written between brackets."""
    if index.__class__ is slice:
        parts = ["" if each is None else index_text(each, expr) for each in (index.start, index.stop, index.step)]
        return ":".join(parts[:2] if index.step is None else parts)
    if index is Ellipsis:
        return "..."
    if isinstance(index, tuple):
        return ", ".join(index_text(each, expr) for each in index) + ("," if len(index) == 1 else "") if index else "()"
    if isinstance(index, (int, np.integer)) and not isinstance(index, bool):
        return literal(int.__index__(index) if isinstance(index, int) else index.item())
    return expr(index)
