"""The functions of the Python array API standard, version 2024.12: signatures, and arguments for a call of each."""

import inspect

import numpy as np

from autograd import Tensor

# The functions of the standard as it writes them.
SIGNATURES = """
abs(x, /)  acos(x, /)  acosh(x, /)  add(x1, x2, /)  asin(x, /)  asinh(x, /)  atan(x, /)  atan2(x1, x2, /)  atanh(x, /)
bitwise_and(x1, x2, /)  bitwise_invert(x, /)  bitwise_left_shift(x1, x2, /)  bitwise_or(x1, x2, /)
bitwise_right_shift(x1, x2, /)  bitwise_xor(x1, x2, /)  ceil(x, /)  clip(x, /, min=None, max=None)  conj(x, /)
copysign(x1, x2, /)  cos(x, /)  cosh(x, /)  divide(x1, x2, /)  equal(x1, x2, /)  exp(x, /)  expm1(x, /)  floor(x, /)
floor_divide(x1, x2, /)  greater(x1, x2, /)  greater_equal(x1, x2, /)  hypot(x1, x2, /)  imag(x, /)  isfinite(x, /)
isinf(x, /)  isnan(x, /)  less(x1, x2, /)  less_equal(x1, x2, /)  log(x, /)  log10(x, /)  log1p(x, /)  log2(x, /)
logaddexp(x1, x2, /)  logical_and(x1, x2, /)  logical_not(x, /)  logical_or(x1, x2, /)  logical_xor(x1, x2, /)
maximum(x1, x2, /)  minimum(x1, x2, /)  multiply(x1, x2, /)  negative(x, /)  nextafter(x1, x2, /)  not_equal(x1, x2, /)
positive(x, /)  pow(x1, x2, /)  real(x, /)  reciprocal(x, /)  remainder(x1, x2, /)  round(x, /)  sign(x, /)
signbit(x, /)  sin(x, /)  sinh(x, /)  sqrt(x, /)  square(x, /)  subtract(x1, x2, /)  tan(x, /)  tanh(x, /)  trunc(x, /)
arange(start, /, stop=None, step=1, *, dtype=None, device=None)  asarray(obj, /, *, dtype=None, device=None, copy=None)
empty(shape, *, dtype=None, device=None)  empty_like(x, /, *, dtype=None, device=None)
eye(n_rows, n_cols=None, /, *, k=0, dtype=None, device=None)  from_dlpack(x, /, *, device=None, copy=None)
full(shape, fill_value, *, dtype=None, device=None)  full_like(x, /, fill_value, *, dtype=None, device=None)
linspace(start, stop, /, num, *, dtype=None, device=None, endpoint=True)  meshgrid(*arrays, indexing='xy')
ones(shape, *, dtype=None, device=None)  ones_like(x, /, *, dtype=None, device=None)  tril(x, /, *, k=0)
triu(x, /, *, k=0)  zeros(shape, *, dtype=None, device=None)  zeros_like(x, /, *, dtype=None, device=None)
astype(x, dtype, /, *, copy=True, device=None)  can_cast(from_, to, /)  finfo(type, /)  iinfo(type, /)
isdtype(dtype, kind)  result_type(*arrays_and_dtypes)  matmul(x1, x2, /)  matrix_transpose(x, /)
tensordot(x1, x2, /, *, axes=2)  vecdot(x1, x2, /, *, axis=-1)  broadcast_arrays(*arrays)  broadcast_to(x, /, shape)
concat(arrays, /, *, axis=0)  expand_dims(x, /, axis)  flip(x, /, *, axis=None)  moveaxis(x, source, destination, /)
permute_dims(x, /, axes)  repeat(x, repeats, /, *, axis=None)  reshape(x, /, shape, *, copy=None)
roll(x, /, shift, *, axis=None)  squeeze(x, /, axis)  stack(arrays, /, *, axis=0)  tile(x, repetitions, /)
unstack(x, /, *, axis=0)  argmax(x, /, *, axis=None, keepdims=False)  argmin(x, /, *, axis=None, keepdims=False)
count_nonzero(x, /, *, axis=None, keepdims=False)  nonzero(x, /)  searchsorted(x1, x2, /, *, side='left', sorter=None)
where(condition, x1, x2, /)  take(x, indices, /, *, axis=None)  take_along_axis(x, indices, /, *, axis=-1)
unique_all(x, /)  unique_counts(x, /)  unique_inverse(x, /)  unique_values(x, /)
argsort(x, /, *, axis=-1, descending=False, stable=True)  sort(x, /, *, axis=-1, descending=False, stable=True)
cumulative_prod(x, /, *, axis=None, dtype=None, include_initial=False)
cumulative_sum(x, /, *, axis=None, dtype=None, include_initial=False)  max(x, /, *, axis=None, keepdims=False)
mean(x, /, *, axis=None, keepdims=False)  min(x, /, *, axis=None, keepdims=False)
prod(x, /, *, axis=None, dtype=None, keepdims=False)  std(x, /, *, axis=None, correction=0.0, keepdims=False)
sum(x, /, *, axis=None, dtype=None, keepdims=False)  var(x, /, *, axis=None, correction=0.0, keepdims=False)
all(x, /, *, axis=None, keepdims=False)  any(x, /, *, axis=None, keepdims=False)
diff(x, /, *, axis=-1, n=1, prepend=None, append=None)
"""
LINALG = """
cholesky(x, /, *, upper=False)  cross(x1, x2, /, *, axis=-1)  det(x, /)  diagonal(x, /, *, offset=0)  eigh(x, /)
eigvalsh(x, /)  inv(x, /)  matmul(x1, x2, /)  matrix_norm(x, /, *, keepdims=False, ord='fro')  matrix_power(x, n, /)
matrix_rank(x, /, *, rtol=None)  matrix_transpose(x, /)  outer(x1, x2, /)  pinv(x, /, *, rtol=None)
qr(x, /, *, mode='reduced')  slogdet(x, /)  solve(x1, x2, /)  svd(x, /, *, full_matrices=True)  svdvals(x, /)
tensordot(x1, x2, /, *, axes=2)  trace(x, /, *, offset=0, dtype=None)  vecdot(x1, x2, /, *, axis=-1)
vector_norm(x, /, *, axis=None, keepdims=False, ord=2)
"""
FFT = """
fft(x, /, *, n=None, axis=-1, norm='backward')  ifft(x, /, *, n=None, axis=-1, norm='backward')
fftn(x, /, *, s=None, axes=None, norm='backward')  ifftn(x, /, *, s=None, axes=None, norm='backward')
rfft(x, /, *, n=None, axis=-1, norm='backward')  irfft(x, /, *, n=None, axis=-1, norm='backward')
rfftn(x, /, *, s=None, axes=None, norm='backward')  irfftn(x, /, *, s=None, axes=None, norm='backward')
hfft(x, /, *, n=None, axis=-1, norm='backward')  ihfft(x, /, *, n=None, axis=-1, norm='backward')
fftfreq(n, /, *, d=1.0, dtype=None, device=None)  rfftfreq(n, /, *, d=1.0, dtype=None, device=None)
fftshift(x, /, *, axes=None)  ifftshift(x, /, *, axes=None)
"""

