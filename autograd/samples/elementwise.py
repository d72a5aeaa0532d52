"""Calls of elementwise functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.registry.operations import astype, clip, getitem, identity, nan_to_num, scatter, setitem
from autograd.rules.elementwise import along, leg, logistic, logistic_density, one_less_square
from autograd.samples.draw import INDEX, MASK, REAL, Sample, away, between, normal, positive, rows, sample, values

SAMPLES: dict[Any, list[Sample]] = {
    # operations of ours
    **rows([identity], sample(normal())),
    astype: [
        sample(normal(2, 3), dtype=np.dtype("float64"), dtypes=REAL),
        sample(normal(2, 3), dtype=np.dtype("complex128")),
    ],
    clip: [
        sample(away(), -0.5, 1.0, dtypes=REAL),
        sample(away(2, 3), None, away(3, offset=0.4), dtypes=REAL),
        sample(away(4), away(1, offset=0.4), None, dtypes=REAL),
        sample(values([0.5, 1.5, 2.5]), values([1.0]), values([[1.2], [2.0]]), dtypes=REAL),
        sample(values([0.0, 3.0]), values(2.0), values(1.0), dtypes=REAL),
    ],
    getitem: [
        sample(normal(3, 4), index)
        for index in (
            1,
            slice(None, None, -2),
            (Ellipsis, None, 2),
            INDEX,
            (INDEX, slice(1, 3)),
            (slice(None), INDEX),
            MASK,
        )
    ],
    setitem: [
        sample(normal(3, 4), 1, normal(4)),
        sample(normal(3, 4), (slice(None), slice(1, 3)), normal(3, 1)),
        sample(normal(3, 4), MASK, normal(8)),
        sample(normal(3, 4), ([0, 2], [1, 1]), values(2.0)),
        sample(normal(3, 4), (slice(0, 1), None), normal(1, 1, 1, 4)),
    ],
    scatter: [sample([normal(2, 4, 4), normal(4)], [INDEX, 1], (3, 4))],
    # arithmetic
    **rows([np.positive, np.negative, np.square, np.conjugate], sample(normal())),
    **rows([np.add, np.subtract, np.multiply], sample(normal(), normal()), sample(normal(), 2.0), sample(3, normal())),
    np.true_divide: [sample(normal(), positive()), sample(normal(), 2), sample(2.0, positive())],
    np.reciprocal: [sample(positive())],
    **rows(
        [np.remainder, np.divmod],
        sample(away(), 0.5, dtypes=REAL),
        sample(values([7.3, -7.3]), values([2.0, -2.5]), dtypes=REAL),
    ),
    np.fmod: [sample(values([7.3, -7.3, 0.4]), values([2.0, -2.5, 2.0]), dtypes=REAL)],
    np.modf: [sample(away(), dtypes=REAL)],
    np.frexp: [sample(between(0.55, 0.9), dtypes=REAL), sample(between(-3.9, -2.1, 3), dtypes=REAL)],
    np.ldexp: [sample(normal(3), np.array([1, -2, 3], np.int32), dtypes=REAL)],
    np.heaviside: [
        sample(away(), positive(), dtypes=REAL),
        sample(values([0.0, 1.2]), normal(2), dtypes=REAL, argnums=[1]),
    ],
    # powers and roots
    **rows(
        [np.power, np.float_power],
        sample(positive(), normal()),
        sample(positive(), -1.5),
        sample(2.0, normal()),
        sample(values([0.0, 0.0, 0.0, 0.0, -2.0, -2.0]), np.array([0, 1, 2, 3, 0, 3]), dtypes=REAL),
        sample(values(0.0), values([1.0, 2.5]), argnums=[1]),
        sample(values([2.0, -3.0]), values(0.0), argnums=[0]),
    ),
    np.sqrt: [sample(positive())],
    np.cbrt: [sample(positive(), dtypes=REAL), sample(between(-2, -1, 3), dtypes=REAL)],
    np.hypot: [sample(positive(), normal(), dtypes=REAL), sample(values([0.0, 1.0]), values([2.0, 0.0]), dtypes=REAL)],
    leg: [
        sample(normal(), positive(), normal(), positive(), dtypes=REAL, argnums=[0]),
        sample(normal(2, 2), values([3.0, 0.0]), values([4.0, 5.0]), values([5.0, 5.0]), dtypes=REAL, argnums=[0]),
    ],
    along: [sample(normal(2, 3), normal(2, 3), positive(2, 1)), sample(normal(), normal(), positive(), dtypes=REAL)],
    # exponentials and logarithms
    **rows([logistic, logistic_density], sample(normal(), dtypes=REAL), sample(values([0.0, 9.0, -9.0]), dtypes=REAL)),
    **rows([np.exp, np.exp2, np.expm1, np.sin, np.cos, np.sinh, np.cosh], sample(normal())),
    **rows([np.log, np.log2, np.log10, np.log1p], sample(positive())),
    **rows(
        [np.logaddexp, np.logaddexp2],
        sample(normal(), normal(), dtypes=REAL),
        sample(values([0.0, 30.0, -50.0]), values([0.0, -30.0, -50.0]), dtypes=REAL),
    ),
    # trigonometric and hyperbolic functions
    **rows(
        [np.tan, np.tanh, np.arcsin, np.arccos, np.arctan, np.arctanh, np.arcsinh, one_less_square],
        sample(between(-0.8, 0.8)),
    ),
    np.arccosh: [sample(between(1.5, 3))],
    np.arctan2: [
        sample(normal(), positive(), dtypes=REAL),
        sample(values([0.0, 2.0, -2.0]), values([3.0, 0.0, 0.0]), dtypes=REAL),
    ],
    **rows([np.deg2rad, np.radians, np.rad2deg, np.degrees], sample(normal(), dtypes=REAL)),
    np.sinc: [sample(normal(), dtypes=REAL), sample(values([0.0, 0.2, -0.3, 1.0]), dtypes=REAL)],
    # choices
    **rows(
        [np.maximum, np.minimum, np.fmax, np.fmin],
        sample(away(), away(offset=0.4), dtypes=REAL),
        sample(away(3), 0.0, dtypes=REAL),
        sample(0, away(2, 3), dtypes=REAL),
    ),
    np.where: [
        sample(MASK, normal(3, 4), normal(4)),
        sample(MASK, normal(3, 1), 0.0),
        sample(True, normal(2), normal(3, 1)),
    ],
    np.clip: [
        sample(away(2, 3), -0.5, 1.0, dtypes=REAL),
        sample(away(2, 3), dtypes=REAL, min=0),
        sample(away(3), min=0, max=1, dtypes=REAL),
    ],
    nan_to_num: [sample(normal(2, 3)), sample(values([np.nan, -np.inf, 2.0]), neginf=1.0, dtypes=REAL)],
    np.copysign: [sample(away(), away(), dtypes=REAL)],
    np.nextafter: [sample(away(), away(offset=0.4), dtypes=REAL)],
    np.real_if_close: [sample(normal()), sample(normal(3), 1e-9, dtypes=REAL)],
    np.nan_to_num: [sample(normal()), sample(values([np.inf, np.nan, 2.0]), nan=1.0, posinf=3.0, dtypes=REAL)],
    # magnitude and complex parts
    np.absolute: [sample(away())],
    np.fabs: [sample(away(), dtypes=REAL)],
    np.sign: [sample(away())],
    **rows([np.real, np.imag], sample(normal())),
    np.angle: [sample(positive()), sample(positive(2), deg=True)],
    np.astype: [sample(normal(2, 3), np.complex128)],
}
