"""Names, keys, constants and file names that look like code: a program treats them as text, or refuses them."""

import decimal
import enum
import math
import subprocess
import sys
import types
import warnings
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import Variable
from autograd.errors import AutogradError, CompileWarning, OperandError
from autograd.program.codegen.literals import comment, docstring, identifier, is_name, literal

X = np.array([0.5, -1.5])
# Code that a text turns into leaves this name behind.
RUN = "__import__('builtins').RAN_CODE"
TEXTS = {
    "quotes in a docstring": '"""; import builtins; builtins.RAN_CODE = 1; """',
    "single quotes": "''' + str(setattr(__import__('builtins'), 'RAN_CODE', 1)) + '''",
    "end of line": "x\nimport builtins; builtins.RAN_CODE = 1\n#",
    "return": "x\rimport builtins; builtins.RAN_CODE = 1\r#",
    "form feed": "x\x0cimport builtins; builtins.RAN_CODE = 1",
    "line separator": "x\u2028import builtins; builtins.RAN_CODE = 1",
    "next line": "x\x85import builtins; builtins.RAN_CODE = 1",
    "backslash": "x\\",
    "backslash and quote": "\\\"); setattr(__import__('builtins'), 'RAN_CODE', 1); (\"",
    "bracket": "]; setattr(__import__('builtins'), 'RAN_CODE', 1); [",
    "brace": "{setattr(__import__('builtins'), 'RAN_CODE', 1)}",
    "percent": "%s %(name)s {0} {}",
    "hash": "# coding: rot13",
    "lone surrogate": "x\udc80",
    "zero byte": "x\0y",
    "micro sign": "\u00b5",
    "ligature": "\ufb01nal",
    "mathematical letter": "\U0001d431",
    "keyword": "lambda",
    "dunder": "__builtins__",
    "name of a helper": "np",
    "name of a builtin": "range",
    "empty": "",
    "long": "a, (" * 200,
    "memory of outputs": "fresh('out0', ",
}


class Text(str):
    def __repr__(self):
        return f"setattr({RUN.rpartition('.')[0]}, 'RAN_CODE', 1)"

    __str__ = __repr__

    def __format__(self, how):
        return repr(self)

    def isidentifier(self):
        return True


class Number(float):
    __repr__ = __str__ = Text.__repr__


class Integer(int):
    __repr__ = __str__ = Text.__repr__


class Raw(bytes):
    __repr__ = __str__ = Text.__repr__


class Part(complex):
    __repr__ = __str__ = Text.__repr__


class Half(np.float64):
    __repr__ = __str__ = Text.__repr__


class Items(list):
    __repr__ = __str__ = Text.__repr__


class Word(enum.Enum):
    ONE = TEXTS["end of line"]

    def __repr__(self):
        return TEXTS["end of line"]


class Count(enum.IntEnum):
    ONE = 1

    def __repr__(self):
        return Text().__repr__()


class Thing:
    def __repr__(self):
        return "float" + TEXTS["end of line"]


VALUES = {
    "str subclass": Text("x"),
    "float subclass": Number(2.0),
    "int subclass": Integer(1),
    "bytes subclass": Raw(b"x"),
    "complex subclass": Part(2),
    "float64 subclass": Half(2.0),
    "list subclass": Items([1]),
    "enum": Word.ONE,
    "int enum": Count.ONE,
    "object": Thing(),
    "class of numbers": type("float64(RAN_CODE)", (np.float64,), {}),
    "NaN": math.nan,
    "minus infinity": -math.inf,
    "minus zero": -0.0,
    "complex NaN": complex(math.nan, -0.0),
    "complex minus zero": complex(-0.0, -0.0),
    "huge": -(10**5000),
    "bytes": b"'\"\\\n",
    "Decimal": decimal.Decimal("NaN"),
    "slice": slice(None, Integer(1)),
    "range": range(0, 9, 2),
    "Ellipsis": ...,
    "dtype of the other byte order": np.dtype(">f8"),
    "date": np.datetime64("2026-12-01"),
    "time": np.timedelta64(3, "s"),
    "records": np.dtype([("x\n", "f8")]),
    "float32": np.float32("nan"),
    "frozenset": frozenset({"a\n"}),
}


@pytest.fixture(autouse=True)
def nothing_ran(tmp_path):
    import builtins

    yield
    assert not hasattr(builtins, "RAN_CODE")


def same(a, b):
    return a.dtype == b.dtype and a.tobytes() == b.tobytes()


