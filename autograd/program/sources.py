"""The source of functions that are not NumPy's, with what they need: helper functions, constants, imports."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import symtable
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from autograd.errors import OperandError
from autograd.program.codegen.literals import has_text, is_name, literal, told
from autograd.registry.define import operation
from autograd.registry.entries import module_of

_INSTALLED = frozenset({*sys.stdlib_module_names, "numpy", "scipy"})


class Sources:
    """Functions as text that needs NumPy alone.

    Attributes
    ----------
    imports : list of str
    definitions : list of str
        Of constants, functions and exceptions; each stands behind what it needs.
    arrays : dict of str to array
        The items of ``given`` in this text.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self.imports: list[str] = []
        self.definitions: list[str] = []
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}
        self._taken = set(taken)
        self._names: dict[Any, str] = {}
        self._kept: list[Any] = []  # so that no other thing gets the identity of one that has a name

    def add(self, name: str, fn: Callable[..., Any]) -> None:
        """Define a function under a name.

        Raises
        ------
        OperandError
            If its text, or that of something it needs, cannot be found.
        """
        self._know(fn, name, name)
        self._define(fn, name)

    def _know(self, thing: Any, wanted: str, name: str) -> None:
        self._names[_key(thing, wanted)] = name
        self._kept.append(thing)
        self._taken.add(name)

    def _expr(self, thing: Any, wanted: str, used: set[str]) -> str:
        """Return the name of something that a function needs, and see that it is defined. ``used`` are the names that
        its text has.
        """
        if (found := self._names.get(_key(thing, wanted))) is not None:
            return found
        name, count = wanted, 1
        while name in self._taken or (count > 1 and name in used):
            count += 1
            name = f"{wanted}_{count}"
        self._know(thing, wanted, name)
        self._define(thing, name)
        return name

    def _define(self, thing: Any, name: str) -> None:
        thing = _inside(thing)
        origin = _import_of(thing)
        if origin is not None:
            self.imports.append(origin if origin.split()[-1] == name else f"{origin} as {name}")
        elif isinstance(thing, (np.ndarray, np.generic)) and thing.dtype.kind != "O":
            self.arrays[name] = np.asarray(thing)
            self.definitions.append(f'{name} = given["{name}"]{"" if isinstance(thing, np.ndarray) else "[()]"}')
        elif isinstance(thing, FunctionType) or (isinstance(thing, type) and issubclass(thing, BaseException)):
            self.definitions.append(self._source(thing, name))
        else:
            if not has_text(thing):
                raise OperandError(f"{_told(thing)} cannot be written as text.")
            self.definitions.append(f"{name} = {literal(thing)}")

    def _source(self, thing: Any, name: str) -> str:
        """Return the text of a function or an exception, in which everything has the name that it has here."""
        try:
            source = textwrap.dedent(inspect.getsource(thing))
            tree = ast.parse(source).body[0]
        except (OSError, TypeError, SyntaxError) as error:
            raise OperandError(f"the text of {_told(thing)} cannot be found: {error}. Define it in a file.") from error
        if not isinstance(tree, (ast.FunctionDef, ast.ClassDef)):
            raise OperandError(f"{_told(thing)} has no text of its own. Define it by a def statement.")
        if isinstance(thing, FunctionType) and not _is_in_file(thing):
            raise OperandError(
                f"the text of {_told(thing)} is not what runs: its file was changed since, or it was not imported from "
                f"a file."
            )
        around = _around(thing)
        locals_, needed = _names_in(source)
        used = set(re.findall(r"\w+", source))
        edits = list(_without_our_decorators(source, tree, around))
        dropped = [(start, end) for start, end, _ in edits]
        for place, path, found in _needed(tree, around, needed):
            if any(start <= _offset(source, place.lineno, place.col_offset) < end for start, end in dropped):
                continue
            now = self._expr(found, path.rpartition(".")[2], used)
            if now != path:
                if path.split(".")[0] in locals_:
                    raise OperandError(f"{_told(thing)} uses the name {path.split('.')[0]} for two things. Rename one.")
                edits.append(
                    (
                        _offset(source, place.lineno, place.col_offset),
                        _offset(source, place.end_lineno, place.end_col_offset),
                        now,
                    )
                )
        if tree.name != name:
            begin = _offset(source, tree.lineno, tree.col_offset)
            found = re.search(r"\b(?:def|class)\s+(\w+)", source.encode()[begin:].decode())
            assert found is not None
            at = begin + len(source.encode()[begin:].decode()[: found.start(1)].encode())
            edits.append((at, at + len(found[1].encode()), name))
        encoded = source.encode()
        for start, end, now in sorted(edits, reverse=True):
            encoded = encoded[:start] + now.encode() + encoded[end:]
        return encoded.decode().strip("\n")


def _key(thing: Any, wanted: str) -> Any:
    """Return what tells a thing from others. Equal numbers can be one object, and yet have a name each."""
    return (id(thing), wanted) if isinstance(thing, (int, float, complex, str, bytes, tuple, type(None))) else id(thing)


