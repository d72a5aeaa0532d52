"""NumPy's names, differentiable.

``import autograd.numpy as np`` reads as usual. Every function takes what NumPy's takes, and tensors besides, and
returns tensors. A function without a rule still computes; a derivative through it is refused. The namespace follows the
Python array API standard.

The names here wrap the functions of NumPy (`wrapping`). `constants` re-exports names that hold no values; `creation`,
`sorting`, `forms` and `grids` define the functions that NumPy does not dispatch on its arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.numpy import fft as fft
from autograd.numpy import linalg as linalg
from autograd.numpy import numpy_boxes as numpy_boxes
from autograd.numpy import numpy_vjps as numpy_vjps
from autograd.numpy import random as random
from autograd.numpy.constants import *  # noqa: F403 - all of it
from autograd.numpy.creation import array as array
from autograd.numpy.creation import asanyarray as asanyarray
from autograd.numpy.creation import asarray as asarray
from autograd.numpy.creation import asarray_chkfinite as asarray_chkfinite
from autograd.numpy.creation import ascontiguousarray as ascontiguousarray
from autograd.numpy.creation import asfortranarray as asfortranarray
from autograd.numpy.creation import astype as astype
from autograd.numpy.creation import from_dlpack as from_dlpack
from autograd.numpy.creation import frombuffer as frombuffer
from autograd.numpy.creation import fromfile as fromfile
from autograd.numpy.creation import fromiter as fromiter
from autograd.numpy.creation import fromregex as fromregex
from autograd.numpy.creation import fromstring as fromstring
from autograd.numpy.creation import genfromtxt as genfromtxt
from autograd.numpy.creation import load as load
from autograd.numpy.creation import loadtxt as loadtxt
from autograd.numpy.creation import require as require
from autograd.numpy.forms import fromfunction as fromfunction
from autograd.numpy.forms import vectorize as vectorize
from autograd.numpy.grids import broadcast_arrays as broadcast_arrays
from autograd.numpy.grids import c_ as c_
from autograd.numpy.grids import index_exp as index_exp
from autograd.numpy.grids import meshgrid as meshgrid
from autograd.numpy.grids import mgrid as mgrid
from autograd.numpy.grids import ndenumerate as ndenumerate
from autograd.numpy.grids import ogrid as ogrid
from autograd.numpy.grids import r_ as r_
from autograd.numpy.grids import s_ as s_
from autograd.numpy.numpy_vjps import make_diagonal as make_diagonal
from autograd.numpy.numpy_vjps import metadata as metadata
from autograd.numpy.sorting import argsort as argsort
from autograd.numpy.sorting import count_nonzero as count_nonzero
from autograd.numpy.sorting import sort as sort
from autograd.numpy.sorting import unique_values as unique_values
from autograd.numpy.wrapping import add_ufunc_methods, wrap, wrap_join

__array_api_version__ = "2024.12"
__array_namespace_info__ = np.__array_namespace_info__
__version__ = np.__version__

# --- elementwise arithmetic
add = wrap(np.add)
subtract = wrap(np.subtract)
multiply = wrap(np.multiply)
divide = wrap(np.divide)
true_divide = wrap(np.true_divide)
floor_divide = wrap(np.floor_divide)
remainder = wrap(np.remainder)
mod = wrap(np.mod)
fmod = wrap(np.fmod)
divmod = wrap(np.divmod)
power = wrap(np.power)
pow = wrap(np.pow)
float_power = wrap(np.float_power)
negative = wrap(np.negative)
positive = wrap(np.positive)
absolute = wrap(np.absolute)
abs = wrap(np.abs)
fabs = wrap(np.fabs)
sign = wrap(np.sign)
reciprocal = wrap(np.reciprocal)
square = wrap(np.square)
sqrt = wrap(np.sqrt)
cbrt = wrap(np.cbrt)
hypot = wrap(np.hypot)
ldexp = wrap(np.ldexp)
copysign = wrap(np.copysign)
modf = wrap(np.modf)
frexp = wrap(np.frexp)
nextafter = wrap(np.nextafter)
spacing = wrap(np.spacing)
gcd = wrap(np.gcd)
lcm = wrap(np.lcm)

# --- exponentials and logarithms
exp = wrap(np.exp)
exp2 = wrap(np.exp2)
expm1 = wrap(np.expm1)
log = wrap(np.log)
log2 = wrap(np.log2)
log10 = wrap(np.log10)
log1p = wrap(np.log1p)
logaddexp = wrap(np.logaddexp)
logaddexp2 = wrap(np.logaddexp2)

# --- trigonometric and hyperbolic functions
sin = wrap(np.sin)
cos = wrap(np.cos)
tan = wrap(np.tan)
arcsin = wrap(np.arcsin)
arccos = wrap(np.arccos)
arctan = wrap(np.arctan)
arctan2 = wrap(np.arctan2)
sinc = wrap(np.sinc)
i0 = wrap(np.i0)
sinh = wrap(np.sinh)
cosh = wrap(np.cosh)
tanh = wrap(np.tanh)
arcsinh = wrap(np.arcsinh)
arccosh = wrap(np.arccosh)
arctanh = wrap(np.arctanh)
asin = wrap(np.asin)
acos = wrap(np.acos)
atan = wrap(np.atan)
atan2 = wrap(np.atan2)
asinh = wrap(np.asinh)
acosh = wrap(np.acosh)
atanh = wrap(np.atanh)
deg2rad = wrap(np.deg2rad)
rad2deg = wrap(np.rad2deg)
degrees = wrap(np.degrees)
radians = wrap(np.radians)

# --- choices, rounding, complex parts
maximum = wrap(np.maximum)
minimum = wrap(np.minimum)
fmax = wrap(np.fmax)
fmin = wrap(np.fmin)
clip = wrap(np.clip)
where = wrap(np.where)
floor = wrap(np.floor)
ceil = wrap(np.ceil)
trunc = wrap(np.trunc)
rint = wrap(np.rint)
round = wrap(np.round)
around = wrap(np.around)
fix = wrap(np.fix)
heaviside = wrap(np.heaviside)
conj = wrap(np.conj)
conjugate = wrap(np.conjugate)
real = wrap(np.real)
imag = wrap(np.imag)
angle = wrap(np.angle)
nan_to_num = wrap(np.nan_to_num)
real_if_close = wrap(np.real_if_close)

# --- comparisons and logic
equal = wrap(np.equal)
not_equal = wrap(np.not_equal)
less = wrap(np.less)
less_equal = wrap(np.less_equal)
greater = wrap(np.greater)
greater_equal = wrap(np.greater_equal)
isclose = wrap(np.isclose)
allclose = wrap(np.allclose)
array_equal = wrap(np.array_equal)
array_equiv = wrap(np.array_equiv)
isnan = wrap(np.isnan)
isinf = wrap(np.isinf)
isfinite = wrap(np.isfinite)
isneginf = wrap(np.isneginf)
isposinf = wrap(np.isposinf)
isreal = wrap(np.isreal)
iscomplex = wrap(np.iscomplex)
iscomplexobj = wrap(np.iscomplexobj)
isrealobj = wrap(np.isrealobj)
isscalar = wrap(np.isscalar)
isfortran = wrap(np.isfortran)
iterable = wrap(np.iterable)
shares_memory = wrap(np.shares_memory)
may_share_memory = wrap(np.may_share_memory)
signbit = wrap(np.signbit)
logical_and = wrap(np.logical_and)
logical_or = wrap(np.logical_or)
logical_xor = wrap(np.logical_xor)
logical_not = wrap(np.logical_not)
bitwise_and = wrap(np.bitwise_and)
bitwise_or = wrap(np.bitwise_or)
bitwise_xor = wrap(np.bitwise_xor)
invert = wrap(np.invert)
bitwise_not = wrap(np.bitwise_not)
bitwise_invert = wrap(np.bitwise_invert)
bitwise_count = wrap(np.bitwise_count)
left_shift = wrap(np.left_shift)
bitwise_left_shift = wrap(np.bitwise_left_shift)
right_shift = wrap(np.right_shift)
bitwise_right_shift = wrap(np.bitwise_right_shift)
packbits = wrap(np.packbits)
unpackbits = wrap(np.unpackbits)

# --- reductions
sum = wrap(np.sum)
prod = wrap(np.prod)
mean = wrap(np.mean)
var = wrap(np.var)
std = wrap(np.std)
max = wrap(np.max)
min = wrap(np.min)
amax = wrap(np.amax)
amin = wrap(np.amin)
ptp = wrap(np.ptp)
cumsum = wrap(np.cumsum)
cumprod = wrap(np.cumprod)
cumulative_sum = wrap(np.cumulative_sum)
cumulative_prod = wrap(np.cumulative_prod)
any = wrap(np.any)
all = wrap(np.all)
argmax = wrap(np.argmax)
argmin = wrap(np.argmin)

# --- shapes
reshape = wrap(np.reshape)
ravel = wrap(np.ravel)
transpose = wrap(np.transpose)
permute_dims = wrap(np.permute_dims)
matrix_transpose = wrap(np.matrix_transpose)
swapaxes = wrap(np.swapaxes)
moveaxis = wrap(np.moveaxis)
rollaxis = wrap(np.rollaxis)
expand_dims = wrap(np.expand_dims)
squeeze = wrap(np.squeeze)
broadcast_to = wrap(np.broadcast_to)
repeat = wrap(np.repeat)
tile = wrap(np.tile)
pad = wrap(np.pad)
flip = wrap(np.flip)
fliplr = wrap(np.fliplr)
flipud = wrap(np.flipud)
rot90 = wrap(np.rot90)
roll = wrap(np.roll)
diagonal = wrap(np.diagonal)
diag = wrap(np.diag)
diagflat = wrap(np.diagflat)
trace = wrap(np.trace)
triu = wrap(np.triu)
tril = wrap(np.tril)
copy = wrap(np.copy)
atleast_1d = wrap(np.atleast_1d)
atleast_2d = wrap(np.atleast_2d)
atleast_3d = wrap(np.atleast_3d)
shape = wrap(np.shape)
ndim = wrap(np.ndim)
size = wrap(np.size)

# --- joining and splitting
concatenate = wrap_join(np.concatenate)
concat = wrap_join(np.concat)
stack = wrap_join(np.stack)
vstack = wrap_join(np.vstack)
hstack = wrap_join(np.hstack)
dstack = wrap_join(np.dstack)
column_stack = wrap_join(np.column_stack)
split = wrap(np.split)
array_split = wrap(np.array_split)
hsplit = wrap(np.hsplit)
vsplit = wrap(np.vsplit)
dsplit = wrap(np.dsplit)
unstack = wrap(np.unstack)
append = wrap(np.append)
insert = wrap(np.insert)
delete = wrap(np.delete)
resize = wrap(np.resize)
trim_zeros = wrap(np.trim_zeros)
apply_along_axis = wrap(np.apply_along_axis)
apply_over_axes = wrap(np.apply_over_axes)
piecewise = wrap(np.piecewise)
block = wrap(np.block)

# --- indexing, sorting, searching
take = wrap(np.take)
take_along_axis = wrap(np.take_along_axis)
compress = wrap(np.compress)
extract = wrap(np.extract)
choose = wrap(np.choose)
select = wrap(np.select)
partition = wrap(np.partition)
sort_complex = wrap(np.sort_complex)
argpartition = wrap(np.argpartition)
lexsort = wrap(np.lexsort)
nonzero = wrap(np.nonzero)
flatnonzero = wrap(np.flatnonzero)
argwhere = wrap(np.argwhere)
searchsorted = wrap(np.searchsorted)
digitize = wrap(np.digitize)
interp = wrap(np.interp)
isin = wrap(np.isin)
unique = wrap(np.unique)
unique_all = wrap(np.unique_all)
unique_counts = wrap(np.unique_counts)
unique_inverse = wrap(np.unique_inverse)
union1d = wrap(np.union1d)
intersect1d = wrap(np.intersect1d)
setdiff1d = wrap(np.setdiff1d)
setxor1d = wrap(np.setxor1d)

# --- differences, integrals, signals
diff = wrap(np.diff)
ediff1d = wrap(np.ediff1d)
gradient = wrap(np.gradient)
trapezoid = wrap(np.trapezoid)
unwrap = wrap(np.unwrap)
convolve = wrap(np.convolve)
correlate = wrap(np.correlate)
bartlett = wrap(np.bartlett)
blackman = wrap(np.blackman)
hamming = wrap(np.hamming)
hanning = wrap(np.hanning)
kaiser = wrap(np.kaiser)

# --- statistics
average = wrap(np.average)
median = wrap(np.median)
percentile = wrap(np.percentile)
quantile = wrap(np.quantile)
cov = wrap(np.cov)
corrcoef = wrap(np.corrcoef)
bincount = wrap(np.bincount)
histogram = wrap(np.histogram)
histogram2d = wrap(np.histogram2d)
histogramdd = wrap(np.histogramdd)
histogram_bin_edges = wrap(np.histogram_bin_edges)
nansum = wrap(np.nansum)
nanprod = wrap(np.nanprod)
nancumsum = wrap(np.nancumsum)
nancumprod = wrap(np.nancumprod)
nanmean = wrap(np.nanmean)
nanvar = wrap(np.nanvar)
nanstd = wrap(np.nanstd)
nanmax = wrap(np.nanmax)
nanmin = wrap(np.nanmin)
nanargmax = wrap(np.nanargmax)
nanargmin = wrap(np.nanargmin)
nanmedian = wrap(np.nanmedian)
nanpercentile = wrap(np.nanpercentile)
nanquantile = wrap(np.nanquantile)

# --- polynomials, by their coefficients
poly = wrap(np.poly)
roots = wrap(np.roots)
polyval = wrap(np.polyval)
polyadd = wrap(np.polyadd)
polysub = wrap(np.polysub)
polymul = wrap(np.polymul)
polydiv = wrap(np.polydiv)
polyder = wrap(np.polyder)
polyint = wrap(np.polyint)
polyfit = wrap(np.polyfit)
vander = wrap(np.vander)

# --- writing into an array: a tensor's handle gets another value
copyto = wrap(np.copyto)
fill_diagonal = wrap(np.fill_diagonal)
place = wrap(np.place)
put = wrap(np.put)
put_along_axis = wrap(np.put_along_axis)
putmask = wrap(np.putmask)

# --- products
dot = wrap(np.dot)
matmul = wrap(np.matmul)
matvec = wrap(np.matvec)
vecmat = wrap(np.vecmat)
vecdot = wrap(np.vecdot)
vdot = wrap(np.vdot)
inner = wrap(np.inner)
outer = wrap(np.outer)
tensordot = wrap(np.tensordot)
einsum = wrap(np.einsum)
einsum_path = wrap(np.einsum_path)
kron = wrap(np.kron)
cross = wrap(np.cross)

# --- polynomials
polyadd = wrap(np.polyadd)
polysub = wrap(np.polysub)
polymul = wrap(np.polymul)
polydiv = wrap(np.polydiv)
polyder = wrap(np.polyder)
polyint = wrap(np.polyint)
polyval = wrap(np.polyval)
polyfit = wrap(np.polyfit)
poly = wrap(np.poly)
roots = wrap(np.roots)
vander = wrap(np.vander)

# --- new arrays
zeros = wrap(np.zeros)
ones = wrap(np.ones)
empty = wrap(np.empty)
full = wrap(np.full)
arange = wrap(np.arange)
linspace = wrap(np.linspace)
logspace = wrap(np.logspace)
geomspace = wrap(np.geomspace)
eye = wrap(np.eye)
identity = wrap(np.identity)
tri = wrap(np.tri)
indices = wrap(np.indices)
ix_ = wrap(np.ix_)
diag_indices = wrap(np.diag_indices)
diag_indices_from = wrap(np.diag_indices_from)
tril_indices = wrap(np.tril_indices)
tril_indices_from = wrap(np.tril_indices_from)
triu_indices = wrap(np.triu_indices)
triu_indices_from = wrap(np.triu_indices_from)
mask_indices = wrap(np.mask_indices)
ravel_multi_index = wrap(np.ravel_multi_index)
unravel_index = wrap(np.unravel_index)
zeros_like = wrap(np.zeros_like)
ones_like = wrap(np.ones_like)
empty_like = wrap(np.empty_like)
full_like = wrap(np.full_like)
row_stack = vstack

add_ufunc_methods(list(vars().values()))

# The names of NumPy that are not here, by the reason why.
_NOT_HERE = {
    "a tensor is no matrix, has no mask, no fields and no names": ("matrix asmatrix bmat ma rec recarray record"),
    "a tensor holds numbers, and neither text nor dates": (
        "char strings busday_count busday_offset busdaycalendar datetime_as_string datetime_data is_busday isnat"
    ),
    "it hands out single elements or parts to write into: index or iterate over the tensor, or use broadcast_arrays": (
        "broadcast flatiter nditer nested_iters memmap"
    ),
    "it makes Python objects: write the function with functions of whole arrays, or use vectorize": "frompyfunc",
    "the dtype of its results depends on values, and so does what is differentiable": "emath",
    "polynomials stand here by their coefficients: poly, polyval, polyfit and so on": "poly1d polynomial",
    "it is about NumPy itself": (
        "core ctypeslib dtypes exceptions f2py get_include info lib show_config show_runtime test testing typing"
    ),
}

__all__ = [name for name in dir() if name in np.__all__ and not name.startswith("_")]

if not TYPE_CHECKING:  # a type checker takes this for a promise of every name

    def __getattr__(name: str) -> Any:
        """Say why a name is not here. A name that not every NumPy has (row_stack, float128) is here where NumPy
        has it.
        """
        for reason, names in _NOT_HERE.items():
            if name in names.split():
                raise AttributeError(f"autograd.numpy has no {name}: {reason}. numpy.{name} is there.")
        found = getattr(np, name, None)
        if isinstance(found, type) and issubclass(found, np.generic):
            return found  # float128 and its like
        if name.startswith("_") or not callable(found) or isinstance(found, type):
            raise AttributeError(f"neither autograd.numpy nor numpy has a {name}.")
        return wrap(found)
