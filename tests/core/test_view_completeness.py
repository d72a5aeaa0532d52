"""A result shares memory with an operand where it does in NumPy: for all functions with samples, and all methods."""

import warnings

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor
from autograd.core.tensor import call
from autograd.registry.entries import name_of
from autograd.registry.operations import identity
from autograd.samples import SAMPLES


def leaves(value):
    return [leaf for each in value for leaf in leaves(each)] if isinstance(value, (list, tuple)) else [value]


def shows(result, base):
    """Whether a tensor is another one, or a view of it."""
    while result is not base:
        link = getattr(result, "_link", None)
        if link is None:
            return False
        result = link[0]
    return True


def shares(result, base):
    return isinstance(result, np.ndarray) and result.ndim > 0 and np.shares_memory(result, base)


def replaced(sequence, place, value):
    return type(sequence)([value if i == place else each for i, each in enumerate(sequence)])


def arrays_in(args):
    """Give each array among arguments, with a function that puts another value in its place."""
    for k, arg in enumerate(args):
        if isinstance(arg, np.ndarray) and arg.ndim:
            yield arg, lambda value, k=k: replaced(list(args), k, value)
        elif isinstance(arg, (list, tuple)):
            for i, item in enumerate(arg):
                if isinstance(item, np.ndarray) and item.ndim:
                    yield item, lambda value, k=k, i=i: replaced(list(args), k, replaced(args[k], i, value))


@pytest.mark.parametrize("fn", [fn for fn in SAMPLES if fn is not identity], ids=name_of)
def test_a_result_is_a_view_where_it_is_one_in_numpy(fn):
    for number, sample in enumerate(SAMPLES[fn]):
        args, kwargs = sample.make(np.random.default_rng(number), sample.dtypes[0])
        for array, put in arrays_in(args):
            copy, tensor = array.copy(), Tensor(array)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    right = leaves(fn(*put(copy), **kwargs))
                except (TypeError, np.linalg.LinAlgError):  # it takes tensors only, or no such matrix
                    continue
                ours = leaves(call(fn, *put(tensor), **kwargs))
            for expected, result in zip(right, ours, strict=False):
                if isinstance(result, Tensor) and isinstance(expected, np.ndarray) and expected.size:
                    assert shows(result, tensor) == shares(expected, copy), (number, expected.shape)


METHODS = {
    **dict.fromkeys(("T", "mT", "real", "ravel", "squeeze", "transpose", "diagonal", "conj", "conjugate", "view"), ()),
    **dict.fromkeys(("flatten", "copy", "cumsum", "round", "sum", "__pos__", "__copy__"), ()),
    "reshape": ((3, 2),),
    "swapaxes": (0, 1),
    "__getitem__": (0,),
}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_gives_a_view_where_it_does_in_numpy(name):
    def run(x):
        member = getattr(x, name)
        return member(*METHODS[name]) if callable(member) else member

    array = np.arange(6.0).reshape(2, 3)
    tensor = Tensor(array)
    assert shows(run(tensor), tensor) == shares(run(array), array)


def test_a_conversion_to_the_same_dtype_without_a_copy_is_the_tensor_itself():
    x = Tensor([1.0, 2.0])
    assert x.astype(float, copy=False) is x
    assert np.astype(x, float, copy=False) is x
    assert x.astype(float) is not x
    assert x.astype(np.float32, copy=False) is not x


def test_a_grid_shares_memory_only_where_numpy_says_so():
    x = Tensor([1.0, 2.0])
    np.meshgrid(x, x)[0][0] = 9.0
    anp.meshgrid(x, x)[1][0] = 9.0
    assert x.tolist() == [1.0, 2.0]
    np.meshgrid(x, x, copy=False, sparse=True)[0][0, 0] = 11.0
    assert x.tolist() == [11.0, 2.0]
