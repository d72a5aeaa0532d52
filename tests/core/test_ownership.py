"""References are counted in the same way at every kind of place, on every Python."""

import operator
import random
import sys

import numpy as np
import pytest

from autograd import Tensor, Variable
from autograd.arrays.ownership import ALONE, PASSED, references, references_of_each


class Place:
    __slots__ = ("value",)


def in_slot():
    place = Place()
    place.value = np.zeros(3)
    return lambda: references(place.value), lambda: place.value


def in_dict():
    held = {"a": np.zeros(3)}
    return lambda: references(held["a"]), lambda: held["a"]


def in_list():
    held = [np.zeros(3)]
    return lambda: references(held[0]), lambda: held[0]


def in_list_of_many():
    held = [np.zeros(3), np.zeros(3)]
    return lambda: references_of_each(held)[1], lambda: held[1]


def as_base():
    view = np.zeros(3)[:]
    return lambda: references(view.base), lambda: view.base


def in_tensor():
    x = Tensor([1.0, 2.0])
    return lambda: references(x._value), lambda: x._value


@pytest.mark.parametrize("place", [in_slot, in_dict, in_list, in_list_of_many, as_base, in_tensor])
def test_an_array_that_one_place_holds_counts_alone_and_each_other_holder_one_more(place):
    count, read = place()
    assert ALONE > 0 or sys.implementation.name != "cpython"
    assert count() == ALONE
    name = read()
    assert count() == ALONE + 1
    other = [name]
    assert count() == ALONE + 2
    view = name[1:]
    assert count() == ALONE + 3
    del name, view
    assert count() == ALONE + 1
    assert other


def test_a_tensor_owns_its_array_until_somebody_else_holds_it():
    x = Tensor([1.0, 2.0])
    assert x._is_sole_owner()
    y = Tensor.alias(x)
    assert not x._is_sole_owner()
    del y
    array = x.numpy()
    assert not x._is_sole_owner()
    del array
    assert x._is_sole_owner()


def test_a_buffer_of_a_variable_that_somebody_keeps_is_refused():
    w = Variable([1.0, 2.0])
    with w.writing() as buffer:
        buffer *= 2
    kept = []
    with pytest.raises(TypeError, match="keep"), w.writing() as buffer:
        kept.append(buffer)


def test_a_value_that_only_the_caller_holds_is_told_from_one_that_has_a_name():
    class Sequence:
        def __setitem__(self, index, value):
            counts.append(references(value))

    counts, sequence, named = [], Sequence(), object()
    operator.setitem(sequence, 0, object())
    sequence.__setitem__(0, object())
    sequence[0] = object()
    random.shuffle(Pair(counts))
    assert all(count <= PASSED for count in counts)
    counts.clear()
    operator.setitem(sequence, 0, named)
    list(map(sequence.__setitem__, [0], [named]))
    assert all(count > PASSED for count in counts)


class Pair:
    """A sequence that makes its items, as a tensor does."""

    def __init__(self, counts):
        self.counts = counts

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return object()

    def __setitem__(self, index, value):
        self.counts.append(references(value))
