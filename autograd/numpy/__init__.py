"""NumPy's names, differentiable.

``import autograd.numpy as np`` reads as usual. Every function takes what NumPy's takes, and tensors besides, and
returns tensors. What has no rule still computes; a derivative through it is refused. The namespace follows the Python
array API standard.

The names here wrap the functions of NumPy (`wrapping`). `constants` re-exports names that hold no values; `creation`,
`sorting`, `forms` and `grids` define the functions that NumPy does not dispatch on its arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.numpy import fft as fft
from autograd.numpy import linalg as linalg
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
from autograd.numpy.sorting import argsort as argsort
from autograd.numpy.sorting import count_nonzero as count_nonzero
from autograd.numpy.sorting import sort as sort
from autograd.numpy.sorting import unique_values as unique_values
from autograd.numpy.ufuncs import give_methods
from autograd.numpy.wrapping import function

__array_api_version__ = "2024.12"
__array_namespace_info__ = np.__array_namespace_info__
__version__ = np.__version__

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
gcd = function(np.gcd)
lcm = function(np.lcm)

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
i0 = function(np.i0)
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
real_if_close = function(np.real_if_close)

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
array_equiv = function(np.array_equiv)
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
isfortran = function(np.isfortran)
iterable = function(np.iterable)
shares_memory = function(np.shares_memory)
may_share_memory = function(np.may_share_memory)
signbit = function(np.signbit)
logical_and = function(np.logical_and)
logical_or = function(np.logical_or)
logical_xor = function(np.logical_xor)
logical_not = function(np.logical_not)
bitwise_and = function(np.bitwise_and)
bitwise_or = function(np.bitwise_or)
bitwise_xor = function(np.bitwise_xor)
invert = function(np.invert)
bitwise_not = function(np.bitwise_not)
bitwise_invert = function(np.bitwise_invert)
bitwise_count = function(np.bitwise_count)
left_shift = function(np.left_shift)
bitwise_left_shift = function(np.bitwise_left_shift)
right_shift = function(np.right_shift)
bitwise_right_shift = function(np.bitwise_right_shift)
packbits = function(np.packbits)
unpackbits = function(np.unpackbits)

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
insert = function(np.insert)
delete = function(np.delete)
resize = function(np.resize)
trim_zeros = function(np.trim_zeros)
apply_along_axis = function(np.apply_along_axis)
apply_over_axes = function(np.apply_over_axes)
piecewise = function(np.piecewise)
block = function(np.block)

# --- indexing, sorting, searching
take = function(np.take)
take_along_axis = function(np.take_along_axis)
compress = function(np.compress)
extract = function(np.extract)
choose = function(np.choose)
select = function(np.select)
partition = function(np.partition)
sort_complex = function(np.sort_complex)
argpartition = function(np.argpartition)
lexsort = function(np.lexsort)
nonzero = function(np.nonzero)
flatnonzero = function(np.flatnonzero)
argwhere = function(np.argwhere)
searchsorted = function(np.searchsorted)
digitize = function(np.digitize)
interp = function(np.interp)
isin = function(np.isin)
unique = function(np.unique)
unique_all = function(np.unique_all)
unique_counts = function(np.unique_counts)
unique_inverse = function(np.unique_inverse)
union1d = function(np.union1d)
intersect1d = function(np.intersect1d)
setdiff1d = function(np.setdiff1d)
setxor1d = function(np.setxor1d)

# --- differences, integrals, signals
diff = function(np.diff)
ediff1d = function(np.ediff1d)
gradient = function(np.gradient)
trapezoid = function(np.trapezoid)
unwrap = function(np.unwrap)
convolve = function(np.convolve)
correlate = function(np.correlate)
bartlett = function(np.bartlett)
blackman = function(np.blackman)
hamming = function(np.hamming)
hanning = function(np.hanning)
kaiser = function(np.kaiser)

# --- statistics
average = function(np.average)
median = function(np.median)
percentile = function(np.percentile)
quantile = function(np.quantile)
cov = function(np.cov)
corrcoef = function(np.corrcoef)
bincount = function(np.bincount)
histogram = function(np.histogram)
histogram2d = function(np.histogram2d)
histogramdd = function(np.histogramdd)
histogram_bin_edges = function(np.histogram_bin_edges)
nansum = function(np.nansum)
nanprod = function(np.nanprod)
nancumsum = function(np.nancumsum)
nancumprod = function(np.nancumprod)
nanmean = function(np.nanmean)
nanvar = function(np.nanvar)
nanstd = function(np.nanstd)
nanmax = function(np.nanmax)
nanmin = function(np.nanmin)
nanargmax = function(np.nanargmax)
nanargmin = function(np.nanargmin)
nanmedian = function(np.nanmedian)
nanpercentile = function(np.nanpercentile)
nanquantile = function(np.nanquantile)

# --- polynomials, by their coefficients
poly = function(np.poly)
roots = function(np.roots)
polyval = function(np.polyval)
polyadd = function(np.polyadd)
polysub = function(np.polysub)
polymul = function(np.polymul)
polydiv = function(np.polydiv)
polyder = function(np.polyder)
polyint = function(np.polyint)
polyfit = function(np.polyfit)
vander = function(np.vander)

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
einsum_path = function(np.einsum_path)
kron = function(np.kron)
cross = function(np.cross)

# --- polynomials
polyadd = function(np.polyadd)
polysub = function(np.polysub)
polymul = function(np.polymul)
polydiv = function(np.polydiv)
polyder = function(np.polyder)
polyint = function(np.polyint)
polyval = function(np.polyval)
polyfit = function(np.polyfit)
poly = function(np.poly)
roots = function(np.roots)
vander = function(np.vander)

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
indices = function(np.indices)
ix_ = function(np.ix_)
diag_indices = function(np.diag_indices)
diag_indices_from = function(np.diag_indices_from)
tril_indices = function(np.tril_indices)
tril_indices_from = function(np.tril_indices_from)
triu_indices = function(np.triu_indices)
triu_indices_from = function(np.triu_indices_from)
mask_indices = function(np.mask_indices)
ravel_multi_index = function(np.ravel_multi_index)
unravel_index = function(np.unravel_index)
zeros_like = function(np.zeros_like)
ones_like = function(np.ones_like)
empty_like = function(np.empty_like)
full_like = function(np.full_like)

give_methods(list(vars().values()))

# What of NumPy is not here, by the reason why.
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
        return function(found)