def run_everywhere(f, args, path, kwargs=None):
    """Call a function, its program, the text of the program, and the module; each gives the same or is refused."""
    kwargs = kwargs or {}
    expected = np.asarray(f(*args, **kwargs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CompileWarning)
        compiled = autograd.compile(f)
        for _ in range(2):
            assert same(np.asarray(compiled(*args, **kwargs)), expected)
        try:
            text = compiled.source(*args, **kwargs)
        except AutogradError as error:
            return f"refused: {error}"
        compile(text, "source", "exec")
        try:
            compiled.export(path, *args, **kwargs)
        except OperandError as error:
            return f"refused: {error}"
    assert path.read_text(encoding="utf-8") == text.replace(f'"{compiled_name(compiled)}.npz"', f'"{path.stem}.npz"')
    names = {"__file__": str(path), "__name__": path.stem}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
    found = names[compiled_name(compiled)]
    written = (dict, float, int, str, bytes, complex)  # others are part of the program
    kept = [each for each in args if isinstance(each, (np.ndarray, np.generic)) or type(each) in written]
    assert same(np.asarray(found(*kept, **kwargs)), expected)
    return "ran"


def compiled_name(compiled):
    return next(reversed(compiled._found.values())).ways[0].executable.name


@pytest.mark.parametrize("name", TEXTS)
def test_keys_of_dicts(name, tmp_path):
    key = TEXTS[name]
    assert run_everywhere(lambda d: np.sin(d[key]) * 2.0, ({key: X, "other": X},), tmp_path / "m.py") == "ran"


@pytest.mark.parametrize("name", TEXTS)
def test_texts_as_constants(name, tmp_path):
    text = TEXTS[name]
    assert run_everywhere(lambda x, mode: x * len(mode), (X, text), tmp_path / "m.py") == "ran"


@pytest.mark.parametrize("name", TEXTS)
def test_keys_of_results(name, tmp_path):
    key = TEXTS[name]
    compiled = autograd.compile(lambda x: {key: x * 2.0, "text": key})
    assert compiled(X)["text"] == key
    compiled.export(tmp_path / "m.py", X)
    names = {"__file__": str(tmp_path / "m.py")}
    exec((tmp_path / "m.py").read_text(encoding="utf-8"), names)
    found = names["program"](X)
    assert list(found) == [key, *(["text"] if key != "text" else [])]
    assert same(found[key], X * 2.0)
    assert found["text"] == key


@pytest.mark.parametrize("name", TEXTS)
def test_names_of_files_and_functions(name, tmp_path):
    space = {"np": np}
    exec(compile("def f(x):\n    return np.sin(x) * 2.0", TEXTS[name].replace("\0", "0"), "exec"), space)
    f = space["f"]
    f.__code__ = f.__code__.replace(co_name=TEXTS[name], co_qualname=TEXTS[name])
    f.__name__ = TEXTS[name]
    assert run_everywhere(f, (X,), tmp_path / "m.py") == "ran"


@pytest.mark.parametrize("name", TEXTS)
def test_names_of_variables(name, tmp_path):
    read, stored = Variable(X, name=TEXTS[name]), Variable(X, name=TEXTS[name])

    def step(x):
        stored.assign_add(x * read)
        return x + read

    compiled = autograd.compile(step)
    for i in range(1, 3):
        assert same(compiled(X), X + X)
        assert same(stored.numpy(), X + i * X * X)
    compile(compiled.source(X), "source", "exec")


@pytest.mark.parametrize("name", TEXTS)
def test_names_of_operations(name):
    """One of the user's is a global of the program; one that NumPy makes has a name of NumPy's choice."""

    def scaled(x):
        return np.asarray(x) * 3.0

    scaled.__name__ = TEXTS[name]
    op = autograd.extend.operation(scaled)
    op.__name__ = TEXTS[name]
    made = np.frompyfunc(scaled, 1, 1)
    compiled = autograd.compile(lambda x: op(x) + 1.0)
    assert same(np.asarray(compiled(X)), X * 3.0 + 1.0)
    compile(compiled.source(X), "source", "exec")
    assert made.__name__ is not None


@pytest.mark.parametrize("name", TEXTS)
def test_names_of_parameters(name, tmp_path):
    """A code object takes every text as the name of a parameter; a keyword argument has it for sure."""

    def f(x, y):
        return x * y

    f.__code__ = f.__code__.replace(co_varnames=("x", TEXTS[name]))
    run_everywhere(f, (X, X), tmp_path / "m.py")

    def by_key(**given):
        return given[TEXTS[name]] * 2.0

    assert run_everywhere(by_key, (), tmp_path / "n.py", {TEXTS[name]: X}) == "ran"


@pytest.mark.parametrize("name", TEXTS)
def test_names_of_named_tuples(name, tmp_path):
    Pair = namedtuple("Pair", ["a", "b"])
    Pair.__name__ = TEXTS[name].replace("\0", "0").encode("utf-8", "replace").decode()
    compiled = autograd.compile(lambda x: Pair(x, x * 2.0))
    assert same(compiled(X).b, X * 2.0)
    compiled.export(tmp_path / "m.py", X)
    names = {"__file__": str(tmp_path / "m.py")}
    exec((tmp_path / "m.py").read_text(encoding="utf-8"), names)
    assert same(names["program"](X).b, X * 2.0)


def test_two_classes_of_one_name(tmp_path):
    one, other = namedtuple("Pair", ["a"]), namedtuple("Pair", ["b", "c"])
    compiled = autograd.compile(lambda x: (one(x), other(x, x * 2.0)))
    compiled.export(tmp_path / "m.py", X)
    names = {"__file__": str(tmp_path / "m.py")}
    exec((tmp_path / "m.py").read_text(encoding="utf-8"), names)
    first, second = names["program"](X)
    assert first._fields == ("a",)
    assert same(second.c, X * 2.0)


@pytest.mark.parametrize("name", VALUES)
def test_values_as_arguments(name, tmp_path):
    value = VALUES[name]
    run_everywhere(lambda x, mode: x * 2.0, (X, value), tmp_path / "m.py")


@pytest.mark.parametrize("name", [name for name, value in VALUES.items() if type(value).__hash__])
def test_values_as_keys(name, tmp_path):
    if name == "slice" and sys.version_info < (3, 12):
        pytest.skip("slices have no hash before Python 3.12")
    key = VALUES[name]
    run_everywhere(lambda d: d[key] * 2.0, ({key: X},), tmp_path / "m.py")


@pytest.mark.parametrize("name", VALUES)
def test_values_as_results(name):
    value = VALUES[name]
    compiled = autograd.compile(lambda x: (x * 2.0, value))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CompileWarning)
        for _ in range(2):
            assert same(np.asarray(compiled(X)[0]), X * 2.0)
        try:
            text = compiled.source(X)
        except AutogradError:
            return
    names = {"given": {"result0": value}}
    compile(text, "source", "exec")
    if "Not in this text" not in text and "given" not in text:
        exec(text, names)
        found = names["program"](X)[1]
        assert type(found) is type(value)
        assert found == value if isinstance(value, int) else repr(found) == repr(value)