def _inside(thing: Any) -> Any:
    """Return the function of arrays in an operation of ours; what else there is, as it is."""
    inner = getattr(thing, "__wrapped__", None)
    return (
        inner
        if inner is not None and getattr(thing, "__globals__", {}).get("__name__") == operation.__module__
        else thing
    )


def _is_in_file(function: FunctionType) -> bool:
    """Whether the code of a function is what its file makes now, at the lines where it stands."""
    try:
        todo: list[Any] = [compile("".join(inspect.findsource(function)[0]), "", "exec", dont_inherit=True)]
    except SyntaxError:
        return False
    while todo:
        code = todo.pop()
        if code == function.__code__:
            return True
        todo.extend(each for each in code.co_consts if isinstance(each, CodeType))
    return False


def _around(thing: Any) -> dict[str, Any]:
    """Return what the names in a function or a class stand for that are not its own."""
    if isinstance(thing, type):
        return vars(sys.modules[thing.__module__])
    cells = zip(thing.__code__.co_freevars, thing.__closure__ or (), strict=True)
    return {**thing.__globals__, **{name: cell.cell_contents for name, cell in cells}}


def _names_in(source: str) -> tuple[set[str], set[str]]:
    """Return the names that are local somewhere in a definition, and those that it takes from around it."""
    locals_: set[str] = set()
    needed: set[str] = set()

    def walk(table: symtable.SymbolTable) -> None:
        if table.get_type() == "annotation":
            return
        for symbol in table.get_symbols():
            if table.get_type() != "module" and (symbol.is_local() or symbol.is_parameter()):
                locals_.add(symbol.get_name())
            elif symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
                needed.add(symbol.get_name())
        for child in table.get_children():
            walk(child)

    walk(symtable.symtable(f"from __future__ import annotations\n{source}", "source", "exec"))
    return locals_, needed


def _needed(tree: ast.AST, around: dict[str, Any], names: set[str]) -> Iterator[tuple[Any, str, Any]]:
    """Yield what a definition needs: where it is named, by which name, and what it is. Of a module that is not
    installed, the member.
    """
    if isinstance(tree, ast.Attribute):
        chain: list[ast.Attribute] = []
        inner: ast.AST = tree
        while isinstance(inner, ast.Attribute):
            chain.insert(0, inner)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in names and inner.id in around:
            place: Any = inner
            path, found = inner.id, around[inner.id]
            for attribute in chain:
                if not isinstance(found, ModuleType) or _import_of(found) is not None:
                    break
                place, path = attribute, f"{path}.{attribute.attr}"
                found = getattr(found, attribute.attr)
            yield place, path, found
            return
    if isinstance(tree, ast.Name) and tree.id in names:
        if tree.id in around:
            yield tree, tree.id, around[tree.id]
        elif not hasattr(builtins, tree.id):
            raise OperandError(f"the name {tree.id} is not defined.")
    for field, child in ast.iter_fields(tree):
        if field in ("annotation", "returns"):
            continue
        for each in child if isinstance(child, list) else [child]:
            if isinstance(each, ast.AST):
                yield from _needed(each, around, names)


def _without_our_decorators(source: str, tree: Any, around: dict[str, Any]) -> Iterator[tuple[int, int, str]]:
    """Yield the places of decorators of this package, which make an operation of a function."""
    for decorator in tree.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        root = named
        while isinstance(root, ast.Attribute):
            root = root.value
        found = around.get(getattr(root, "id", ""))
        module = str(getattr(found, "__module__", None) or getattr(found, "__name__", ""))
        if module.split(".")[0] == __name__.split(".")[0]:
            start = _offset(source, decorator.lineno, 0)
            yield start, _offset(source, decorator.end_lineno + 1, 0), ""


def _offset(source: str, line: int | None, column: int | None) -> int:
    """Return the place of a line and a column, in bytes."""
    assert line is not None
    assert column is not None
    return sum(len(each.encode()) for each in source.split("\n")[: line - 1]) + line - 1 + column


def _import_of(thing: Any) -> str | None:
    """Return the statement that imports something of NumPy, SciPy or the standard library, or None."""
    if isinstance(thing, ModuleType):
        name = thing.__name__
        is_found = sys.modules.get(name) is thing and name.split(".")[0] in _INSTALLED
        return f"import {name}" if is_found and all(map(is_name, name.split("."))) else None
    name = getattr(thing, "__name__", "")
    places = [module_of(thing) if callable(thing) else "", getattr(thing, "__module__", None) or ""]
    if isinstance(thing, np.ufunc):  # some of SciPy's stand behind a function of the same name
        places.append("scipy.special._ufuncs")
    for module in places:
        is_text = all(map(is_name, (*module.split("."), name)))
        if is_text and module.split(".")[0] in _INSTALLED and getattr(sys.modules.get(module), name, None) is thing:
            return f"from {module} import {name}"
    return None


def _told(thing: Any) -> str:
    """Name something in a message."""
    if isinstance(thing, (FunctionType, type)):
        return f"{thing.__module__}.{thing.__qualname__}"
    return told(thing)
