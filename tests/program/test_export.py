"""The program as `compile` shows and writes it: as text, and as a module that needs NumPy alone."""

import ast
import functools
import importlib
import itertools
import math
import pickle
import re
import subprocess
import sys
from collections import namedtuple

import numpy as np
import pytest
import scipy.special

import autograd
import autograd.scipy
import nn
from autograd import GradientTape, Variable, effects
from autograd.errors import OperandError
from autograd.extend import defvjp, operation

DRIVER = """
import pickle, sys
sys.modules["autograd"] = sys.modules["nn"] = None
sys.path.insert(0, sys.argv[1])
import model
results = []
for args, kwargs in pickle.loads(sys.stdin.buffer.read()):
    try:
        results.append(getattr(model, sys.argv[2])(*args, **kwargs))
    except Exception as error:
        results.append(f"{type(error).__name__}: {error}")
names = {name: getattr(model, name) for name in sys.argv[3:]}
plain = [tuple(each) if hasattr(each, "_fields") else each for each in results]
sys.stdout.buffer.write(pickle.dumps((plain, names)))
"""


def run_exported(folder, name, *calls, names=()):
    """Call a function of the module in a folder, where there is neither autograd nor nn. Return what it returned and
    some names of the module.
    """
    given = pickle.dumps([(args, {}) if isinstance(args, tuple) else ((), args) for args in calls])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", DRIVER, str(folder), name, *names],
        input=given,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return pickle.loads(done.stdout)


def same(found, expected):
    """See that two nests are equal, to the bit."""
    assert type(found) is type(expected)
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        found, expected = list(found.values()), list(expected.values())
    if isinstance(expected, (list, tuple)):
        assert len(found) == len(expected)
        for each, other in zip(found, expected, strict=True):
            same(each, other)
    else:
        np.testing.assert_array_equal(found, expected)
        assert np.asarray(found).dtype == np.asarray(expected).dtype


def check(folder, f, *args):
    """Export the program of a function, and see that it computes what the compiled function does."""
    compiled = autograd.compile(f)
    compiled.export(folder / "model.py", *args)
    [found], _ = run_exported(folder, compiled.source(*args).rpartition("def ")[2].partition("(")[0], args)
    same(found, compiled(*args))
    return (folder / "model.py").read_text(encoding="utf-8")


def gradient(x):
    def loss(x):
        y = np.tanh(x) * np.exp(-(x**2))
        return np.sum(y + np.log1p(x**2))

    return autograd.grad(loss)(x)


def test_short_and_long_arrays(tmp_path):
    rng = np.random.default_rng(0)
    text = check(tmp_path, gradient, rng.normal(size=7))
    assert "in_blocks" not in text
    assert not (tmp_path / "model.npz").exists()
    text = check(tmp_path, gradient, rng.normal(size=100_003))
    assert text.count("def in_blocks(") == 1
    check(tmp_path, lambda x: (np.sum(np.exp(x)), x.max(0)), rng.normal(size=(4000, 30)))


def test_the_source_is_what_is_exported_and_it_can_be_read(tmp_path):
    x = np.linspace(0, 1, 5, dtype=np.float32)
    compiled = autograd.compile(gradient)
    text = compiled.source(x)
    compiled.export(tmp_path / "gradient.py", x)
    assert (tmp_path / "gradient.py").read_text(encoding="utf-8") == text
    tree = ast.parse(text)
    assert f"gradient (test_export.py:{gradient.__code__.co_firstlineno})" in ast.get_docstring(tree)
    assert "x : float32, shape (5,)" in ast.get_docstring(tree.body[-1])
    line = gradient.__code__.co_firstlineno
    comments = [each.partition("  # ") for each in text.splitlines() if "  # " in each]
    assert len({len(statement) for statement, _, _ in comments}) == 1
    shown = [comment for _, _, comment in comments]
    assert f"test_export.py:{line + 2}  y = np.tanh(x) * np.exp(-(x**2))" in shown
    assert f"test_export.py:{line + 3}  return np.sum(y + np.log1p(x**2))" in shown
    assert all(before != after for before, after in itertools.pairwise(shown))
    assert len(shown) < text.count(", b") + text.count(", out")  # and not one for each statement
    assert max(map(len, text.splitlines())) <= 120


def test_what_no_line_of_the_function_asks_for_bears_none():
    def product(x):
        first, second = x
        return first * np.exp(second)

    compiled = autograd.compile(autograd.grad(product))
    text = compiled.source(np.ones(2))  # the gradient is put together outside of the function, and not on this line
    line = product.__code__.co_firstlineno
    assert re.findall(r"  # (test_export.py:.*)", text) == [
        f"test_export.py:{line + 1}  first, second = x",
        f"test_export.py:{line + 2}  return first * np.exp(second)",
    ]
    assert "out0.fill(0)" in text
    stats = compiled.stats(np.ones(2))
    assert next(each.line for each in stats.statements if each.text == "out0.fill(0)") == ""
    assert repr(stats) == str(stats)


