"""The checker compares the value of a function on tensors with that on plain arrays."""

import numpy as np
import pytest

from autograd import Tensor, check_gradients


def differing(x):
    return x * 2.0 if isinstance(x, Tensor) else np.asarray(x) * 3.0


def of_another_shape(x):
    return x * 2.0 if isinstance(x, Tensor) else x[:1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("function", [differing, of_another_shape])
def test_a_value_that_is_not_that_on_arrays_is_reported(function, dtype):
    report = check_gradients(function, np.arange(1, 4).astype(dtype))
    assert [finding.kind for finding in report.findings] == ["value"]
    assert "on plain arrays" in report.findings[0].message


def writes(x):
    x[0] = 3.0 * x[1]
    x += 1.0
    return x * x


def rebinds(x):
    y = x
    x += 1.0
    return x * y


@pytest.mark.parametrize(
    ("function", "point"), [(writes, np.array([1.0, 2.0, -3.0])), (rebinds, 2.0), (rebinds, np.array(2.0))]
)
def test_writes_are_no_difference_and_leave_the_argument(function, point):
    before = np.copy(point)
    assert check_gradients(function, point).ok
    assert np.array_equal(before, point)


def test_a_function_that_needs_tensors_is_checked_without_plain_arrays():
    assert check_gradients(lambda x: Tensor.__mul__(x, x), np.array([1.0, -2.0])).ok