@pytest.mark.parametrize("name", sorted(VALUES.keys() - {"Decimal", "list subclass"}))  # one is refused, one a nest
def test_values_given_to_operations(name):
    value = VALUES[name]

    @autograd.extend.operation
    def scaled(x, mode=None):
        assert type(mode) is type(value)
        assert mode == value if isinstance(value, int) else repr(mode) == repr(value)
        return np.asarray(x) * 3.0

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CompileWarning)
        compiled = autograd.compile(lambda x: scaled(x, mode=value) + 1.0)
        for _ in range(2):
            assert same(np.asarray(compiled(X)), X * 3.0 + 1.0)


def test_numbers_that_look_alike_are_told_apart():
    """A number that a function finds outside is another one, whatever its class shows."""
    space = {"Number": Number, "factor": Number(2.0)}
    exec("def f(x):\n    return x * float(factor)", space)
    compiled = autograd.compile(space["f"])
    assert same(compiled(X), X * 2.0)
    space["factor"] = Number(3.0)
    assert same(compiled(X), X * 3.0)


def test_indices_and_axes_of_other_classes():
    grid = np.arange(12.0).reshape(3, 4)
    for index in (Integer(1), slice(Integer(0), Integer(2)), (Count.ONE, slice(None, None, Integer(2)))):
        compiled = autograd.compile(lambda x, index=index: np.sin(x[index]))
        for _ in range(2):
            assert same(np.asarray(compiled(grid)), np.sin(grid[index]))
    axes = (Integer(1), Integer(0))
    compiled = autograd.compile(lambda x: np.sum(x, axis=Count.ONE) + np.sum(np.transpose(x, axes), axis=0))
    for _ in range(2):
        assert same(np.asarray(compiled(grid)), 2 * grid.sum(1))