def test_nests_in_and_out(tmp_path):
    Pair = namedtuple("Pair", ["w", "b"])

    def step(params, batch, *rest, rate=0.1, mode="fast", **options):
        y = np.tanh(batch["x"] @ params["layers"][0].w + params["layers"][0].b) * rest[0]
        return {
            "y": [y, y.sum()],
            "pair": Pair(y[0], options["c"] * 2),
            "n": 3,
            "none": None,
            "rate": rate,
            1: (math.inf,),
        }

    args = ({"layers": [Pair(np.ones((3, 2)), np.zeros(2))]}, {"x": np.full((4, 3), 0.1), "n": 4}, np.float64(2.0))
    compiled = autograd.compile(step)
    compiled.export(tmp_path / "model.py", *args, c=np.arange(3.0))
    text = (tmp_path / "model.py").read_text(encoding="utf-8")
    assert 'def step(params, batch, *rest, rate=0.1, mode="fast", **options):' in text
    assert 'params["layers"][0].w' in text
    driver = f"""
import sys; sys.modules["autograd"] = None; sys.path.insert(0, {str(tmp_path)!r})
import numpy as np, model
from collections import namedtuple
Pair = namedtuple("Pair", ["w", "b"])
def call(x=np.full((4, 3), 0.1), n=4, rate=0.1, scale=np.float64(2.0), layers=1):
    params = {{"layers": [Pair(np.ones((3, 2)), np.zeros(2))] * layers}}
    return model.step(params, {{"x": x, "n": n}}, scale, rate=rate, c=np.arange(3.0))
found = call()
pair = found["pair"]
print([float(found["y"][1]), type(pair).__name__, pair.b.tolist(), found["n"], found["none"], found["rate"], found[1]])
x32 = np.ones((4, 3), np.float32)
for wrong in ({{"x": np.ones((1, 3))}}, {{"x": x32}}, {{"n": 5}}, {{"rate": 0.2}}, {{"layers": 2}}):
    try:
        call(**wrong)
    except ValueError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", driver], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    expected = compiled(*args, c=np.arange(3.0))
    assert lines[0] == str([float(expected["y"][1]), "Pair", [0.0, 2.0, 4.0], 3, None, 0.1, (math.inf,)])
    assert lines[1:] == [
        'batch["x"] is an array of float64, shape (4, 3): received float64, shape (1, 3).',
        'batch["x"] is an array of float64, shape (4, 3): received float32, shape (4, 3).',
        'batch["n"] is 4 here: received 5.',
        "rate is 0.1 here: received 0.2.",
        'len of params["layers"] is 1 here: received 2.',
    ]


def test_names_that_a_program_uses_itself(tmp_path):
    def add(exp, empty, k, start, where, copyto, x0, b0, add):
        return np.where(k > 0, exp * empty + start, where - copyto) + np.exp(x0) + np.exp(b0), add + 1

    for n in (3, 40_000):
        check(tmp_path, add, *np.random.default_rng(1).normal(size=(9, n)))

    def in_blocks(given, Path, file):
        return np.exp(given) * Path + file

    for n in (3, 40_000):
        check(tmp_path, in_blocks, *np.random.default_rng(1).normal(size=(3, n)))
    with pytest.raises(OperandError, match="Its parameter np has the name of something else there: rename it"):
        autograd.compile(lambda np: np * 2).export(tmp_path / "model.py", np.ones(3))


def test_arguments_of_one_name(tmp_path):
    x = np.ones(3)
    check(tmp_path, lambda a, b: a + 2 * b, x, x)
    check(tmp_path, lambda a_b, a: a_b["b"] + 2 * a["b"] + 3 * a["c_d"], {"b": x}, {"b": 2 * x, "c_d": x})
    check(tmp_path, lambda a, a_b: a["b"] + 2 * a_b["c"], {"b": x}, {"c": 2 * x})


def test_variables(tmp_path):
    rng = np.random.default_rng(2)
    w, b, scale = (
        Variable(rng.normal(size=(3, 2)), name="w"),
        Variable(rng.normal(size=2), name="file"),
        Variable(2.0, name="scale"),
    )

    def step(x):
        with GradientTape() as tape:
            loss = np.mean((np.tanh(x @ w + b) * scale) ** 2)
        for variable, g in zip((w, b), tape.gradient(loss, (w, b)), strict=True):
            variable.assign_sub(0.1 * g)
        return loss

    x = rng.normal(size=(5, 3))
    compiled = autograd.compile(step)
    before = w.numpy().copy()
    compiled.export(tmp_path / "model.py", x)
    np.testing.assert_array_equal(w.numpy(), before)  # to look changes nothing
    storage = {variable.name: name for variable, name in compiled._executable((x,), {})[0].module.stores}
    results, names = run_exported(tmp_path, "step", (x,), (x,), names=list(storage.values()))
    same(results, [compiled(x), compiled(x)])
    np.testing.assert_array_equal(names[storage["w"]], w.numpy())
    np.testing.assert_array_equal(names[storage["file"]], b.numpy())
    text = (tmp_path / "model.py").read_text(encoding="utf-8")
    assert text.count("# a variable, which calls change") == 2
    assert 'scale = given["scale"]' in text


def test_a_model_among_the_arguments_is_taken_as_it_is(tmp_path):
    model = nn.Sequential([nn.layers.Dense(4, activation="relu"), nn.layers.Dense(2, activation="softmax")])
    model(np.ones((1, 3), np.float32))

    def predict(model, x, training=False):
        return model(x, training=training)

    x = np.random.default_rng(3).normal(size=(6, 3)).astype(np.float32)
    compiled = autograd.compile(predict)
    compiled.export(tmp_path / "model.py", model, x)
    [found], _ = run_exported(tmp_path, "predict", {"x": x})
    same(found, compiled(model, x))


def test_constants_are_read_without_pickle(tmp_path):
    table = np.random.default_rng(4).normal(size=(50, 3))
    nan = np.float64("nan")

    def f(x):
        return x @ table.T, np.nan_to_num(x, nan=math.inf), x * nan, np.full(2, 7), np.float32(2.5)

    text = check(tmp_path, f, np.ones((2, 3)))
    assert "allow_pickle=False" in text
    assert 'Path(__file__).with_name("model.npz")' in text


def test_guards_are_checks(tmp_path):
    def f(x, y):
        if x[0] > 0:
            y = y * 2
        if not np.allclose(x, y):
            y = y + int(x[1])
        return y * float(x[2])

    compiled = autograd.compile(f)
    x, y = np.array([1.0, 2.0, 3.0]), np.ones(3)
    compiled.export(tmp_path / "model.py", x, y)
    line = f.__code__.co_firstlineno
    [good, first, item], _ = run_exported(tmp_path, "f", (x, y), (-x, y), (np.array([1.0, 2.0, 4.0]), y))
    same(good, f(x, y))
    assert first == (
        f"Changed: at 'test_export.py:{line + 1}  if x[0] > 0:' it was True when this program was written. It is not "
        f"now: the program does not hold."
    )
    assert f"Changed: at 'test_export.py:{line + 5}  return y * float(x[2])' it was 3.0" in item


def test_the_source_is_that_of_the_way_of_its_arguments():
    def f(x):
        return np.exp(x) if x[0] > 0 else np.sin(x)

    compiled = autograd.compile(f)
    up, down = np.ones(2), -np.ones(2)
    for x, name in ((up, "exp("), (down, "sin("), (up, "exp(")):
        assert name in compiled.source(x)
        np.testing.assert_array_equal(compiled(x), f(x))
    assert len(compiled._found.popitem()[1].ways) == 2


# -------------------------------------------------------------------------------------- operations that are not NumPy's
POWER = 3
FACTORS = np.array([1.0, 2.0])
TABLE = {"a": (1, 2.5)}


def _halved(x):
    return x / 2


@operation
def cubed(x, scale: "float" = TABLE["a"][1]):
    """Return the cube, by what stands around."""

    def inner(t):
        return _halved(t) ** POWER * FACTORS[1]

    if x.ndim > 5:
        raise OperandError("too many")
    return inner(np.array(x.tolist())) * scale * math.pi + scipy.special.erf(x)


defvjp(cubed, lambda g, ans, x, scale=2.5: g * x)


def powers(exponent):
    @operation
    def power(x):
        return np.array([each**exponent for each in x.tolist()])

    defvjp(power, lambda g, ans, x: g * exponent)
    return power


squared, to_the_fourth = powers(2), powers(4)


def test_operations_are_exported_by_their_source(tmp_path):
    x = np.array([0.5, -1.0, 2.0])
    text = check(tmp_path, lambda x: (cubed(x), squared(x), to_the_fourth(x), cubed(x, scale=1.0)), x)
    assert "@operation" not in text
    assert text.count("def cubed(") == 1
    assert "needs NumPy and SciPy alone" in text
    check(tmp_path, lambda x: autograd.grad(lambda x: np.sum(np.nan_to_num(nn.ops.erf(x)) ** 2))(x), x)


def test_operations_of_scipy_are_imported(tmp_path):
    def f(x, m):
        solved = autograd.scipy.linalg.solve_sylvester(m, m.T, m)
        return (
            autograd.scipy.special.polygamma(1, x),
            np.sum(m, dtype=np.float64),
            np.linalg.eigh(m)[1],
            solved,
            autograd.scipy.special.logsumexp(x),
        )

    text = check(tmp_path, f, np.array([0.5, 2.0]), np.array([[2.0, 0.5], [0.5, 1.0]], np.float32))
    assert "NumPy and SciPy alone" in text
    assert "get_lapack_funcs" not in text


def test_a_text_that_was_changed_since_is_not_taken(tmp_path, monkeypatch):
    text = """
