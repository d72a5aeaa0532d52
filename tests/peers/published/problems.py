"""Ten functions whose derivatives are published, each written once on a namespace ``np``: that of tapegrad, or that of
JAX.

A problem is a point, a vector of outputs there (residuals, the losses of single samples ...), whose Jacobian is taken,
and a number, whose gradient and Hessian are taken. The functions use what both namespaces have, and no random numbers
but those of NumPy's frozen generator."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy


class Problem(NamedTuple):
    """A point, and two functions of a namespace and a vector."""

    point: numpy.ndarray
    outputs: Callable[[Any, Any], Any]
    value: Callable[[Any, Any], Any]


def draws(seed, *shape):
    return numpy.random.RandomState(seed).randn(*shape)


def summed_squares(outputs):
    return lambda np, x: np.sum(outputs(np, x) ** 2)


# J. J. More, B. S. Garbow, K. E. Hillstrom, "Testing Unconstrained Optimization Software" (1981): problems 1 and 5.


def rosenbrock(np, x):
    return np.stack([10.0 * (x[1] - x[0] ** 2), 1.0 - x[0]])


def beale(np, x):
    return np.stack([target - x[0] * (1.0 - x[1] ** i) for i, target in enumerate([1.5, 2.25, 2.625], start=1)])


# Logistic regression, labels -1 and 1; softmax regression: C. M. Bishop, "Pattern Recognition and Machine Learning"
# (2006), 4.3.

FEATURES, SIGNS = draws(0, 8, 4), numpy.array([1.0, -1.0, 1.0, 1.0, -1.0, -1.0, 1.0, -1.0])
CLASSES = numpy.array([0, 2, 1, 1, 0, 2, 2, 0])


def logistic(np, w):
    return np.logaddexp(0.0, -SIGNS * np.dot(FEATURES, w))


def softmax(np, w):
    z = np.dot(FEATURES, np.reshape(w, (4, 3)))
    top = np.max(z, axis=1, keepdims=True)
    return np.log(np.sum(np.exp(z - top), axis=1)) + top[:, 0] - z[numpy.arange(8), CLASSES]


def mean_of(outputs):
    return lambda np, x: np.mean(outputs(np, x))


# A mixture of Gaussians, bundle adjustment, a recurrent network: F. Srajer, Z. Kukelova, A. Fitzgibbon, "A Benchmark of
# Selected Algorithmic Differentiation Tools on Some Problems in Computer Vision and Machine Learning" (2018), as
# ADBench has them.

D, K = 2, 3
POINTS = draws(1, 6, D)
GAMMA, M = 1.0, 0


def lower(d):
    """Return where each element of a strictly lower triangle stands in a vector of d others and its columns; -1 for no
    element.
    """
    index = numpy.full((d, d), -1)
    rows, columns = numpy.triu_indices(d, 1)[::-1]
    index[rows, columns] = d + numpy.arange(len(rows))
    return index


def gmm_terms(np, x):
    """Return, for each point, log sum_k exp(alpha_k + sum q_k - |Q_k (x - mu_k)|^2 / 2), and the alphas and factors of
    the covariances.
    """
    alphas, means, factors = (
        x[:K],
        np.reshape(x[K : K + K * D], (K, D)),
        np.reshape(x[K + K * D :], (K, D * (D + 1) // 2)),
    )
    q = factors[:, :D]
    triangles = np.concatenate([factors, numpy.zeros((K, 1))], axis=1)[:, lower(D)]
    centred = POINTS[:, None, :] - means
    scaled = np.exp(q) * centred + np.einsum("kij,nkj->nki", triangles, centred)
    exponents = alphas + np.sum(q, axis=1) - 0.5 * np.sum(scaled**2, axis=2)
    return logsumexp(np, exponents), alphas, factors


def logsumexp(np, x):
    top = np.max(x, axis=-1, keepdims=True)
    return np.log(np.sum(np.exp(x - top), axis=-1)) + top[..., 0]


def gmm_outputs(np, x):
    each, alphas, _ = gmm_terms(np, x)
    return each - logsumexp(np, alphas) - 0.5 * D * math.log(2 * math.pi)


def gmm_value(np, x):
    """Add the logarithm of a Wishart prior on the inverse covariances to the likelihood of all points."""
    factors = gmm_terms(np, x)[2]
    q, n = factors[:, :D], D + M + 1
    squares = np.sum(np.exp(q) ** 2) + np.sum(factors[:, D:] ** 2)
    log_gamma = 0.25 * D * (D - 1) * math.log(math.pi) + sum(math.lgamma(0.5 * (n - j)) for j in range(D))
    constant = n * D * math.log(GAMMA / math.sqrt(2)) - log_gamma
    return np.sum(gmm_outputs(np, x)) + 0.5 * GAMMA**2 * squares - M * np.sum(q) - K * constant


def bundle(np, x):
    """Return how far the image of a point lies from where it was seen, weighted, and the error of the weight: ``x`` is
    the camera (rotation, centre, focal length, principal point, two coefficients of distortion), the point and the
    weight."""
    rotation, centre, focal, principal, radial, point, weight = x[:3], x[3:6], x[6], x[7:9], x[9:11], x[11:14], x[14]
    away = point - centre
    theta = np.sqrt(np.sum(rotation**2))
    axis = rotation / theta
    crossed = np.stack([axis[i - 2] * away[i - 1] - axis[i - 1] * away[i - 2] for i in range(3)])  # Rodrigues' formula
    seen = away * np.cos(theta) + crossed * np.sin(theta) + axis * np.sum(axis * away) * (1.0 - np.cos(theta))
    flat = seen[:2] / seen[2]
    square = np.sum(flat**2)
    image = flat * (1.0 + radial[0] * square + radial[1] * square**2) * focal + principal
    return np.concatenate([weight * (image - numpy.array([0.3, -0.2])), np.reshape(1.0 - weight**2, (1,))])


HIDDEN, LAYERS = 2, 1
SEQUENCE, STATE = draws(2, 4, HIDDEN), draws(3, 2 * LAYERS, HIDDEN)


def sigmoid(np, x):
    return 1.0 / (1.0 + np.exp(-x))


def lstm(np, x):
    """Return the logarithms of the predicted distributions after each member of a sequence; every product is
    elementwise, as published.
    """
    main = np.reshape(x[: 8 * LAYERS * HIDDEN], (2 * LAYERS, 4 * HIDDEN))
    extra = np.reshape(x[8 * LAYERS * HIDDEN :], (3, HIDDEN))
    state, predicted = list(STATE), []
    for member in SEQUENCE[:-1]:
        y = member * extra[0]
        for i in range(0, 2 * LAYERS, 2):
            gates = np.concatenate([y, state[i], y, state[i]]) * main[i] + main[i + 1]
            forget, into, out = (sigmoid(np, gates[j * HIDDEN : (j + 1) * HIDDEN]) for j in range(3))
            state[i + 1] = state[i + 1] * forget + into * np.tanh(gates[3 * HIDDEN :])
            y = state[i] = out * np.tanh(state[i + 1])
        y = y * extra[1] + extra[2]
        predicted.append(y - np.log(2.0 + np.sum(np.exp(y))))
    return np.concatenate(predicted)


def lstm_value(np, x):
    return -np.mean(SEQUENCE[1:].ravel() * lstm(np, x))


# The determinant and the leading minors (J. R. Magnus, H. Neudecker, "Matrix Differential Calculus", 8.3), the sum of
# the two largest eigenvalues (M. L. Overton, R. S. Womersley, "Optimality conditions ... for minimizing sums of the
# largest eigenvalues", 1993).


def minors(np, x):
    a = np.reshape(x, (4, 4))
    return np.stack([np.linalg.det(a[:i, :i]) for i in range(1, 5)])


def determinant(np, x):
    return np.linalg.det(np.reshape(x, (4, 4)))


def eigenvalues(np, x):
    a = np.reshape(x, (4, 4))
    return np.linalg.eigvalsh((a + a.T) / 2)


def two_largest(np, x):
    return np.sum(eigenvalues(np, x)[-2:])


# Hares and lynxes after A. J. Lotka and V. Volterra: their four rates, fitted to what was seen at five times.

TIMES, SEEN = numpy.linspace(0.0, 4.0, 6), numpy.array([[1.6, 0.5], [3.2, 0.9], [3.4, 2.9], [1.3, 3.2], [0.6, 2.2]])
HARES_AND_LYNXES = numpy.array([1.0, 0.8])


def predation(np, y, rates):
    return np.stack([rates[0] * y[0] - rates[1] * y[0] * y[1], rates[2] * y[0] * y[1] - rates[3] * y[1]])


def ode_fit(np, rates, steps=2):
    """Return how far the solution is from what was seen, by some steps of the classical Runge-Kutta method between two
    times.
    """
    y, found, h = np.stack(list(HARES_AND_LYNXES)), [], (TIMES[1] - TIMES[0]) / steps
    for _ in SEEN:
        for _ in range(steps):
            k1 = predation(np, y, rates)
            k2 = predation(np, y + h / 2 * k1, rates)
            k3 = predation(np, y + h / 2 * k2, rates)
            k4 = predation(np, y + h * k3, rates)
            y = y + h / 6 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        found.append(y)
    return np.reshape(np.stack(found) - SEEN, (-1,))


def ode_fit_by(solve):
    """Return the sum of squares of the same fit by a solver of differential equations: ``solve(f, y0, t, rates)`` with
    ``f(y, t, rates)``.
    """
    return lambda np, rates: np.sum(
        (solve(lambda y, t, r: predation(np, y, r), HARES_AND_LYNXES, TIMES, rates)[1:] - SEEN) ** 2
    )


CAMERA = numpy.array([0.3, -0.2, 0.5, 0.1, 0.2, -2.0, 1.2, 0.05, -0.1, 0.02, -0.03, 0.6, -0.4, 1.5, 0.9])

PROBLEMS = {
    "Rosenbrock": Problem(numpy.array([-1.2, 1.0]), rosenbrock, summed_squares(rosenbrock)),
    "Beale": Problem(numpy.array([1.0, 1.0]), beale, summed_squares(beale)),
    "logistic regression": Problem(draws(4, 4), logistic, mean_of(logistic)),
    "softmax regression": Problem(draws(5, 12), softmax, mean_of(softmax)),
    "Gaussian mixture": Problem(draws(6, K + K * D + K * D * (D + 1) // 2), gmm_outputs, gmm_value),
    "bundle adjustment": Problem(CAMERA, bundle, summed_squares(bundle)),
    "LSTM": Problem(draws(7, 8 * LAYERS * HIDDEN + 3 * HIDDEN), lstm, lstm_value),
    "determinant": Problem(draws(8, 16), minors, determinant),
    "eigenvalues": Problem(draws(9, 16), eigenvalues, two_largest),
    "ODE fit": Problem(numpy.array([1.3, 0.7, 0.6, 0.9]), ode_fit, summed_squares(ode_fit)),
}
