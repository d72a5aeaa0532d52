"""Operations of networks, each in one numerically safe piece with its derivative: activations, log-sum-exp,
cross-entropies, dense.

They take arrays and tensors, return the kind that they were given, keep the dtype, and neither overflow nor turn into
NaN for arguments as large as the dtype holds. Their rules are made of the same operations and of NumPy's, so they hold
to any order.

>>> autograd.grad(softplus)(0.0)
0.5
"""

from nn.config import export
from nn.ops.cross_entropy import (
    log_softmax,
    logsumexp,
    one_hot,
    sigmoid_cross_entropy,
    softmax,
    softmax_cross_entropy,
    sparse_softmax_cross_entropy,
)
from nn.ops.dense import affine
from nn.ops.elementwise import (
    SELU_ALPHA,
    SELU_SCALE,
    elu,
    erf,
    erfc,
    gelu,
    leaky_relu,
    log_complement,
    log_probability,
    normal_cdf,
    relu,
    selu,
    sigmoid,
    silu,
    softplus,
)

__all__ = [
    "SELU_ALPHA",
    "SELU_SCALE",
    "affine",
    "elu",
    "erf",
    "erfc",
    "gelu",
    "leaky_relu",
    "log_complement",
    "log_probability",
    "log_softmax",
    "logsumexp",
    "normal_cdf",
    "one_hot",
    "relu",
    "selu",
    "sigmoid",
    "sigmoid_cross_entropy",
    "silu",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "sparse_softmax_cross_entropy",
]

export(__name__, globals(), __all__)
