"""Exports a program as a file that needs NumPy alone."""

from __future__ import annotations

import ast
import inspect
import itertools
import os
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.arrays.source_lines import file_of
from autograd.core.value import TensorBase as Tensor
from autograd.core.variable import Variable
from autograd.errors import OperandError
from autograd.files import replacing, write_file
from autograd.program.arguments import Argument, arguments_of, bound_arguments, parameters_of
from autograd.program.codegen.literals import (
    comment,
    docstring,
    has_text,
    identifier,
    is_key,
    is_name,
    literal,
    told,
)
from autograd.program.codegen.names import RESERVED, dtype_name
from autograd.program.codegen.text import WIDTH, Text, shown
from autograd.program.ir import Call, Var
from autograd.program.run import Executable
from autograd.program.sources import Sources

# Names that the exported function uses.
_USED = RESERVED - {"fresh", "drawn", "k", "start", "stop", "Path", "given", "file", "allow_pickle", "clock_", "min"}
_ATOMS = frozenset((bool, int, float, complex, str, bytes, type(None)))
# The file of the constants and the module hold the same text under this name.
_MADE_FOR = "-"
# A statement that makes an output in memory which is used again.
_FRESH = re.compile(r"^(\w+ = )fresh\((?:'\w+'|\"\w+\"), ")
_ALIGNED = '''\
def aligned(shape, dtype):
    """Return an array that begins where a line of the cache does."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.empty(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype).reshape(shape)
'''
_LOOP = '''\
def in_blocks(body, length, rows, scratch, args):
    """Do a loop by blocks, each while it is in the cache."""
    for k, start in enumerate(range(0, length, rows)):
        stop = min(start + rows, length)
        body(k, start, stop, *[each[: stop - start] for each in scratch], *args)
'''
_CHANGED = '''\
class Changed(ValueError):
    """Python was told something else of a value than when this was written, where that decides what is computed."""

    def __init__(self, line, outcome):
        super().__init__(
            f"at {line!r} it was {outcome} when this program was written. It is not now: the program does not hold."
        )
'''
_AS_ARRAY = '''\
def as_array(name, given, shape, dtype):
    """Return an argument as an array, which has the shape and the dtype that this program is for."""
    array = np.asarray(given)
    if array.shape != shape or array.dtype != dtype:
        expected = f"{np.dtype(dtype)}, shape {shape}"
        raise ValueError(f"{name} is an array of {expected}: received {array.dtype}, shape {array.shape}.")
    return array
'''
_EXPECT = '''\
def expect(name, given, value):
    """See that an argument is what this program is for."""
    is_same = given == value if type(value) is int else repr(given) == repr(value)
    if type(given) is not type(value) or not is_same:
        raise ValueError(f"{name} is {value!r} here: received {given!r}.")
'''


