"""A recurrent network that learns to write a line of text, letter by letter; written with lists that grow and with
hstack.
"""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad
from autograd.misc.optimizers import adam
from autograd.scipy.special import logsumexp

TEXT = "the tape remembers what the chain rule forgets. "


def sigmoid(x):
    return 0.5 * (np.tanh(x) + 1.0)


def concat_and_multiply(weights, *args):
    cat_state = np.hstack((*args, np.ones((args[0].shape[0], 1))))
    return np.dot(cat_state, weights)


def string_to_one_hot(string, maxchar):
    ascii_codes = np.array([ord(c) for c in string]).T
    return np.array(ascii_codes[:, None] == np.arange(maxchar)[None, :], dtype=int)


def one_hot_to_string(one_hot_matrix):
    return "".join([chr(np.argmax(c)) for c in one_hot_matrix])


def create_rnn_params(input_size, state_size, output_size, param_scale, rs):
    return {
        "init hiddens": rs.randn(1, state_size) * param_scale,
        "change": rs.randn(input_size + state_size + 1, state_size) * param_scale,
        "predict": rs.randn(state_size + 1, output_size) * param_scale,
    }


def rnn_predict(params, inputs):
    def update_rnn(input, hiddens):
        return np.tanh(concat_and_multiply(params["change"], input, hiddens))

    def hiddens_to_output_probs(hiddens):
        output = concat_and_multiply(params["predict"], hiddens)
        return output - logsumexp(output, axis=1, keepdims=True)

    num_sequences = inputs.shape[1]
    hiddens = np.repeat(params["init hiddens"], num_sequences, axis=0)
    output = [hiddens_to_output_probs(hiddens)]
    for input in inputs:
        hiddens = update_rnn(input, hiddens)
        output.append(hiddens_to_output_probs(hiddens))
    return output


def rnn_log_likelihood(params, inputs, targets):
    logprobs = rnn_predict(params, inputs)
    loglik = 0.0
    num_time_steps, num_examples, _ = inputs.shape
    for t in range(num_time_steps):
        loglik += np.sum(logprobs[t] * targets[t])
    return loglik / (num_time_steps * num_examples)


def run():
    inputs = string_to_one_hot(TEXT, 128)[:, None, :]
    params = create_rnn_params(128, 16, 128, 0.1, npr.RandomState(0))

    def training_loss(params, step):
        return -rnn_log_likelihood(params, inputs, inputs)

    losses = []

    def callback(weights, step, gradient):
        if step % 20 == 0:
            losses.append(training_loss(weights, 0))
            print("Iteration", step, "loss:", losses[-1])

    trained = adam(grad(training_loss), params, step_size=0.05, num_iters=60, callback=callback)
    text = one_hot_to_string(np.concatenate(list(rnn_predict(trained, inputs))[:-1]))
    print(text)
    assert sum(a == b for a, b in zip(text, TEXT, strict=True)) > 0.8 * len(TEXT)
    return {"losses": losses, "state": trained["init hiddens"]}
