"""Constants, dtypes and questions about them, settings and printing of NumPy, re-exported unchanged."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.numpy.wrapping import wrap

# --- constants
pi = np.pi
e = np.e
euler_gamma = np.euler_gamma
inf = np.inf
nan = np.nan
newaxis = np.newaxis
True_ = np.True_
False_ = np.False_
little_endian = np.little_endian
__version__ = np.__version__

# --- dtypes by size
bool = np.bool
bool_ = np.bool_
int8 = np.int8
int16 = np.int16
int32 = np.int32
int64 = np.int64
uint8 = np.uint8
uint16 = np.uint16
uint32 = np.uint32
uint64 = np.uint64
float16 = np.float16
float32 = np.float32
float64 = np.float64
complex64 = np.complex64
complex128 = np.complex128

# --- dtypes by their names in C
byte = np.byte
short = np.short
intc = np.intc
int_ = np.int_
intp = np.intp
long = np.long
longlong = np.longlong
ubyte = np.ubyte
ushort = np.ushort
uintc = np.uintc
uint = np.uint
uintp = np.uintp
ulong = np.ulong
ulonglong = np.ulonglong
half = np.half
single = np.single
double = np.double
longdouble = np.longdouble
csingle = np.csingle
cdouble = np.cdouble
clongdouble = np.clongdouble

# --- abstract dtypes, and dtypes of Python objects and text (no tensor has these; `issubdtype` takes them)
generic = np.generic
number = np.number
integer = np.integer
signedinteger = np.signedinteger
unsignedinteger = np.unsignedinteger
inexact = np.inexact
floating = np.floating
complexfloating = np.complexfloating
flexible = np.flexible
character = np.character
str_ = np.str_
bytes_ = np.bytes_
object_ = np.object_
void = np.void
datetime64 = np.datetime64
timedelta64 = np.timedelta64
ScalarType = np.ScalarType
sctypeDict = np.sctypeDict
typecodes = np.typecodes

# --- classes
dtype = np.dtype
ndarray = np.ndarray
ufunc = np.ufunc
ndindex = np.ndindex

# --- questions about dtypes and shapes
isdtype = np.isdtype
issubdtype = np.issubdtype
promote_types = np.promote_types
mintypecode = np.mintypecode
typename = np.typename
broadcast_shapes = np.broadcast_shapes
can_cast = wrap(np.can_cast)
result_type = wrap(np.result_type)
common_type = wrap(np.common_type)
min_scalar_type = wrap(np.min_scalar_type)


class finfo:
    """The limits of a floating-point or complex dtype, or of that of an array; numbers are Python's own. See
    `numpy.finfo`.
    """

    def __init__(self, type: Any) -> None:
        self._limits = np.finfo(_dtype_of(type))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        value = getattr(self._limits, name)
        return value.item() if isinstance(value, np.generic) else value

    def __repr__(self) -> str:
        return repr(self._limits)


def iinfo(type: Any) -> np.iinfo[Any]:
    """Return the limits of an integer dtype, or of that of an array. See `numpy.iinfo`."""
    return np.iinfo(_dtype_of(type))


def _dtype_of(value: Any) -> Any:
    """Return the dtype of an array, and anything else as it is. (The types of NumPy's scalars have a `dtype` that is
    none.)
    """
    found = getattr(value, "dtype", None)
    return found if isinstance(found, np.dtype) else value


# --- settings of NumPy: errors of arithmetic, printing
errstate = np.errstate
geterr = np.geterr
seterr = np.seterr
geterrcall = np.geterrcall
seterrcall = np.seterrcall
getbufsize = np.getbufsize
setbufsize = np.setbufsize
get_printoptions = np.get_printoptions
set_printoptions = np.set_printoptions
printoptions = np.printoptions

# --- printing, and writing to files
array2string = np.array2string
array_repr = np.array_repr
array_str = np.array_str
base_repr = np.base_repr
binary_repr = np.binary_repr
format_float_positional = np.format_float_positional
format_float_scientific = np.format_float_scientific
save = np.save
savez = np.savez
savez_compressed = np.savez_compressed
savetxt = np.savetxt