def test_name_of_the_exported_file(tmp_path):
    for i, name in enumerate(TEXTS.values()):
        stem = f"{i}{name[:80]}".replace("/", "_").replace("\0", "0")
        try:
            stem.encode()
        except UnicodeEncodeError:
            continue
        path = tmp_path / f"{stem}.py"
        big = np.arange(3000.0)
        autograd.compile(lambda x, big=big: x + big).export(path, big)
        names = {"__file__": str(path)}
        exec(compile(path.read_text(encoding="utf-8"), "m", "exec"), names)
        assert same(names["program"](big), big + big)


def test_modules_that_pose_as_known_ones(tmp_path):
    posing = types.ModuleType("numpy.x; setattr(__import__('builtins'), 'RAN_CODE', 1)")
    posing.factor = 3.0
    path = tmp_path / "user.py"
    path.write_text("def helper(x):\n    return np.asarray(x) * posing.factor\n")
    space = {"np": np, "posing": posing, "__name__": "user"}
    exec(compile(path.read_text(), str(path), "exec"), space)
    op = autograd.extend.operation(space["helper"])
    text = autograd.compile(lambda x: op(x) * 1.0).source(X)
    compile(text, "source", "exec")
    assert "import numpy.x" not in text


def test_characters_that_end_lines_for_some(tmp_path):
    """A form feed in a file ends no line for Python: an exported function gets its name at the right place."""
    path = tmp_path / "paged.py"
    path.write_text(
        "import numpy as np\nfrom autograd.extend import operation\n\x0c\nfactor = 3.0\n\n"
        "@operation\ndef µ(x):\n    a = '\x0c\u2028'; b = factor * np.asarray(x)\n    return b * factor\n",
        encoding="utf-8",
    )
    sys.path.insert(0, str(tmp_path))
    try:
        paged = __import__("paged")
        op = vars(paged)["\u03bc"]
        compiled = autograd.compile(lambda x: op(x) + 1.0)
        compiled.export(tmp_path / "m.py", X)
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("paged", None)
    names = {"__file__": str(tmp_path / "m.py")}
    exec((tmp_path / "m.py").read_text(encoding="utf-8"), names)
    assert same(names["program"](X), X * 9.0 + 1.0)


def test_the_writers_on_their_own():
    rng = np.random.default_rng(0)
    alphabet = "ab1_ .'\"\\\n\r\t#{}[](),:;=%\0\x0c\x85\u2028\udc80\u00b5\ufb01\u0301\U0001d431"
    for _ in range(2000):
        text = "".join(rng.choice([*alphabet], rng.integers(0, 12)))
        assert eval(literal(text)) == text
        assert eval(literal((text, [text], {text: text.encode("utf-8", "replace")}))) == (
            text,
            [text],
            {text: text.encode("utf-8", "replace")},
        )
        space = {}
        name = identifier(text)
        assert is_name(name)
        exec(f"{name} = 1  {comment(text, 40)}\n{comment(text, 200)}", space)
        assert space[name] == 1
        lines = docstring(text, [text, text])
        exec("\n".join(["def f():", *[f"    {line}" for line in lines]]), space)
        assert [line.strip() for line in space["f"].__doc__.strip().split("\n")]
    for number in (-0.0, math.inf, -math.inf, 10**5000, -(10**4000), complex(-0.0, math.inf), complex(0.0, -0.0)):
        found = eval(literal(number))
        assert type(found) is type(number)
        assert found == number
        assert isinstance(number, int) or repr(found) == repr(number)
    assert math.copysign(1.0, eval(literal(-math.nan))) == math.copysign(1.0, -math.nan)


def test_a_weight_named_by_the_micro_sign():
    import nn

    class Scaled(nn.Layer):
        def build(self, shape):
            self.factor = self.add_weight(name="\u00b5", shape=(1,), initializer="ones")

        def call(self, inputs):
            return inputs * self.factor

    model = nn.Sequential([Scaled(), nn.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(np.ones((8, 2)), np.ones((8, 1)), epochs=3, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]


def test_an_exported_module_runs_alone(tmp_path):
    """The attack of a dict key, in another process that would leave a file behind."""
    mark = tmp_path / "ran"
    key = f'"""; open({str(mark)!r}, "w").close(); """'
    autograd.compile(lambda d: d[key] * 2.0).export(tmp_path / "m.py", {key: X})
    driver = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import m, numpy as np\n"
        f"print(m.program({{{key!r}: np.ones(2)}}))"
    )
    done = subprocess.run([sys.executable, "-c", driver], capture_output=True, text=True, check=False)
    assert done.stdout == "[2. 2.]\n", done.stderr
    assert not Path(mark).exists()
