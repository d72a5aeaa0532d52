"""`solve_ivp` against closed forms: values, derivatives in both modes, second order, events, dense output, messages."""

import warnings

import numpy as onp
import pytest

import autograd.numpy as np
from autograd import Tensor, compile, grad, hessian, jacobian, jvp, vmap
from autograd.errors import CompileWarning, ConvergenceError, DtypeError, OperandError, ShapeError

scipy_integrate = pytest.importorskip("scipy.integrate")
from autograd.scipy.integrate import solve_ivp  # noqa: E402

FINE = {"rtol": 1e-9, "atol": 1e-11}
QUICK = {"method": "DOP853", "rtol": 1e-8, "atol": 1e-9}  # of high order: few steps
Y0 = onp.array([2.0, 3.0])
TIMES = onp.array([0.5, 1.0, 1.7])


def decay(t, y, k):
    return -k * y


def ball(t, y, g):
    return np.stack([y[1], -g])


def hit(t, y, g):
    return y[0]


hit.terminal, hit.direction = True, -1


def swing(t, y, w):
    return np.stack([y[1], -w * w * y[0]])


def at_the_end(y0, k, first, last):
    return solve_ivp(decay, (first, last), y0, args=(k,), **FINE).y[0, -1]


def exact_end(y0, k, first, last):
    return y0[0] * np.exp(-k * (last - first))


def close(found, expected, tolerance=1e-7):
    onp.testing.assert_allclose(onp.asarray(found), onp.asarray(expected), rtol=tolerance, atol=tolerance)


def test_without_a_derivative_it_is_that_of_scipy():
    def event(t, y, k):
        return y[0] - 1.0

    asked = {"args": (0.5,), "events": event, "dense_output": True, "t_eval": TIMES}
    found = solve_ivp(decay, (0.5, 2.0), Y0, **asked)
    expected = scipy_integrate.solve_ivp(decay, (0.5, 2.0), Y0, **asked)
    assert type(found) is type(expected)
    assert isinstance(found.y, Tensor)
    for name in ("t", "y"):
        onp.testing.assert_array_equal(found[name].numpy(), expected[name])
    for name in ("t_events", "y_events"):
        onp.testing.assert_array_equal(found[name][0].numpy(), expected[name][0])
    onp.testing.assert_array_equal(found.sol(TIMES).numpy(), expected.sol(TIMES))
    assert (found.nfev, found.status, found.message) == (expected.nfev, expected.status, expected.message)


@pytest.mark.parametrize("ends", [(0.5, 2.0), (2.0, 0.5)], ids=["forward in time", "backward in time"])
def test_by_start_arguments_and_ends(ends):
    point = (Y0, 0.5, *ends)
    every = (0, 1, 2, 3)
    for found, expected in zip(grad(at_the_end, every)(*point), grad(exact_end, every)(*point), strict=True):
        close(found, expected)
    for i in (1, 2, 3):
        one = lambda x, f=at_the_end, i=i: f(*point[:i], x, *point[i + 1 :])  # noqa: E731
        true = lambda x, f=exact_end, i=i: f(*point[:i], x, *point[i + 1 :])  # noqa: E731
        close(jvp(one, [point[i]], [1.0])[1], grad(true)(point[i]))
        close(hessian(one)(point[i]), hessian(true)(point[i]))


@pytest.mark.parametrize("times", [[0.5, 1.0, 1.7], [2.0, 1.0], [1.0]], ids=["first", "last, backward", "one"])
def test_by_the_times_of_evaluation(times):
    times = onp.array(times)
    ends = (0.5, 2.0) if times[0] < 2.0 else (2.0, 0.5)

    def values(y0, k, times):
        return solve_ivp(decay, ends, y0, t_eval=times, args=(k,), **FINE).y

    def exact(y0, k, times):
        return y0[:, None] * np.exp(-k * (times - ends[0]))

    close(values(Y0, 0.5, times), exact(Y0, 0.5, times))
    for i in range(3):
        close(jacobian(values, i)(Y0, 0.5, times), jacobian(exact, i)(Y0, 0.5, times), 1e-6)
    close(
        hessian(lambda k: np.sum(values(Y0, k, times)))(0.5), hessian(lambda k: np.sum(exact(Y0, k, times)))(0.5), 1e-6
    )


@pytest.mark.parametrize("method", ["RK23", "RK45", "DOP853", "Radau", "BDF", "LSODA"])
def test_methods(method):
    options = {} if method in ("RK23", "RK45", "DOP853", "LSODA") else {"jac": lambda t, y, k: -k * np.eye(2)}
    found = grad(
        lambda k: solve_ivp(decay, (0.5, 2.0), Y0, method, args=(k,), rtol=1e-7, atol=1e-9, **options).y[0, -1]
    )(0.5)
    close(found, grad(lambda k: exact_end(Y0, k, 0.5, 2.0))(0.5), 1e-5)


def test_the_steps_of_the_solver_are_times_that_stay():
    def total(k):
        result = solve_ivp(decay, (0.5, 2.0), Y0, args=(k,), **FINE)
        return np.sum(result.y), result.t

    t = total(0.5)[1].numpy()
    close(grad(lambda k: total(k)[0])(0.5), onp.sum(Y0) * onp.sum(-(t - 0.5) * onp.exp(-0.5 * (t - 0.5))), 1e-6)


# ------------------------------------------------------------------------------------------------------------- events
def fall(h, v, g):
    return solve_ivp(ball, (0.0, 100.0), np.stack([h, v]), events=hit, args=(g,), **FINE)


def landing(h, v, g):
    return (v + np.sqrt(v * v + 2 * g * h)) / g


