"""The names of `numpy.linalg`, differentiable."""

import numpy as np

from autograd.numpy.wrapping import function

LinAlgError = np.linalg.LinAlgError

# --- products
cross = function(np.linalg.cross)
diagonal = function(np.linalg.diagonal)
matmul = function(np.linalg.matmul)
matrix_power = function(np.linalg.matrix_power)
matrix_transpose = function(np.linalg.matrix_transpose)
multi_dot = function(np.linalg.multi_dot)
outer = function(np.linalg.outer)
tensordot = function(np.linalg.tensordot)
trace = function(np.linalg.trace)
vecdot = function(np.linalg.vecdot)

# --- equations and inverses
solve = function(np.linalg.solve)
lstsq = function(np.linalg.lstsq)
inv = function(np.linalg.inv)
pinv = function(np.linalg.pinv)
tensorsolve = function(np.linalg.tensorsolve)
tensorinv = function(np.linalg.tensorinv)

# --- norms and other numbers
det = function(np.linalg.det)
slogdet = function(np.linalg.slogdet)
norm = function(np.linalg.norm)
vector_norm = function(np.linalg.vector_norm)
matrix_norm = function(np.linalg.matrix_norm)
cond = function(np.linalg.cond)
matrix_rank = function(np.linalg.matrix_rank)

# --- factorisations
cholesky = function(np.linalg.cholesky)
qr = function(np.linalg.qr)
svd = function(np.linalg.svd)
svdvals = function(np.linalg.svdvals)
eig = function(np.linalg.eig)
eigvals = function(np.linalg.eigvals)
eigh = function(np.linalg.eigh)
eigvalsh = function(np.linalg.eigvalsh)