M = Tensor([[2.0, 0.5, 0.25], [0.5, 3.0, 0.75], [0.25, 0.75, 4.0]])
X = Tensor([0.25, 0.5, 0.75])
I = Tensor([2, 0, 1])  # noqa: E741
B = Tensor([True, False, True])

# The arguments for the parameters of a name, and for those of one function.
ARGUMENTS = {
    "x": X, "x1": X, "x2": X, "obj": [1.0, 2.0], "start": 0.0, "stop": 1.0, "num": 4, "shape": (3,), "n_rows": 3,
    "fill_value": 2.0, "type": X,
    "dtype": np.dtype("float32"), "kind": "real floating", "from_": X, "to": np.dtype("float32"), "axes": (0,),
    "axis": 0, "n": 3, "source": 0,
    "destination": 0, "repeats": 2, "shift": 1, "repetitions": (2,), "indices": I, "condition": B, "arrays": [X, X],
}  # fmt: skip
SPECIAL = {
    "acosh": {"x": Tensor([1.5])}, "matrix_transpose": {"x": M}, "iinfo": {"type": I},
    "squeeze": {"x": Tensor([[1.0]])}, "tril": {"x": M},
    "triu": {"x": M}, "prepend": {}, **{f"bitwise_{name}": {"x": I, "x1": I, "x2": I} for name in
    ("and", "or", "xor", "invert", "left_shift", "right_shift")},
    **{f"logical_{name}": {"x": B, "x1": B, "x2": B} for name in ("and", "or", "xor",
    "not")}, "tensordot": {"x1": M, "x2": M}, "all": {"x": B}, "any": {"x": B}, "linalg.cross": {},
    "linalg.vecdot": {}, "linalg.outer": {},
    "linalg.vector_norm": {}, "linalg.solve": {"x1": M}, "fft.fft": {}, "fft.ifft": {}, "fft.fftfreq": {"n": 4},
    "fft.rfftfreq": {"n": 4},
}  # fmt: skip
NO_TENSORS = {"can_cast", "finfo", "iinfo", "isdtype", "result_type"}


def written(text, prefix=""):
    """Yield the name and the signature of each function that the table writes."""
    for each in text.replace("\n", "  ").split("  "):
        if each:
            scope = {}
            exec(f"def {each}: pass", scope)
            name = each.split("(")[0]
            yield prefix + name, inspect.signature(scope[name])


TABLE = dict([*written(SIGNATURES), *written(LINALG, "linalg."), *written(FFT, "fft.")])
