"""A hidden Markov model by expectation maximisation: the expectations are the gradient of the logarithm of the
partition function.
"""

from functools import partial

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import value_and_grad as vgrad
from autograd.scipy.special import logsumexp


def log_partition_function(natural_params, data):
    if isinstance(data, list):
        return sum(map(partial(log_partition_function, natural_params), data))
    log_pi, log_A, log_B = natural_params
    log_alpha = log_pi
    for y in data:
        log_alpha = logsumexp(log_alpha[:, None] + log_A, axis=0) + log_B[:, y]
    return logsumexp(log_alpha)


def initialize(rng, num_states, num_outputs):
    def normalize(a):
        return a / a.sum(-1, keepdims=True)

    return tuple(
        [
            np.log(normalize(rng.rand(*shape)))
            for shape in ((num_states,), (num_states, num_states), (num_states, num_outputs))
        ]
    )


def EM(init_params, data, num_steps):
    def E_step(natural_params, data):
        return vgrad(log_partition_function)(natural_params, data)

    def M_step(expected_stats):
        normalize = lambda a: a / a.sum(-1, keepdims=True)  # noqa: E731 - as programs are written
        return tuple([np.log(normalize(stats)) for stats in expected_stats])

    params, values = init_params, []
    for step in range(num_steps):
        loglike, expected_stats = E_step(params, data)
        values.append(loglike)
        print(step, "%.3f" % loglike)  # noqa: UP031 - as programs are written
        params = M_step(expected_stats)
    return params, values


def run():
    rng = npr.RandomState(0)
    data = [np.array([0, 1, 2] * 4), np.array([1, 2, 0] * 3), rng.randint(0, 3, size=6)]
    params, values = EM(initialize(rng, 3, 3), data, 30)
    assert np.all(np.diff(np.array(values)) > -1e-9)
    assert values[-1] > values[0] + 2
    return {"values": values, "transitions": np.exp(params[1])}
