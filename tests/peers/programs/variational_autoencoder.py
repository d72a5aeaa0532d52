"""A variational autoencoder: nests of parameters, draws inside the objective, Bernoulli and Gaussian densities."""

import itertools

import autograd.numpy as np
import autograd.numpy.random as npr
import autograd.scipy.stats.norm as norm
from autograd import grad
from autograd.misc.optimizers import adam
from autograd.scipy.special import expit as sigmoid


def diag_gaussian_log_density(x, mu, log_std):
    return np.sum(norm.logpdf(x, mu, np.exp(log_std)), axis=-1)


def unpack_gaussian_params(params):
    D = np.shape(params)[-1] // 2
    return params[..., :D], params[..., D:]


def sample_diag_gaussian(mean, log_std, rs):
    return rs.randn(*mean.shape) * np.exp(log_std) + mean


def bernoulli_log_density(targets, unnormalized_logprobs):
    t2 = targets * 2 - 1
    label_probabilities = -np.logaddexp(0, -unnormalized_logprobs * t2)
    return np.sum(label_probabilities, axis=-1)


def relu(x):
    return np.maximum(0, x)


def init_net_params(scale, layer_sizes, rs):
    return [(scale * rs.randn(m, n), scale * rs.randn(n)) for m, n in itertools.pairwise(layer_sizes)]


def batch_normalize(activations):
    mbmean = np.mean(activations, axis=0, keepdims=True)
    return (activations - mbmean) / (np.std(activations, axis=0, keepdims=True) + 1)


def neural_net_predict(params, inputs):
    inpW, inpb = params[0]
    inputs = relu(np.dot(inputs, inpW) + inpb)
    for W, b in params[1:-1]:
        outputs = batch_normalize(np.dot(inputs, W) + b)
        inputs = relu(outputs)
    outW, outb = params[-1]
    return np.dot(inputs, outW) + outb


def vae_lower_bound(gen_params, rec_params, data, rs):
    q_means, q_log_stds = unpack_gaussian_params(neural_net_predict(rec_params, data))
    latents = sample_diag_gaussian(q_means, q_log_stds, rs)
    q_latents = diag_gaussian_log_density(latents, q_means, q_log_stds)
    p_latents = diag_gaussian_log_density(latents, 0, 1)
    likelihood = bernoulli_log_density(data, neural_net_predict(gen_params, latents))
    return np.mean(p_latents + likelihood - q_latents)


def run():
    rs = npr.RandomState(0)
    prototypes = (rs.rand(3, 16) > 0.5).astype(float)
    data = prototypes[np.arange(60) % 3]
    data = np.where(rs.rand(60, 16) < 0.05, 1.0 - data, data)
    gen_params, rec_params = init_net_params(0.1, [2, 12, 12, 16], rs), init_net_params(0.1, [16, 12, 12, 4], rs)
    seed = npr.RandomState(1)

    def objective(combined_params, step):
        gen, rec = combined_params
        return -vae_lower_bound(gen, rec, data, seed)

    bounds = []
    params = adam(
        grad(objective),
        (gen_params, rec_params),
        step_size=0.02,
        num_iters=150,
        callback=lambda p, i, g: bounds.append(-objective(p, i)),
    )
    assert bounds[-1] > bounds[0] + 2
    decoded = sigmoid(neural_net_predict(params[0], neural_net_predict(params[1], prototypes)[:, :2]))
    assert np.mean((decoded > 0.5) == (prototypes > 0.5)) > 0.8
    return {"bounds": bounds[:20], "last": bounds[-1]}
