"""Tensors are values: attempts to change one behind a tape's back."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable
from autograd.errors import DetachedError, DtypeError, OperandError, ShapeError


def test_the_array_that_was_passed_in_can_change():
    array = np.array([1.0, 2.0])
    t, v = Tensor(array), Variable(array)
    array[:] = 99.0
    assert t.tolist() == v.tolist() == [1.0, 2.0]


VIEWS = {
    "reshape": lambda x: anp.reshape(x, (3, 2)),
    "ravel": anp.ravel,
    "transpose": anp.transpose,
    "asarray": anp.asarray,
    "broadcast_to": lambda x: anp.broadcast_to(x, (4, 2, 3)),
    "real": anp.real,
    "squeeze": anp.squeeze,
    "expand_dims": lambda x: anp.expand_dims(x, 0),
    "flip": anp.flip,
    "diagonal": anp.diagonal,
    "atleast_1d": anp.atleast_1d,
    "split": lambda x: anp.split(x, 2)[1],
    "broadcast_arrays": lambda x: anp.broadcast_arrays(x, x)[0],
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_no_tensor_is_a_view_of_somebody_elses_array(view):
    array = np.arange(6.0).reshape(2, 3)
    tensor = view(array)
    before = tensor.numpy().copy()
    array[...] = 99.0
    np.testing.assert_array_equal(tensor.numpy(), before)


def test_operands_masks_indices_and_keywords_can_change_before_the_gradient_is_taken():
    x, mask, index, weights = (
        Tensor(np.ones(3)),
        np.array([True, False, True]),
        np.array([0, 1]),
        np.array([1.0, 2.0, 3.0]),
    )
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        targets = [
            anp.where(mask, x * 2, x * 3),
            x[index] * 5,
            x * weights,
            np.concatenate([x, weights]) * x[0],
            np.sum(x * x, where=mask),
            anp.einsum("i,i->", x, weights),
            anp.take(x, index),
        ]
    mask[:], index[:], weights[:] = False, 2, 0.0
    expected = [[2, 3, 2], [5, 5, 0], [1, 2, 3], [10, 1, 1], [2, 0, 2], [1, 2, 3], [1, 1, 0]]
    for target, gradient in zip(targets, expected, strict=True):
        np.testing.assert_array_equal(tape.gradient(target, x).numpy(), gradient)


def test_what_goes_out_is_read_only():
    for t in (Tensor([1.0, 2.0]), Variable([1.0, 2.0]), Tensor([1.0, 2.0]) * 2):
        for out in (t.numpy(), np.asarray(t)):
            with pytest.raises(ValueError, match="read-only"):
                out[0] = 5.0
            with pytest.raises(ValueError, match="cannot set WRITEABLE flag"):
                out.flags.writeable = True
        copy = np.array(t)
        copy[0] = 5.0
        assert t.tolist() != copy.tolist()


def test_a_view_keeps_its_value_when_the_handle_gets_another():
    t = Tensor(np.zeros(3))
    seen = t.numpy()
    t[0] = 1.0
    v = Variable(np.zeros(3))
    watched = v.numpy()
    v.assign_add(np.ones(3))
    with v.writing() as buffer:
        buffer += 1.0
    assert seen.tolist() == watched.tolist() == [0.0, 0.0, 0.0]
    assert (t.tolist(), v.tolist()) == ([1.0, 0.0, 0.0], [2.0, 2.0, 2.0])


@pytest.mark.parametrize("size", [3, 5000])
def test_a_variable_can_change_between_forward_and_backward(size):
    changes = [
        lambda v: v.assign(np.full(size, 100.0)),
        lambda v: v.assign_add(np.full(size, 100.0)),
        lambda v: v.assign_sub(np.full(size, 100.0)),
        lambda v: v.writing().__enter__().fill(100.0),
    ]
    for change in changes:
        v = Variable(np.full(size, 3.0))
        with GradientTape(persistent=True) as tape:
            y = v * v
        change(v)
        np.testing.assert_array_equal(tape.gradient(y, v).numpy(), np.full(size, 6.0))
        np.testing.assert_array_equal(tape.gradient(y, v).numpy(), np.full(size, 6.0))


@pytest.mark.parametrize("read_only", ["owner", "view", "view of a read-only array with another view", "bytes"])
def test_a_read_only_operand_can_be_changed_by_its_owner(read_only):
    owner = bytearray(np.ones(3).tobytes()) if read_only == "bytes" else np.ones(3)
    array = np.frombuffer(owner) if read_only == "bytes" else owner
    writeable = array[:]
    array.flags.writeable = False
    operand = array if read_only in ("owner", "bytes") else array[:]
    x = Tensor([1.0, 2.0, 3.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = x * operand
    if read_only == "view":
        array.flags.writeable = True
    (array if read_only == "view" else writeable)[:] = 9.0
    assert operand.tolist() == [9.0, 9.0, 9.0]
    assert tape.gradient(y, x).tolist() == [1.0, 1.0, 1.0]


def test_a_lent_buffer_is_nobody_elses():
    v = Variable(np.ones(3), name="w")

    def kept_by_a_tape():
        with GradientTape(), v.writing() as buffer:
            products.append(v * v)
            buffer *= 3.0

    def kept_as_a_view():
        with v.writing() as buffer:
            products.append(buffer[:1])

    def kept_by_another_name():
        with v.writing() as buffer:
            products.append(buffer)

    products = []
    for keep in (kept_by_a_tape, kept_as_a_view, kept_by_another_name):
        with pytest.raises(
            OperandError,
            match="variable 'w': while writing\\(\\) lent out its buffer, an operation on a tape read it, or",
        ):
            keep()
        products.clear()
    with v.writing() as buffer:
        buffer[...] = 5.0
        buffer[1:] += buffer[:-1]  # views that are gone when the block ends
    assert v.tolist() == [5.0, 10.0, 10.0]


def test_an_exception_while_a_buffer_is_lent_comes_out_as_it_is():
    def fail():
        with v.writing() as buffer:
            buffer[0], kept[0] = 7.0, buffer
            raise KeyError

    v, kept = Variable([1.0, 2.0]), [None]
    with pytest.raises(KeyError):
        fail()
    assert v.tolist() == [7.0, 2.0]
    assert not kept[0].flags.writeable


def test_a_lent_buffer_is_locked_when_it_comes_back():
    v = Variable([1.0, 2.0])
    with v.writing() as buffer:
        buffer *= 2.0
    assert v.tolist() == [2.0, 4.0]
    with pytest.raises(ValueError, match="read-only"):
        buffer[0] = 7.0


def test_a_variable_is_written_in_place_where_nobody_else_holds_it():
    v = Variable(np.ones(5000))
    address = v.numpy().ctypes.data
    v.assign_sub(np.ones(5000))
    assert v.numpy().ctypes.data == address
    held = v.numpy()
    v.assign_sub(np.ones(5000))
    assert v.numpy().ctypes.data != address
    assert held.sum() == 0.0


def test_writing_an_item_on_a_shared_handle():
    x = Tensor([1.0, 2.0, 3.0])
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * 1.0
        same = y
        before = anp.sum(y * y)
        y[0] = 7.0 * x[2]
        after = anp.sum(same * same)
    assert same is y
    np.testing.assert_array_equal(tape.gradient(before, x).numpy(), [2.0, 4.0, 6.0])
    np.testing.assert_array_equal(tape.gradient(after, x).numpy(), [0.0, 4.0, 6.0 + 2 * 49.0 * 3.0])


ITEMS = [
    0,
    -1,
    slice(0, 2),
    slice(None, None, -1),
    Ellipsis,
    [0, 0, 2],
    np.array([True, False, True, False]),
    (None, slice(1, 3)),
]


@pytest.mark.parametrize("index", ITEMS, ids=str)
def test_writing_items_is_differentiable_with_every_kind_of_index(index):
    base, factor, h = np.array([1.0, 2.0, 3.0, 4.0]), 1.5, 1e-6

    def f(x, s):
        y = x * 1.0
        y[index] = y[index] * s * s
        y[index] = 2.0 * y[index]
        return np.sum(y * y)

    x, s = Tensor(base), Tensor(factor)
    with GradientTape() as tape:
        tape.watch([x, s])
        value = f(x, s)
    dx, ds = tape.gradient(value, [x, s])
    numeric = [(f(base + h * e, factor) - f(base - h * e, factor)) / (2 * h) for e in np.eye(4)]
    np.testing.assert_allclose(dx.numpy(), numeric, rtol=1e-7)
    np.testing.assert_allclose(ds.item(), (f(base, factor + h) - f(base, factor - h)) / (2 * h), rtol=1e-7)


def test_where_an_index_repeats_only_what_is_written_last_counts():
    x = Tensor([1.0, 2.0, 3.0])
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            y = Tensor([0.0, 0.0])
            y[[0, 0, 1]] = x * x
            value = anp.sum(y)
        first = inner.gradient(value, x)
        total = anp.sum(first)
    assert value.item() == 13.0
    assert first.tolist() == [0.0, 4.0, 6.0]
    assert outer.gradient(total, x).tolist() == [0.0, 2.0, 2.0]


def test_a_failed_assignment_changes_nothing():
    t, v = Tensor([1.0, 2.0]), Variable([1.0, 2.0], name="w")
    with pytest.raises(ValueError, match="could not broadcast"):
        t[:] = np.ones(3)
    with pytest.raises(ShapeError, match=r"assign: variable 'w' has shape \(2,\), received shape \(3,\)"):
        v.assign(np.ones(3))
    with pytest.raises(DtypeError, match="assign_add: variable 'w' has dtype float64, received dtype complex128"):
        v.assign_add(np.ones(2) * 1j)
    with pytest.raises(ValueError, match="could not broadcast"):
        v[:] = np.ones(3)
    with pytest.raises(DtypeError, match="a complex value cannot be written into a tensor of dtype float64"):
        v[0] = 1j
    assert t.tolist() == v.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "value",
    [1j, np.complex128(1j), np.array([1j, 2.0]), Tensor([1j, 2.0])],
    ids=["number", "scalar", "array", "tensor"],
)
def test_a_complex_value_is_not_written_into_a_real_tensor(value):
    for dtype in (float, np.float32, int):
        t = Tensor([1, 2], dtype)
        with pytest.raises(
            DtypeError, match=r"a complex value cannot be written into a tensor of dtype .* Write its real part"
        ):
            t[:] = value
        assert t.tolist() == [1, 2]
    z = Tensor([1.0, 2.0]).astype(complex)
    z[:] = value
    assert np.iscomplexobj(z.numpy())


def test_a_single_precision_variable_takes_no_double_precision_array():
    v = Variable([1.0, 2.0], dtype=np.float32)
    with pytest.raises(
        DtypeError,
        match=r"received dtype float64, which does not fit without loss\. Convert it first: value\.astype\('float32'\)",
    ):
        v.assign(np.ones(2))
    assert v.assign([3.0, 4.0]).dtype == np.float32


def test_values_do_not_leave_in_silence():
    x = Tensor(4.0)
    with GradientTape() as tape:
        tape.watch(x)
        for leave in (float, complex, math.sqrt, np.asarray, lambda t: np.array([t, t])):
            with pytest.raises(DetachedError, match="that an active tape tracks"):
                leave(x)
        assert x.item() == float(x.numpy()) == 4.0
    assert math.sqrt(x) == 2.0


LOSSY = [Fraction(1, 2), Decimal("0.5"), np.ma.masked_array([1.0, 2.0], [True, False]), np.array([1, "a"], object)]


@pytest.mark.parametrize("other", LOSSY, ids=repr)
def test_operands_that_would_lose_something_are_refused(other):
    for compute in (lambda: Tensor([1.0, 2.0]) * other, lambda: anp.multiply(other, Tensor([1.0, 2.0]))):
        with pytest.raises(OperandError, match="cannot be an operand"):
            compute()


def test_nan_to_num_without_a_copy_writes_its_argument_as_in_numpy():
    for replace in (
        lambda x: np.nan_to_num(x, copy=False),
        lambda x: np.nan_to_num(x, False),
        lambda x: anp.nan_to_num(x, copy=False),
    ):
        x = Tensor([np.nan, 1.0])
        seen = x.numpy()
        assert replace(x) is x
        assert x.tolist() == [0.0, 1.0]
        assert np.isnan(seen[0])  # an array that was handed out never changes
    array = np.array([np.nan, 1.0])
    np.nan_to_num(array, copy=False)
    assert array.tolist() == [0.0, 1.0]


def test_no_tensor_is_written_into_an_array():
    array = np.ones(2)
    with pytest.raises(OperandError, match="cannot write its result into out="):
        array += Tensor([1.0, 2.0])
    assert array.tolist() == [1.0, 1.0]


OUT = {
    "ufunc": lambda t, out: np.add(t, t, out),
    "ufunc of the namespace": lambda t, out: anp.add(t, t, out),
    "ufunc by name": lambda t, out: anp.exp(t, out=out),
    "sum": lambda t, out: np.sum(t, None, None, out),
    "mean": lambda t, out: t.mean(None, None, out),
    "max": lambda t, out: np.max(t, None, out),
    "cumsum": lambda t, out: anp.cumsum(t, None, None, out),
    "dot": lambda t, out: np.dot(t, t, out),
    "take": lambda t, out: np.take(t, [0], None, out),
    "stack": lambda t, out: np.stack([t, t], 0, out),
    "round": lambda t, out: np.round(t, 1, out),
    "outer": lambda t, out: anp.outer(t, t, out),
    "clip": lambda t, out: np.clip(t, 0.0, 1.0, out),
    "concatenate": lambda t, out: np.concatenate([t, t], out=out),
    "einsum": lambda t, out: np.einsum("i->i", t, out=out),
    "reduce": lambda t, out: np.add.reduce(t, 0, None, out),
}


@pytest.mark.parametrize("write", OUT.values(), ids=OUT.keys())
def test_out_is_refused_by_position_and_by_name(write):
    out = np.full(3, 7.0)
    with pytest.raises(OperandError, match=r"cannot write its result into out= \(received ndarray of shape \(3,\)\)"):
        write(Tensor([1.0, 2.0, 3.0]), out)
    assert out.tolist() == [7.0, 7.0, 7.0]


def test_nothing_that_is_shared_can_be_changed():
    x = Tensor([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = x * 3.0
    (constant,) = [arg for arg in tape.records[0][1] if isinstance(arg, np.ndarray)]
    with pytest.raises(ValueError, match="read-only"):
        constant[...] = 7.0
    assert (x * 3.0).tolist() == y.tolist() == [3.0, 6.0]


def test_the_gradients_of_one_call_share_nothing():
    x, y, u = Tensor([1.0, 2.0]), Tensor([3.0, 4.0]), np.ones(2)
    with GradientTape(persistent=True) as tape:
        tape.watch([x, y])
        z = x + y
    dx, dy = tape.gradient(z, [x, y], output_gradients=u)
    dx[0], u[:] = 100.0, 100.0
    assert dy.tolist() == [1.0, 1.0]
    assert tape.gradient(z, x).tolist() == [1.0, 1.0]


def test_an_assignment_reads_before_it_writes():
    for watched in (False, True):
        t = Tensor([1.0, 2.0, 3.0, 4.0])
        with GradientTape() as tape:
            if watched:
                tape.watch(t)
            y = t * 1.0
            y[1:] = y[:3]
            assert y.tolist() == [1.0, 1.0, 2.0, 3.0]
            y[::-1] = y
            assert y.tolist() == [3.0, 2.0, 1.0, 1.0]
        if watched:
            assert tape.gradient(y, t).tolist() == [2.0, 1.0, 1.0, 0.0]


def test_taking_an_array_without_a_copy_locks_it():
    array = np.array([1.0, 2.0])
    t = Tensor(array, copy=False)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 5.0
    t[0] = 5.0
    assert array.tolist() == [1.0, 2.0]
    with pytest.raises(
        OperandError, match="copy=False takes an array that owns its memory, and locks it; received a view"
    ):
        Tensor(np.ones((2, 3))[0], copy=False)
