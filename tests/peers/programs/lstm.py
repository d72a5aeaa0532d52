"""A long short-term memory that tells which of two bits came first, several steps ago."""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import value_and_grad
from autograd.misc.flatten import flatten_func
from autograd.misc.optimizers import rmsprop


def sigmoid(x):
    return 0.5 * (np.tanh(x) + 1.0)


def concat_and_multiply(weights, *args):
    return np.dot(np.hstack([*args, np.ones((args[0].shape[0], 1))]), weights)


def init_lstm_params(input_size, state_size, output_size, param_scale, rs):
    def rp(*shape):
        return rs.randn(*shape) * param_scale

    rows = input_size + state_size + 1
    gates = {name: rp(rows, state_size) for name in ("change", "forget", "ingate", "outgate")}
    return {
        "init cells": rp(1, state_size),
        "init hiddens": rp(1, state_size),
        "predict": rp(state_size + 1, output_size),
        **gates,
    }


def lstm_predict(params, inputs):
    def update_lstm(input, hiddens, cells):
        change = np.tanh(concat_and_multiply(params["change"], input, hiddens))
        forget = sigmoid(concat_and_multiply(params["forget"], input, hiddens))
        ingate = sigmoid(concat_and_multiply(params["ingate"], input, hiddens))
        outgate = sigmoid(concat_and_multiply(params["outgate"], input, hiddens))
        cells = cells * forget + ingate * change
        hiddens = outgate * np.tanh(cells)
        return hiddens, cells

    num_sequences = inputs.shape[1]
    hiddens = np.repeat(params["init hiddens"], num_sequences, axis=0)
    cells = np.repeat(params["init cells"], num_sequences, axis=0)
    for input in inputs:
        hiddens, cells = update_lstm(input, hiddens, cells)
    return concat_and_multiply(params["predict"], hiddens)


def run():
    rs = npr.RandomState(3)
    inputs = np.sign(rs.randn(6, 40, 1))
    labels = (inputs[0, :, 0] > 0).astype(float)
    params = init_lstm_params(1, 8, 1, 0.5, rs)

    def loss(params, step):
        logits = lstm_predict(params, inputs)[:, 0]
        return np.mean(np.logaddexp(0.0, logits) - labels * logits)

    start = loss(params, 0)
    flat_loss, _, flat = flatten_func(loss, params)
    value, gradient = value_and_grad(flat_loss)(flat, 0)
    assert np.allclose(value, start)
    assert gradient.shape == flat.shape
    trained = rmsprop(lambda p, i: value_and_grad(loss)(p, i)[1], params, step_size=0.02, num_iters=120)
    end = loss(trained, 0)
    assert end < 0.2 * start
    return {"start": start, "end": end, "norm of gradient": np.linalg.norm(gradient), "start of vector": flat[:10]}