def speed(h, v, g):
    return -np.sqrt(v * v + 2 * g * h)


@pytest.mark.parametrize(
    ("read", "exact"),
    [
        (lambda result: result.t_events[0][0], landing),
        (lambda result: result.t[-1], landing),
        (lambda result: result.y_events[0][0, 1], speed),
        (lambda result: result.y[1, -1], speed),
    ],
    ids=["t_events", "t", "y_events", "y"],
)
def test_a_terminal_event(read, exact):
    point = (10.0, 2.0, 9.81)
    found = lambda *p: read(fall(*p))  # noqa: E731
    close(found(*point), exact(*point))
    close(grad(found, (0, 1, 2))(*point), grad(exact, (0, 1, 2))(*point))
    close(jvp(lambda h: found(h, 2.0, 9.81), [10.0], [1.0])[1], grad(exact)(*point))
    close(hessian(lambda h: found(h, 2.0, 9.81))(10.0), hessian(lambda h: exact(h, 2.0, 9.81))(10.0))


def test_several_events_of_several_kinds():
    kinds = [lambda t, y, w: y[0], lambda t, y, w: y[1] - 100.0, lambda t, y, w: t - 4.0]

    def times(w):
        return solve_ivp(swing, (0.0, 5.0), onp.array([1.0, 0.0]), events=kinds, args=(w,), **QUICK).t_events

    close(jacobian(lambda w: times(w)[0])(1.3), [-(k + 0.5) * onp.pi / 1.3**2 for k in range(2)])
    assert times(1.3)[1].shape == (0,)
    close(grad(lambda w: times(w)[2][0])(1.3), 0.0)
    first = grad(
        lambda start: solve_ivp(
            swing, (start, 5.0), onp.array([1.0, 0.0]), events=kinds, args=(1.3,), **QUICK
        ).t_events[0][1]
    )(1.0)
    close(first, 1.0)


# ------------------------------------------------------------------------------------------------------- dense output
def test_dense_output():
    times = onp.array([3.0, 1.0, 5.0, 0.0])

    def sol(w, t):
        return solve_ivp(swing, (0.0, 5.0), onp.array([1.0, 0.0]), dense_output=True, args=(w,), **QUICK).sol(t)

    close(sol(1.3, times)[0], onp.cos(1.3 * times))
    close(jacobian(sol)(1.3, times)[0], -times * onp.sin(1.3 * times))
    close(grad(lambda t: sol(1.3, t)[0])(3.0), -1.3 * onp.sin(3.9))
    close(grad(lambda w: sol(w, 3.0)[0])(1.3), -3.0 * onp.sin(3.9))
    with pytest.raises(OperandError, match=r"sol takes times from 0.0 to 5.0.*received 11.0"):
        grad(lambda w: sol(w, 11.0)[0])(1.3)


# ---------------------------------------------------------------------------------------- batches, programs, refusals
def test_in_vmap():
    def last(k):
        return solve_ivp(decay, (0.5, 2.0), Y0, t_eval=TIMES, args=(k,), **FINE).y[0, -1]

    rates = onp.array([0.5, 0.7])
    close(vmap(grad(last))(rates), [grad(last)(k) for k in rates])
    close(vmap(last)(rates), [last(k) for k in rates])
    with pytest.raises(OperandError, match="inside vmap has no dense_output"):
        vmap(lambda k: solve_ivp(decay, (0.5, 2.0), Y0, dense_output=True, args=(k,)).sol(1.0))(rates)


def test_a_compiled_function_runs_as_it_is_and_says_so():
    def last(k):
        return solve_ivp(decay, (0.5, 2.0), Y0, t_eval=TIMES, args=(k,), **FINE).y[0, -1]

    for f in (last, grad(last)):
        compiled = compile(f)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert [float(compiled(k)) for k in (0.5, 0.6)] == [float(f(k)) for k in (0.5, 0.6)]
        assert {each.category for each in caught} == {CompileWarning}
        assert "solve_ivp takes as many steps as the values ask for" in str(caught[0].message)


def test_an_interval_of_no_length():
    close(grad(lambda k: np.sum(solve_ivp(decay, (0.5, 0.5), Y0, args=(k,)).y))(0.5), 0.0)


def test_what_cannot_be_right_is_refused():
    with pytest.raises(OperandError, match="solve_ivp was given uses a tracked tensor"):
        grad(lambda k: solve_ivp(lambda t, y: -k * y, (0.5, 2.0), Y0).y[0, -1])(0.5)
    with pytest.raises(OperandError, match="solve_ivp was given uses a tracked tensor"):
        grad(lambda k: solve_ivp(decay, (0.5, 2.0), Y0, args=(k,), events=lambda t, y, _: y[0] - k).t_events[0][0])(1.5)
    with pytest.raises(ConvergenceError, match="solve_ivp failed"):
        grad(lambda k: solve_ivp(lambda t, y, k: k * y * y, (0.0, 5.0), onp.ones(1), args=(k,)).y[0, -1])(0.5)
    with pytest.raises(DtypeError, match="for real numbers: received y0 of dtype complex128"):
        grad(lambda k: np.real(solve_ivp(decay, (0.0, 1.0), Y0 * 1j, args=(k,)).y[0, -1]))(0.5)
    with pytest.raises(ShapeError, match="one rtol and one atol"):
        grad(lambda k: solve_ivp(decay, (0.0, 1.0), Y0, args=(k,), atol=[1e-6, 1e-7]).y[0, -1])(0.5)
    assert solve_ivp(decay, (0.0, 1.0), Y0 * 1j, args=(0.5,), atol=[1e-6, 1e-7]).y.dtype == complex
