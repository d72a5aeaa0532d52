"""A fluid on a grid, as arrays that are rolled and read at computed places; its first velocities are found that draw a
picture.
"""

from scipy.optimize import minimize

import autograd.numpy as np
from autograd import value_and_grad

rows, cols, timesteps = 12, 12, 5


def project(vx, vy):
    """Make the velocities free of divergence, by some steps of Jacobi's method."""
    p = np.zeros(vx.shape)
    h = 1.0 / vx.shape[0]
    div = (
        -0.5 * h * (np.roll(vx, -1, axis=0) - np.roll(vx, 1, axis=0) + np.roll(vy, -1, axis=1) - np.roll(vy, 1, axis=1))
    )
    for _ in range(10):
        p = (
            div + np.roll(p, 1, axis=0) + np.roll(p, -1, axis=0) + np.roll(p, 1, axis=1) + np.roll(p, -1, axis=1)
        ) / 4.0
    vx -= 0.5 * (np.roll(p, -1, axis=0) - np.roll(p, 1, axis=0)) / h
    vy -= 0.5 * (np.roll(p, -1, axis=1) - np.roll(p, 1, axis=1)) / h
    return vx, vy


def advect(f, vx, vy):
    """Move a field along the velocities: read it, between grid points, where it came from."""
    rows, cols = f.shape
    cell_ys, cell_xs = np.meshgrid(np.arange(rows), np.arange(cols))
    center_xs = (cell_xs - vx).ravel()
    center_ys = (cell_ys - vy).ravel()
    left_ix = np.floor(center_xs).astype(int)
    top_ix = np.floor(center_ys).astype(int)
    rw = center_xs - left_ix
    bw = center_ys - top_ix
    left_ix = np.mod(left_ix, rows)
    right_ix = np.mod(left_ix + 1, rows)
    top_ix = np.mod(top_ix, cols)
    bot_ix = np.mod(top_ix + 1, cols)
    flat_f = (1 - rw) * ((1 - bw) * f[left_ix, top_ix] + bw * f[left_ix, bot_ix]) + rw * (
        (1 - bw) * f[right_ix, top_ix] + bw * f[right_ix, bot_ix]
    )
    return np.reshape(flat_f, (rows, cols))


def simulate(vx, vy, smoke, num_time_steps):
    for _ in range(num_time_steps):
        vx_updated = advect(vx, vx, vy)
        vy_updated = advect(vy, vx, vy)
        vx, vy = project(vx_updated, vy_updated)
        smoke = advect(smoke, vx, vy)
    return smoke


def run():
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, cols))
    init_smoke = np.exp(-4 * (x**2 + y**2))
    target = np.exp(-4 * ((x - 0.4) ** 2 + y**2))

    def distance_from_target_image(smoke):
        return np.mean((target - smoke) ** 2)

    def convert_param_vector_to_matrices(params):
        vx = np.reshape(params[: (rows * cols)], (rows, cols))
        vy = np.reshape(params[(rows * cols) :], (rows, cols))
        return vx, vy

    def objective(params):
        init_vx, init_vy = convert_param_vector_to_matrices(params)
        return distance_from_target_image(simulate(init_vx, init_vy, init_smoke, timesteps))

    start = 0.1 * np.sin(np.arange(2 * rows * cols) + 0.3)
    value, gradient = value_and_grad(objective)(start)
    direction = np.cos(np.arange(2 * rows * cols))
    slope = (objective(start + 1e-6 * direction) - objective(start - 1e-6 * direction)) / 2e-6
    assert abs(np.dot(gradient, direction) - slope) < 1e-7
    found = minimize(value_and_grad(objective), start, jac=True, method="CG", options={"maxiter": 5, "disp": False})
    assert found.fun < 0.5 * value
    return {"value": value, "gradient": gradient}
