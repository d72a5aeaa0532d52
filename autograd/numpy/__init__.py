"""NumPy's names, differentiable.

``import autograd.numpy as np`` reads as usual. Every function takes what NumPy's takes, and tensors besides, and returns tensors.
What has no rule still computes; a derivative through it is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autograd.numpy import fft as fft
from autograd.numpy import linalg as linalg
from autograd.numpy import random as random
from autograd.tensor import Tensor, function

# --- constants
pi = np.pi
e = np.e
euler_gamma = np.euler_gamma
inf = np.inf
nan = np.nan
newaxis = np.newaxis

# --- dtypes, and what is asked of them
bool_ = np.bool_
int8 = np.int8
int16 = np.int16
int32 = np.int32
int64 = np.int64
intp = np.intp
uint8 = np.uint8
uint16 = np.uint16
uint32 = np.uint32
uint64 = np.uint64
float16 = np.float16
float32 = np.float32
float64 = np.float64
complex64 = np.complex64
complex128 = np.complex128
generic = np.generic
number = np.number
integer = np.integer
inexact = np.inexact
floating = np.floating
complexfloating = np.complexfloating
dtype = np.dtype
ndarray = np.ndarray
finfo = np.finfo
iinfo = np.iinfo
isdtype = np.isdtype
issubdtype = np.issubdtype
can_cast = np.can_cast
promote_types = np.promote_types
result_type = np.result_type
broadcast_shapes = np.broadcast_shapes
errstate = np.errstate

# --- elementwise arithmetic
add = function(np.add)
subtract = function(np.subtract)
multiply = function(np.multiply)
divide = function(np.divide)
true_divide = function(np.true_divide)
floor_divide = function(np.floor_divide)
remainder = function(np.remainder)
mod = function(np.mod)
fmod = function(np.fmod)
divmod = function(np.divmod)
power = function(np.power)
pow = function(np.pow)
float_power = function(np.float_power)
negative = function(np.negative)
positive = function(np.positive)
absolute = function(np.absolute)
abs = function(np.abs)
fabs = function(np.fabs)
sign = function(np.sign)
reciprocal = function(np.reciprocal)
square = function(np.square)
sqrt = function(np.sqrt)
cbrt = function(np.cbrt)
hypot = function(np.hypot)
ldexp = function(np.ldexp)
copysign = function(np.copysign)
modf = function(np.modf)
frexp = function(np.frexp)
nextafter = function(np.nextafter)
spacing = function(np.spacing)

# --- exponentials and logarithms
exp = function(np.exp)
exp2 = function(np.exp2)
expm1 = function(np.expm1)
log = function(np.log)
log2 = function(np.log2)
log10 = function(np.log10)
log1p = function(np.log1p)
logaddexp = function(np.logaddexp)
logaddexp2 = function(np.logaddexp2)

# --- trigonometric and hyperbolic functions
sin = function(np.sin)
cos = function(np.cos)
tan = function(np.tan)
arcsin = function(np.arcsin)
arccos = function(np.arccos)
arctan = function(np.arctan)
arctan2 = function(np.arctan2)
sinc = function(np.sinc)
sinh = function(np.sinh)
cosh = function(np.cosh)
tanh = function(np.tanh)
arcsinh = function(np.arcsinh)
arccosh = function(np.arccosh)
arctanh = function(np.arctanh)
asin = function(np.asin)
acos = function(np.acos)
atan = function(np.atan)
atan2 = function(np.atan2)
asinh = function(np.asinh)
acosh = function(np.acosh)
atanh = function(np.atanh)
deg2rad = function(np.deg2rad)
rad2deg = function(np.rad2deg)
degrees = function(np.degrees)
radians = function(np.radians)

# --- choices, rounding, complex parts
maximum = function(np.maximum)
minimum = function(np.minimum)
fmax = function(np.fmax)
fmin = function(np.fmin)
clip = function(np.clip)
where = function(np.where)
floor = function(np.floor)
ceil = function(np.ceil)
trunc = function(np.trunc)
rint = function(np.rint)
round = function(np.round)
around = function(np.around)
fix = function(np.fix)
heaviside = function(np.heaviside)
conj = function(np.conj)
conjugate = function(np.conjugate)
real = function(np.real)
imag = function(np.imag)
angle = function(np.angle)
nan_to_num = function(np.nan_to_num)

# --- comparisons and logic
equal = function(np.equal)
not_equal = function(np.not_equal)
less = function(np.less)
less_equal = function(np.less_equal)
greater = function(np.greater)
greater_equal = function(np.greater_equal)
isclose = function(np.isclose)
allclose = function(np.allclose)
array_equal = function(np.array_equal)
isnan = function(np.isnan)
isinf = function(np.isinf)
isfinite = function(np.isfinite)
isneginf = function(np.isneginf)
isposinf = function(np.isposinf)
isreal = function(np.isreal)
iscomplex = function(np.iscomplex)
iscomplexobj = function(np.iscomplexobj)
isrealobj = function(np.isrealobj)
isscalar = function(np.isscalar)
signbit = function(np.signbit)
logical_and = function(np.logical_and)
logical_or = function(np.logical_or)
logical_xor = function(np.logical_xor)
logical_not = function(np.logical_not)
bitwise_and = function(np.bitwise_and)
bitwise_or = function(np.bitwise_or)
bitwise_xor = function(np.bitwise_xor)
invert = function(np.invert)
left_shift = function(np.left_shift)
right_shift = function(np.right_shift)

# --- reductions
sum = function(np.sum)
prod = function(np.prod)
mean = function(np.mean)
var = function(np.var)
std = function(np.std)
max = function(np.max)
min = function(np.min)
amax = function(np.amax)
amin = function(np.amin)
ptp = function(np.ptp)
cumsum = function(np.cumsum)
cumprod = function(np.cumprod)
cumulative_sum = function(np.cumulative_sum)
cumulative_prod = function(np.cumulative_prod)
any = function(np.any)
all = function(np.all)
count_nonzero = function(np.count_nonzero)
argmax = function(np.argmax)
argmin = function(np.argmin)

# --- shapes
reshape = function(np.reshape)
ravel = function(np.ravel)
transpose = function(np.transpose)
permute_dims = function(np.permute_dims)
matrix_transpose = function(np.matrix_transpose)
swapaxes = function(np.swapaxes)
moveaxis = function(np.moveaxis)
rollaxis = function(np.rollaxis)
expand_dims = function(np.expand_dims)
squeeze = function(np.squeeze)
broadcast_to = function(np.broadcast_to)
broadcast_arrays = function(np.broadcast_arrays)
repeat = function(np.repeat)
tile = function(np.tile)
pad = function(np.pad)
flip = function(np.flip)
fliplr = function(np.fliplr)
flipud = function(np.flipud)
rot90 = function(np.rot90)
roll = function(np.roll)
diagonal = function(np.diagonal)
diag = function(np.diag)
diagflat = function(np.diagflat)
trace = function(np.trace)
triu = function(np.triu)
tril = function(np.tril)
copy = function(np.copy)
atleast_1d = function(np.atleast_1d)
atleast_2d = function(np.atleast_2d)
atleast_3d = function(np.atleast_3d)
shape = function(np.shape)
ndim = function(np.ndim)
size = function(np.size)

# --- joining and splitting
concatenate = function(np.concatenate)
concat = function(np.concat)
stack = function(np.stack)
vstack = function(np.vstack)
hstack = function(np.hstack)
dstack = function(np.dstack)
column_stack = function(np.column_stack)
split = function(np.split)
array_split = function(np.array_split)
hsplit = function(np.hsplit)
vsplit = function(np.vsplit)
dsplit = function(np.dsplit)
unstack = function(np.unstack)
append = function(np.append)
block = function(np.block)

# --- indexing, sorting, searching
take = function(np.take)
take_along_axis = function(np.take_along_axis)
compress = function(np.compress)
extract = function(np.extract)
choose = function(np.choose)
select = function(np.select)
sort = function(np.sort)
argsort = function(np.argsort)
partition = function(np.partition)
argpartition = function(np.argpartition)
nonzero = function(np.nonzero)
flatnonzero = function(np.flatnonzero)
argwhere = function(np.argwhere)
searchsorted = function(np.searchsorted)
unique = function(np.unique)
diff = function(np.diff)

# --- writing into an array: a tensor's handle gets another value
copyto = function(np.copyto)
fill_diagonal = function(np.fill_diagonal)
place = function(np.place)
put = function(np.put)
put_along_axis = function(np.put_along_axis)
putmask = function(np.putmask)

# --- products
dot = function(np.dot)
matmul = function(np.matmul)
matvec = function(np.matvec)
vecmat = function(np.vecmat)
vecdot = function(np.vecdot)
vdot = function(np.vdot)
inner = function(np.inner)
outer = function(np.outer)
tensordot = function(np.tensordot)
einsum = function(np.einsum)
kron = function(np.kron)

# --- signals, grids and windows
convolve = function(np.convolve)
correlate = function(np.correlate)
interp = function(np.interp)
trapezoid = function(np.trapezoid)
gradient = function(np.gradient)
ediff1d = function(np.ediff1d)
unwrap = function(np.unwrap)
i0 = function(np.i0)
bartlett = function(np.bartlett)
blackman = function(np.blackman)
hamming = function(np.hamming)
hanning = function(np.hanning)
kaiser = function(np.kaiser)

# --- new arrays
zeros = function(np.zeros)
ones = function(np.ones)
empty = function(np.empty)
full = function(np.full)
arange = function(np.arange)
linspace = function(np.linspace)
logspace = function(np.logspace)
geomspace = function(np.geomspace)
eye = function(np.eye)
identity = function(np.identity)
tri = function(np.tri)
meshgrid = function(np.meshgrid)
indices = function(np.indices)
zeros_like = function(np.zeros_like)
ones_like = function(np.ones_like)
empty_like = function(np.empty_like)
full_like = function(np.full_like)


def array(
    object: ArrayLike | Tensor, dtype: DTypeLike | None = None, *, copy: bool = True, ndmin: int = 0
) -> Tensor:
    """Make a tensor of numbers, arrays, tensors, or nested lists of these; differentiable.

    Parameters
    ----------
    object : array_like
    dtype : dtype, optional
    copy : bool, default True
        False takes an array without a copy and locks it. See `Tensor`.
    ndmin : int, default 0
        The least number of axes: new ones, of length 1, come first.
    """
    tensor = Tensor(object, dtype, copy=copy)
    return tensor if tensor.ndim >= ndmin else tensor.reshape((1,) * (ndmin - tensor.ndim) + tensor.shape)


def asarray(a: ArrayLike | Tensor, dtype: DTypeLike | None = None) -> Tensor:
    """Return a tensor as it is, and make one of anything else; differentiable."""
    if isinstance(a, Tensor) and (dtype is None or a.dtype == dtype):
        return a
    return Tensor(a, dtype)


def astype(x: ArrayLike | Tensor, dtype: DTypeLike) -> Tensor:
    """Return a tensor of another dtype; differentiable between floating-point and complex dtypes."""
    return asarray(x).astype(dtype)


if not TYPE_CHECKING:  # a type checker takes this for a promise of every name

    def __getattr__(name: str) -> Any:
        if hasattr(np, name):
            raise AttributeError(
                f"autograd.numpy has no {name}: call numpy.{name}, which takes tensors too where it has a derivative rule."
            )
        raise AttributeError(f"neither autograd.numpy nor numpy has a {name}.")