def source(executable: Executable, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Return the text that `export` writes. Parts that cannot be written are comments."""
    return _Exported(executable, f, args, kwargs, f"{executable.name}.npz").text


def export(
    executable: Executable, f: Callable[..., Any], path: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Write a program as a module, and its arrays beside it. Refuse, and write nothing, if a part cannot be written."""
    from pathlib import Path  # here, because it would slow the import of the package

    path = Path(path)
    if path.suffix != ".py":
        raise OperandError(f"a program is exported as a Python module, whose name ends in .py: received {str(path)!r}.")
    exported = _Exported(executable, f, args, kwargs, path.with_suffix(".npz").name)
    if exported.missing:
        raise OperandError(
            f"the program of {executable.name} cannot be exported, and nothing was written: "
            f"{' '.join(exported.missing)}"
        )
    if exported.arrays:
        with replacing(path.with_suffix(".npz")) as file:
            np.savez(file, allow_pickle=False, **exported.arrays, **{_MADE_FOR: np.array(exported.made_for)})
    write_file(path, exported.text.encode())


class _Exported:
    """The exported text of a program, and the arrays that it loads.

    Attributes
    ----------
    text : str
    arrays : dict of str to array
    missing : list of str
        The other things that it would need, as sentences.
    """

    def __init__(
        self,
        executable: Executable,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        constants: str,
    ) -> None:
        module = executable.module
        self.executable = executable
        self.constants = constants
        self.missing: list[str] = []
        self.arrays: dict[str, Any] = {name: module.names[name] for name in module.arrays}
        self.taken = {*RESERVED, executable.name, *_names_in(module.text)}
        self.sources = Sources(self.taken)
        self.namedtuples: dict[Any, str] = {}
        self.arguments = arguments_of(f, args, kwargs)
        self.parameters, self.begin = self._unpacking(f, args, kwargs)
        self.results = self._result_text(executable.program.outputs, iter(module.results))
        self._find_missing()
        self.arrays.update(
            {name: variable._value for variable, name in zip(module.reads, module.read_names, strict=True)}
        )
        self.arrays.update({name: variable._value for variable, name in module.stores})
        for name, fn in module.functions.items():
            try:
                self.sources.add(name, fn)
            except OperandError as error:
                self.missing.append(f"It calls {name}{self._at(fn)}: {error}")
        self.arrays.update(self.sources.arrays)
        self.missing.extend(
            f"The constant {name} is of dtype {each.dtype}."
            for name, each in self.arrays.items()
            if each.dtype.kind == "O"
        )
        self.made_for = _digest(self.arrays)
        self.text = str(self._written(f))

    # ------------------------------------------------------------------------------------------- missing parts
    def _find_missing(self) -> None:
        """List the parts of the program that cannot be written as text."""
        module, program = self.executable.module, self.executable.program
        advice = "Pass that as an argument, and export the function that takes it."
        for call in program.calls:
            if call.kind == "draw":
                self.missing.append(f"It draws or asks for a value{_where(call)}. {advice}")
        if program.after:
            self.missing.append(
                "It does something at the end of each run (`at_end`), such as to count a step. Leave that outside."
            )
        draws = {id(call.fn) for call in program.calls if call.kind == "draw"}
        for name, thing in module.names.items():
            if name not in self.arrays and name not in module.functions and id(thing) not in draws:
                self.missing.append(f"It needs {told(thing)}, which cannot be written as text.")

    def _at(self, fn: Any) -> str:
        return next((_where(call) for call in self.executable.program.calls if call.fn is fn), "")

    # ------------------------------------------------------------------------------------------- arguments and results
    def _unpacking(
        self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[list[str], list[str]]:
        """Return the parameters of the function, and the statements that take the arrays out of them."""
        bound = bound_arguments(f, args, kwargs)
        known = parameters_of(f)
        if known is None or not bound.keys() <= {each.name for each in known}:
            known = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in bound]
        for parameter in known:
            if parameter.name not in bound and type(parameter.default) in _ATOMS:
                self.arguments.append(Argument("", parameter.name, parameter.default))
        leaves = [each for each in self.arguments if each.name or type(each.leaf) in _ATOMS]
        roots = {_root(leaf.path) for leaf in leaves}
        written = [
            each for each in known if each.name in roots or (each.name in bound and not _holds_others(bound[each.name]))
        ]
        self.missing.extend(
            f"Its parameter {each.name} has the name of something else there: rename it."
            for each in written
            if each.name in _USED
        )
        begin = [text for each in written if each.name in bound for text in self._build(each.name, bound[each.name])]
        for name, path, leaf in self.arguments:
            if name:
                begin.append(f"{name} = as_array({literal(path)}, {path}, {leaf.shape}, np.{dtype_name(leaf.dtype)})")
            elif type(leaf) in _ATOMS:
                begin.append(f"expect({literal(path)}, {path}, {literal(leaf)})")
        static = {each.path: each.leaf for each in self.arguments if not each.name and has_text(each.leaf)}
        return _parameters(written, static), begin

    def _build(self, path: str, value: Any) -> list[str]:
        """Return the statements that check the structure of a nest."""
        if isinstance(value, dict):
            keys = [key for key in value if is_key(key)]
            self.missing.extend(
                f"It takes a dict with the key {told(key)}, which cannot be written as text."
                for key in value
                if not is_key(key)
            )
            inner = [text for key in keys for text in self._build(f"{path}[{literal(key)}]", value[key])]
            return [f"expect({literal(f'list of {path}')}, list({path}), {literal(keys)})", *inner]
        if isinstance(value, (list, tuple)):
            inner = [text for i, each in enumerate(value) for text in self._build(f"{path}[{i}]", each)]
            return [f"expect({literal(f'len of {path}')}, len({path}), {len(value)})", *inner]
        return []

    def _result_text(self, outputs: Any, results: Any) -> str:
        """Return the expression of the result: a nest of arrays and constants."""
        kind = outputs.__class__
        if kind is Var:
            return next(results) + ("" if outputs.shape else "[()]")
        if isinstance(outputs, dict):
            items = [f"{self._atom(key)}: {self._result_text(each, results)}" for key, each in outputs.items()]
            return f"{{{', '.join(items)}}}"
        if isinstance(outputs, (list, tuple)):
            items = [self._result_text(each, results) for each in outputs]
            if kind is list:
                return f"[{', '.join(items)}]"
            if hasattr(outputs, "_fields"):
                return f"{self._namedtuple(kind)}({', '.join(items)})"
            return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
        if isinstance(outputs, (np.ndarray, np.generic)):
            name = next(
                name for i in itertools.count() if (name := f"result{i}") not in self.arrays and name not in self.taken
            )
            self.arrays[name] = np.asarray(outputs)
            return f"{name}.copy()" if isinstance(outputs, np.ndarray) else f"{name}[()]"
        return self._atom(outputs)

    def _atom(self, value: Any) -> str:
        """Return the expression of a part of the result that is no array."""
        if has_text(value):
            return literal(value)
        self.missing.append(f"It returns {told(value)}, which cannot be written as text.")
        return "..."

    def _namedtuple(self, kind: Any) -> str:
        """Return the name of a class of named tuples, and see that it is defined."""
        name = self.namedtuples.get(kind)
        if name is None:
            wanted = identifier(kind.__name__)
            taken = {*self.taken, *self.arrays, *self.namedtuples.values()}
            name = next(each for i in itertools.count() if (each := f"{wanted}{f'_{i + 1}' * (i > 0)}") not in taken)
            self.namedtuples[kind] = name
            if not all(map(is_name, kind._fields)):
                self.missing.append(f"It returns a {told(kind)}, whose fields have no names of Python.")
            fields = literal([identifier(each) for each in kind._fields])
            self.sources.definitions.append(f"{name} = namedtuple({literal(name)}, {fields})")
            self.sources.imports.append("from collections import namedtuple")
        return name

    # ------------------------------------------------------------------------------------------- the text
    def _written(self, f: Callable[..., Any]) -> Text:
        text = Text()
        self._write_head(text, f)
        self._write_memory(text)
        self._write_helpers(text)
        for block in self.executable.module.blocks:
            text.add_function(block)
        # A program that runs here reuses results that nobody holds any more. The exported one makes new ones.
        main = self.executable.module.main
        statements = [(_FRESH.sub(r"\1np.empty(", line), call) for line, call in main.statements]
        main = main._replace(parameters=self.parameters, statements=statements)
        text.add_function(main, True, self.begin, [f"return {self.results}"], self._docstring())
        return text

    def _write_head(self, text: Text, f: Callable[..., Any]) -> None:
        """Write the docstring, the imports, and what is missing."""
        name, module = self.executable.name, self.executable.module
        code = getattr(inspect.unwrap(f), "__code__", None)
        origin = f"{name} ({os.path.basename(file_of(code.co_filename))}:{code.co_firstlineno})" if code else name
        first = [*dict.fromkeys(self.sources.imports), *(["from pathlib import Path"] if self.arrays else [])]
        imports = sorted({*first, *module.imports}, key=lambda line: (line.startswith("from"), line))
        scipy = any(line.startswith(("import scipy", "from scipy")) for line in imports)
        needs = "NumPy and SciPy" if scipy else "NumPy"
        text.add_prose(
            *docstring(
                f"The program of {origin}, written by autograd.compile. It needs {needs} alone.",
                ["", "It computes in memory that is made once: not in several threads at a time."],
            ),
            "",
        )
        if self.sources.definitions:
            text.add("from __future__ import annotations", "")
        standard = [line for line in imports if not _is_ours(line)]
        text.add(*standard, *([""] if standard else []))
        text.add(*filter(_is_ours, imports), "")
        if self.missing:
            text.add_prose(*[comment(f"Not in this text: {each}", 10 * WIDTH) for each in self.missing], "")

    def _write_memory(self, text: Text) -> None:
        """Write the statements that load arrays and make buffers."""
        module = self.executable.module
        if self.arrays:
            differs = f"{self.constants} belongs to another module: export the two again."
            text.add(
                f"with np.load(Path(__file__).with_name({literal(self.constants)}), allow_pickle=False) as file:",
                "    given = dict(file)",
                f"if given.pop({literal(_MADE_FOR)}, None) != {literal(self.made_for)}:",
                f"    raise ValueError({literal(differs)})",
                "",
            )
        made = (*module.memory, *[each for block in module.blocks for each in block.scratch])
        if any("aligned(" in line for line in made):
            text.add(*_ALIGNED.splitlines(), "", "")
        stored = [name for _, name in module.stores]
        own = {*stored, *self.sources.arrays}
        text.add(*[f'{name} = given["{name}"]' for name in self.arrays if name not in own])
        text.add(*module.memory)
        text.add(*([f'{name}[...] = given["{name}"]  # a variable, which calls change' for name in stored]), "", "")

    def _write_helpers(self, text: Text) -> None:
        """Write the functions that the program calls."""
        module = self.executable.module
        for helper, is_needed in (
            (_LOOP, module.blocks),
            (_CHANGED, module.checks),
            (_AS_ARRAY, any("= as_array(" in line for line in self.begin)),
            (_EXPECT, any(line.startswith("expect(") for line in self.begin)),
        ):
            if is_needed:
                text.add(*helper.splitlines(), "", "")
        for definition in self.sources.definitions:
            text.lines.extend([*definition.split("\n"), *(["", ""] if "\n" in definition else [])])
        if self.sources.definitions and text.lines[-1]:
            text.add("", "")

    def _docstring(self) -> list[str]:
        rows = [f"{each.path} : {each.leaf.dtype}, shape {each.leaf.shape}" for each in self.arguments if each.name]
        if self.executable.module.stores:
            rows.append(f"Gives other values to {', '.join(name for _, name in self.executable.module.stores)}.")
        return docstring(f"Return what {self.executable.name} returns.", ["", *rows] if rows else [])


def _digest(arrays: dict[str, Any]) -> str:
    """Return what tells some arrays from others."""
    import hashlib  # here, because it would slow the import of the package

    found = hashlib.sha256()
    for name, array in arrays.items():
        found.update(f"{name} {array.dtype} {array.shape} ".encode())
        found.update(b"" if array.dtype.kind == "O" else array.tobytes())
    return found.hexdigest()[:16]


def _names_in(text: str) -> set[str]:
    """Return the names in the text of a module."""
    fields = ("id", "arg", "name", "asname")
    return {str(name) for node in ast.walk(ast.parse(text)) for each in fields if (name := getattr(node, each, None))}


def _is_ours(line: str) -> bool:
    return line.split()[1].split(".")[0] in ("numpy", "scipy")


def _where(call: Call) -> str:
    return f" (at {shown(call)})" if call.line else ""


def _root(path: str) -> str:
    return path.split("[")[0].split(".")[0]


def _holds_others(value: Any) -> bool:
    """Whether an argument is part of the program: a variable, a model, a function."""
    return isinstance(value, Variable) or not (
        type(value) in _ATOMS or isinstance(value, (np.ndarray, np.generic, Tensor, dict, list, tuple))
    )


def _parameters(known: list[inspect.Parameter], static: dict[str, Any]) -> list[str]:
    """Return the parameters of the def statement. A constant argument is the default, where the function has one."""
    texts: list[str] = []
    optional = True  # a parameter without a default leaves those before it without one
    for each in reversed(known):
        has_default = each.default is not each.empty and each.name in static
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD):
            optional = optional and has_default
            texts.insert(0, f"{each.name}={literal(static[each.name])}" if optional else each.name)
        elif each.kind is each.KEYWORD_ONLY:
            texts.insert(0, f"{each.name}={literal(static[each.name])}" if has_default else each.name)
        else:
            texts.insert(0, f"{'*' if each.kind is each.VAR_POSITIONAL else '**'}{each.name}")
    kinds = [each.kind for each in known]
    if inspect.Parameter.KEYWORD_ONLY in kinds and inspect.Parameter.VAR_POSITIONAL not in kinds:
        texts.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    if inspect.Parameter.POSITIONAL_ONLY in kinds:
        texts.insert(sum(kind is inspect.Parameter.POSITIONAL_ONLY for kind in kinds), "/")
    return texts