from __future__ import annotations
import numpy as np
from autograd.extend import operation
def times(k: float):
    @operation
    def product(x: np.ndarray) -> np.ndarray:
        y: list = x.tolist()
        return np.array([(lambda t: t * k)(each) for each in y])
    return product
"""
    (tmp_path / "changing_operations.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    product = importlib.import_module("changing_operations").times(3.0)
    defvjp(product, lambda g, ans, x: g * 3.0)
    x = np.ones(2)
    (tmp_path / "good").mkdir()
    check(tmp_path / "good", lambda x: product(x), x)
    (tmp_path / "changing_operations.py").write_text(text.replace("t * k", "t - k"))
    with pytest.raises(
        OperandError,
        match=r"the text of changing_operations\.times\.<locals>\.product is not what runs: its file was changed",
    ):
        autograd.compile(lambda x: product(x)).export(tmp_path / "model.py", x)
    assert not (tmp_path / "model.py").exists()


# Every kind of parameter, and arguments that are given by position, by name, and not at all.
def parameters(first, /, second, third=2.0, *rest, only, another="b", **more):
    return first * second + third * rest[0] + only, another, more["extra"]["x"][1] * 2


def test_parameters_of_every_kind(tmp_path):
    x = np.arange(3.0)
    compiled = autograd.compile(parameters)
    compiled.export(tmp_path / "model.py", x, x + 1, 3.0, x + 2, only=x + 3, extra={"x": (1.0, x)})
    text = (tmp_path / "model.py").read_text(encoding="utf-8")
    assert 'def parameters(first, /, second, third=3.0, *rest, only, another="b", **more):' in text
    compiled.export(tmp_path / "model.py", x, x + 1, x, x + 2, only=x + 3, extra={"x": (1.0, x)})
    assert "(first, /, second, third, *rest, only," in (tmp_path / "model.py").read_text(encoding="utf-8")
    call = "model.parameters(x, x + 1, x, x + 2, only=x + 3, extra={'x': (1.0, x)})"
    driver = f"import numpy as np, model; x = np.arange(3.0); print({call})"
    done = subprocess.run([sys.executable, "-c", driver], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str(parameters(x, x + 1, x, x + 2, only=x + 3, extra={"x": (1.0, x)})), done.stderr
    check(tmp_path, np.hypot, x, x)  # a function without a signature
    check(tmp_path, functools.partial(parameters, x, x, only=x, extra={"x": (x, x)}), x, x)


def test_what_cannot_be_written_is_refused_and_nothing_is_written(tmp_path):
    x = np.ones(3)

    def refused(f, match):
        compiled = autograd.compile(f)
        with pytest.raises(OperandError, match=match):
            compiled.export(tmp_path / "model.py", x)
        assert list(tmp_path.iterdir()) == []
        assert "# Not in this text: " in compiled.source(x)

    normal = autograd.numpy.random.normal
    refused(
        lambda x: x + normal(size=3),
        r"draws or asks for a value \(at test_export.py:\d+  lambda x: .*Pass that as an argument",
    )
    refused(lambda x: x * effects.ask(lambda: 0.1), "draws or asks for a value")

    def counted(x):
        effects.at_end(lambda: None)
        return x * 2

    refused(counted, "at the end of each run")
    unnamed = operation(lambda x: np.array([each**2 for each in x.tolist()]))
    defvjp(unnamed, lambda g, ans, x: g)
    refused(lambda x: unnamed(x), r"It calls _lambda_.*cannot be found|has no text of its own")
    helper = object()

    def needs_more(x):
        return np.array(x.tolist() if helper else x)

    odd = operation(needs_more)
    defvjp(odd, lambda g, ans, x: g)
    refused(lambda x: odd(x), "It calls needs_more .at test_export.py.*<object object at .* cannot be written as text")
    with pytest.raises(OperandError, match=r"ends in .py: received 'model.txt'"):
        autograd.compile(lambda x: x * 2).export("model.txt", x)
    with pytest.raises(FileNotFoundError):
        autograd.compile(lambda x: x * 2).export(tmp_path / "missing" / "model.py", x)


def test_refused_functions_say_so_without_being_run_for_effect():
    w = Variable(1.0)

    def f(x):
        w.assign_add(1.0)
        return x * w

    compiled = autograd.compile(f)
    compiled.source(np.ones(2))
    compiled.stats(np.ones(2))
    assert float(w) == 1.0
