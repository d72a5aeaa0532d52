"""The names of `numpy.linalg`, differentiable."""

import numpy as np

from autograd.numpy.wrapping import wrap

LinAlgError = np.linalg.LinAlgError

# --- products
cross = wrap(np.linalg.cross)
diagonal = wrap(np.linalg.diagonal)
matmul = wrap(np.linalg.matmul)
matrix_power = wrap(np.linalg.matrix_power)
matrix_transpose = wrap(np.linalg.matrix_transpose)
multi_dot = wrap(np.linalg.multi_dot)
outer = wrap(np.linalg.outer)
tensordot = wrap(np.linalg.tensordot)
trace = wrap(np.linalg.trace)
vecdot = wrap(np.linalg.vecdot)

# --- equations and inverses
solve = wrap(np.linalg.solve)
lstsq = wrap(np.linalg.lstsq)
inv = wrap(np.linalg.inv)
pinv = wrap(np.linalg.pinv)
tensorsolve = wrap(np.linalg.tensorsolve)
tensorinv = wrap(np.linalg.tensorinv)

# --- norms and other numbers
det = wrap(np.linalg.det)
slogdet = wrap(np.linalg.slogdet)
norm = wrap(np.linalg.norm)
vector_norm = wrap(np.linalg.vector_norm)
matrix_norm = wrap(np.linalg.matrix_norm)
cond = wrap(np.linalg.cond)
matrix_rank = wrap(np.linalg.matrix_rank)

# --- factorisations
cholesky = wrap(np.linalg.cholesky)
qr = wrap(np.linalg.qr)
svd = wrap(np.linalg.svd)
svdvals = wrap(np.linalg.svdvals)
eig = wrap(np.linalg.eig)
eigvals = wrap(np.linalg.eigvals)
eigh = wrap(np.linalg.eigh)
eigvalsh = wrap(np.linalg.eigvalsh)
