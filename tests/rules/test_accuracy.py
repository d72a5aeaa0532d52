"""Every elementwise function against mpmath, to third order, over the whole range of float64 and of float32.

The tables say how many units in the last place a derivative may be off; where a case says nothing, 4, 16 and 64 at the
orders 1, 2 and 3. A case that says more tells why."""

import os

import mpmath as m
import numpy as np
import pytest
from accuracy import Case, failures
from scipy import special as sp
from scipy import stats as theirs

import autograd.numpy as anp
from autograd.registry.entries import RULES, module_of
from autograd.scipy import slopes, special
from autograd.scipy.stats import beta, chi2, gamma, norm, poisson, t
from nn import ops

THOROUGH = bool(os.environ.get("TAPEGRAD_THOROUGH"))


def density(x):
    return m.exp(-x * x / 2) / m.sqrt(2 * m.pi)


def probability(x):
    return m.erfc(-x / m.sqrt(2)) / 2


def hazard(x):
    return density(x) / probability(x)


def logistic(x):
    return 1 / (1 + m.exp(-x))


def sinc(x):
    return m.sin(x) / x if x else m.mpf(1)


def bell(x):
    """The slope of erf."""
    return 2 / m.sqrt(m.pi) * m.exp(-x * x)


def elu_slope(x):
    return m.exp(x) if x < 0 else m.mpf(1)


# Computed by the slope that is saved: one rounding of a value near 1 is all that is left of a smaller number. The exact
# slope would cost another exponential: more than a fifth of the operation's time.
SATURATES = {"absolute": 8.0}
# The density is exp(-x^2), whose exponent has been rounded; SciPy's own values are off as far.
GAUSSIAN = {"units": (800.0, 800.0, 1600.0), "absolute": 8.0, "most": 1e4}

NUMPY = {
    "reciprocal": Case(np.reciprocal, lambda x: 1 / x, least=1e-300),
    "true_divide": Case(np.true_divide, lambda x: 3 / x, lambda x: 3.0 / x, least=1e-300),
    "square": Case(np.square, lambda x: x * x),
    "power 3": Case(np.power, lambda x: x**3, lambda x: x**3),
    "power 2.5": Case(np.power, lambda x: x**2.5, lambda x: x**2.5, low=0),
    "power -1.5": Case(np.power, lambda x: x**-1.5, lambda x: x**-1.5, low=0),
    "power of 2.5": Case(np.power, lambda x: m.mpf(2.5) ** x, lambda x: 2.5**x, units=(8, 16, 64)),
    "float_power": Case(np.float_power, lambda x: x**2.5, lambda x: anp.float_power(x, 2.5), low=0),
    "sqrt": Case(np.sqrt, m.sqrt, low=0),
    "cbrt": Case(np.cbrt, lambda x: m.sign(x) * m.cbrt(abs(x)), least=1e-100, units=(8, 16, 64)),
    "hypot": Case(np.hypot, lambda x: m.hypot(x, 3), lambda x: anp.hypot(x, 3.0)),
    "exp": Case(np.exp, m.exp),
    "exp2": Case(np.exp2, lambda x: m.power(2, x)),
    "expm1": Case(np.expm1, m.exp, slope=True),
    "log": Case(np.log, m.log, low=0),
    "log2": Case(np.log2, lambda x: m.log(x, 2), low=0),
    "log10": Case(np.log10, m.log10, low=0),
    "log1p": Case(np.log1p, lambda x: m.log(1 + x), low=-1),
    "logaddexp": Case(np.logaddexp, lambda x: logistic(x - 3), lambda x: anp.logaddexp(x, 3.0), slope=True),
    "logaddexp2": Case(  # by exp2 of a logarithm, whose rounding counts as often as it is large
        np.logaddexp2,
        lambda x: 1 / (1 + m.power(2, 3 - x)),
        lambda x: anp.logaddexp2(x, 3.0),
        slope=True,
        units=(800, 800, 800),
    ),
    "sin": Case(np.sin, m.sin),
    "cos": Case(np.cos, m.cos),
    "tan": Case(np.tan, m.tan),
    "arcsin": Case(np.arcsin, m.asin, low=-1, high=1),
    "arccos": Case(np.arccos, m.acos, low=-1, high=1),
    # Its second derivative is 0 from 1e78 on (1e10 in single precision), where it is below 1e-234.
    "arctan": Case(np.arctan, lambda x: 1 / (1 + x * x), slope=True, most=1e50),
    "arctan2": Case(np.arctan2, lambda x: 3 / (9 + x * x), lambda x: anp.arctan2(x, 3.0), slope=True),
    "sinh": Case(np.sinh, m.sinh),
    "cosh": Case(np.cosh, m.cosh),
    "tanh": Case(np.tanh, m.tanh, **SATURATES),
    "arcsinh": Case(np.arcsinh, lambda x: 1 / m.sqrt(1 + x * x), slope=True, units=(4, 16, 256)),
    "arccosh": Case(np.arccosh, lambda x: 1 / m.sqrt(x * x - 1), slope=True, low=1),
    "arctanh": Case(np.arctanh, lambda x: 1 / (1 - x * x), slope=True, low=-1, high=1),
    "absolute": Case(np.absolute, abs, least=1e-300),
    # NumPy's own value has the absolute accuracy of one rounding of pi x, and so have the slopes.
    "sinc": Case(np.sinc, lambda x: sinc(m.pi * x), absolute=40.0),
    "i0": Case(np.i0, lambda x: m.besseli(0, x), most=700, units=(16, 16, 64)),
}

SPECIAL = {
    "gamma": Case(sp.gamma, m.gamma, low=0),
    "gammaln": Case(sp.gammaln, m.loggamma, low=0),
    "loggamma": Case(sp.loggamma, m.loggamma, low=0),
    "psi": Case(sp.psi, m.digamma, low=0),
    "polygamma": Case(slopes.polygamma, lambda x: m.psi(1, x), lambda x: special.polygamma(1, x), low=0, least=1e-50),
    # From the left SciPy's gamma and psi of the mirrored argument come in.
    "rgamma": Case(sp.rgamma, m.rgamma, low=-9.5, high=100, units=(64, 64, 512), least=1e-12, absolute=400),
    "multigammaln": Case(
        special._multigammaln,
        lambda x: m.loggamma(x) + m.loggamma(x - 0.5) + m.loggamma(x - 1),
        lambda x: special.multigammaln(x, 3),
        low=1,
    ),
    # Densities by their logarithms: the rounding of a logarithm counts as often as it is large.
    "gammainc": Case(
        sp.gammainc,
        lambda x: x**1.5 * m.exp(-x) / m.gamma(2.5),
        lambda x: special.gammainc(2.5, x),
        slope=True,
        low=0,
        least=1e-20,
        most=500,
        units=(500, 500, 500),
    ),
    "gammaincc": Case(
        sp.gammaincc,
        lambda x: -(x**1.5) * m.exp(-x) / m.gamma(2.5),
        lambda x: special.gammaincc(2.5, x),
        slope=True,
        low=0,
        least=1e-20,
        most=500,
        units=(500, 500, 500),
    ),
    # By quadrature, to 1e-13.
    "gammainc a": Case(
        sp.gammainc,
        lambda a: m.gammainc(a, 0, 2.5, regularized=True),
        lambda a: special.gammainc(a, 2.5),
        low=0.1,
        high=20,
        units=(2e4, 2e5, 2e6),
    ),
    "beta": Case(
        sp.beta, lambda x: m.beta(x, 2.5), lambda x: special.beta(x, 2.5), low=0, most=20, units=(32, 64, 128)
    ),
    "betaln": Case(
        sp.betaln,
        lambda x: m.log(m.beta(x, 2.5)),
        lambda x: special.betaln(x, 2.5),
        low=0,
        most=1e20,
        units=(8, 16, 64),
    ),
    "betainc": Case(
        sp.betainc,
        lambda x: x**1.5 * (1 - x) ** 2.5 / m.beta(2.5, 3.5),
        lambda x: special.betainc(2.5, 3.5, x),
        slope=True,
        low=0,
        high=1,
        least=1e-20,
        units=(1000, 1000, 1000),
    ),
    "poch": Case(
        sp.poch, lambda x: m.rf(x, 2.5), lambda x: special.poch(x, 2.5), low=0.5, most=40, units=(32, 256, 4096)
    ),
    "factorial": Case(special._factorial, m.factorial, low=0, most=150, least=1e-20, units=(16, 32, 64)),
    "binom": Case(
        sp.binom,
        lambda x: m.binomial(x, 3),
        lambda x: special.binom(x, 3.0),
        low=3.1,
        most=1e20,
        units=(16, 64, 512),
        absolute=16,
    ),
    "zeta": Case(special._zeta, lambda x: m.zeta(2.5, x), lambda x: special.zeta(2.5, x), low=0, least=1e-20, most=1e8),
    "erf": Case(sp.erf, bell, slope=True, **GAUSSIAN),
    "erfc": Case(sp.erfc, lambda x: -bell(x), slope=True, **GAUSSIAN),
    "erfi": Case(sp.erfi, lambda x: 2 / m.sqrt(m.pi) * m.exp(x * x), slope=True, **GAUSSIAN),
    "erfcx": Case(sp.erfcx, lambda x: m.exp(x * x) * m.erfc(x), low=-20, most=1e8, units=(800, 1600, 3200)),
    "dawsn": Case(  # the recurrence loses 2 x^2 at each order, up to 7, where an asymptotic series takes over
        sp.dawsn, lambda x: m.sqrt(m.pi) / 2 * m.exp(-x * x) * m.erfi(x), most=1e6, units=(512, 1e5, 1e7)
    ),
    "erfinv": Case(sp.erfinv, m.erfinv, low=-0.999999, high=0.999999, units=(256, 256, 256)),
    "ndtr": Case(sp.ndtr, density, slope=True, **GAUSSIAN),
    "log_ndtr": Case(sp.log_ndtr, hazard, slope=True, **GAUSSIAN),
    "j0": Case(sp.j0, m.j0, least=1e-30, most=1e3, absolute=1e3, bits=120),
    "j1": Case(sp.j1, m.j1, least=1e-30, most=1e3, absolute=1e3, bits=120),
    "jv": Case(
        sp.jv, lambda x: m.besselj(1.5, x), lambda x: special.jv(1.5, x), low=0.01, most=1e3, absolute=1e3, bits=120
    ),
    "y0": Case(sp.y0, lambda x: m.bessely(0, x), low=0.01, most=1e3, absolute=1e3, bits=120, slow=True),
    "y1": Case(sp.y1, lambda x: m.bessely(1, x), low=0.01, most=1e3, absolute=1e3, bits=120, slow=True),
    "yv": Case(
        sp.yv, lambda x: m.bessely(1.5, x), lambda x: special.yv(1.5, x), low=0.01, most=1e3, absolute=1e3, bits=120
    ),
    "i0 of SciPy": Case(sp.i0, lambda x: m.besseli(0, x), least=1e-30, most=600, units=(16, 16, 64), bits=120),
    "i1": Case(sp.i1, lambda x: m.besseli(1, x), least=1e-30, most=600, units=(16, 16, 64), bits=120),
    "iv": Case(
        sp.iv, lambda x: m.besseli(1.5, x), lambda x: special.iv(1.5, x), low=0.01, most=600, units=(500, 500, 500)
    ),
    "k0": Case(sp.k0, lambda x: m.besselk(0, x), low=0.01, most=600, bits=120, slow=True),
    "k1": Case(sp.k1, lambda x: m.besselk(1, x), low=0.01, most=600, bits=120, slow=True),
    "kv": Case(sp.kv, lambda x: m.besselk(1.5, x), lambda x: special.kv(1.5, x), low=0.01, most=600, bits=120),
    # With their factors the recurrences lose 2 x at each order, up to 20, where an asymptotic series takes over.
    "i0e": Case(
        sp.i0e, lambda x: m.exp(-abs(x)) * m.besseli(0, x), least=1e-30, most=1e6, units=(64, 2e3, 1e5), bits=120
    ),
    "i1e": Case(
        sp.i1e, lambda x: m.exp(-abs(x)) * m.besseli(1, x), least=1e-30, most=1e6, units=(128, 2e3, 1e5), bits=120
    ),
    "ive": Case(
        sp.ive,
        lambda x: m.exp(-x) * m.besseli(1.5, x),
        lambda x: special.ive(1.5, x),
        low=0.01,
        most=1e6,
        absolute=8,
        units=(512, 1e4, 1e5),
        bits=120,
    ),
    "k0e": Case(
        sp.k0e, lambda x: m.exp(x) * m.besselk(0, x), low=0.01, most=1e6, units=(64, 2e3, 1e5), bits=120, slow=True
    ),
    "k1e": Case(
        sp.k1e, lambda x: m.exp(x) * m.besselk(1, x), low=0.01, most=1e6, units=(64, 2e3, 1e5), bits=120, slow=True
    ),
    "kve": Case(
        sp.kve,
        lambda x: m.exp(x) * m.besselk(1.5, x),
        lambda x: special.kve(1.5, x),
        low=0.01,
        most=1e6,
        units=(64, 2e3, 1e5),
        bits=120,
    ),
    "airy": Case(
        sp.airy,
        m.airyai,
        lambda x: special.airy(x)[0],
        most=20,
        units=(256, 256, 512),
        absolute=400,
        bits=120,
        slow=True,
    ),
    "expit": Case(sp.expit, logistic),
    "log_expit": Case(sp.log_expit, lambda x: logistic(-x), slope=True),
    "logit": Case(sp.logit, lambda x: m.log(x / (1 - x)), low=0, high=1),
    "xlogy": Case(sp.xlogy, lambda x: 3 * m.log(x), lambda x: special.xlogy(3.0, x), low=0),
    "xlog1py": Case(sp.xlog1py, lambda x: 3 * m.log(1 + x), lambda x: special.xlog1py(3.0, x), low=-1),
    "entr": Case(sp.entr, lambda x: -x * m.log(x), low=0),
    "rel_entr x": Case(
        sp.rel_entr, lambda x: x * m.log(x / 3), lambda x: special.rel_entr(x, 3.0), low=0, units=(16, 16, 64)
    ),
    "rel_entr y": Case(sp.rel_entr, lambda x: 3 * m.log(3 / x), lambda x: special.rel_entr(3.0, x), low=0),
    "kl_div x": Case(
        sp.kl_div, lambda x: x * m.log(x / 3) - x + 3, lambda x: special.kl_div(x, 3.0), low=0, units=(16, 16, 64)
    ),
    "kl_div y": Case(sp.kl_div, lambda x: 3 * m.log(3 / x) + x - 3, lambda x: special.kl_div(3.0, x), low=0),
    "pseudo_huber r": Case(
        sp.pseudo_huber, lambda x: 9 * (m.sqrt(1 + (x / 3) ** 2) - 1), lambda x: special.pseudo_huber(3.0, x)
    ),
    "pseudo_huber delta": Case(
        sp.pseudo_huber, lambda x: x * (m.hypot(x, 3) - x), lambda x: special.pseudo_huber(x, 3.0), low=0, most=1e50
    ),
    "expm1 of SciPy": Case(sp.expm1, m.exp, slope=True),
    "log1p of SciPy": Case(sp.log1p, lambda x: m.log(1 + x), low=-1),
    "cbrt of SciPy": Case(sp.cbrt, lambda x: m.sign(x) * m.cbrt(abs(x)), least=1e-100, units=(8, 16, 64)),
    "exp2 of SciPy": Case(sp.exp2, lambda x: m.power(2, x)),
    "exp10": Case(sp.exp10, lambda x: m.power(10, x)),
    "cosm1": Case(sp.cosm1, m.cos),
    "exp1": Case(sp.exp1, lambda x: -m.exp(-x) / x, slope=True, low=0),
    "expi": Case(sp.expi, lambda x: m.exp(x) / x, slope=True, least=1e-100, most=600, absolute=16),
    "expn": Case(
        sp.expn, lambda x: m.expint(2, x), lambda x: special.expn(2, x), low=0.01, most=600, units=(16, 16, 64)
    ),
    "sine integral": Case(sp.sici, sinc, lambda x: special.sici(x)[0], slope=True, least=1e-9, units=(4, 16, 256)),
    "cosine integral": Case(
        sp.sici, lambda x: m.cos(x) / x, lambda x: special.sici(x)[1], slope=True, low=0, least=1e-100
    ),
    "shi": Case(
        sp.shichi,
        lambda x: m.sinh(x) / x if x else m.mpf(1),
        lambda x: special.shichi(x)[0],
        slope=True,
        most=600,
        least=1e-9,
    ),
    "chi": Case(
        sp.shichi,
        lambda x: m.cosh(x) / x,
        lambda x: special.shichi(x)[1],
        slope=True,
        low=0,
        most=600,
        least=1e-9,
        absolute=16,
    ),
    # The phase is pi x^2 / 2, rounded.
    "fresnel sine": Case(
        sp.fresnel,
        lambda x: m.sin(m.pi / 2 * x * x),
        lambda x: special.fresnel(x)[0],
        slope=True,
        most=10,
        absolute=1e6,
    ),
    "fresnel cosine": Case(
        sp.fresnel,
        lambda x: m.cos(m.pi / 2 * x * x),
        lambda x: special.fresnel(x)[1],
        slope=True,
        most=10,
        absolute=1e6,
    ),
    "spence": Case(sp.spence, lambda x: m.log(x) / (1 - x) if x != 1 else m.mpf(-1), slope=True, low=0),
    "ellipk": Case(sp.ellipk, m.ellipk, high=1, most=1e30, units=(16, 64, 256), bits=120),
    "ellipe": Case(sp.ellipe, m.ellipe, high=1, most=1e30, units=(16, 64, 256), bits=120),
    "lambertw": Case(
        special._lambertw, lambda x: m.re(m.lambertw(x)), lambda x: anp.real(special.lambertw(x)), low=-0.3, most=1e50
    ),
    "hyp0f1": Case(
        sp.hyp0f1,
        lambda x: m.hyp0f1(1.5, x),
        lambda x: special.hyp0f1(1.5, x),
        most=1e4,
        absolute=1e3,
        units=(256, 256, 256),
    ),
    "hyp1f1": Case(
        sp.hyp1f1, lambda x: m.hyp1f1(1.5, 2.5, x), lambda x: special.hyp1f1(1.5, 2.5, x), most=500, units=(64, 64, 64)
    ),
    "hyp2f1": Case(
        sp.hyp2f1,
        lambda x: m.hyp2f1(1.5, 2.5, 3.5, x),
        lambda x: special.hyp2f1(1.5, 2.5, 3.5, x),
        low=-0.5,
        high=0.5,
        units=(64, 64, 64),
    ),
}

STATS = {
    "norm.pdf": Case(theirs.norm.pdf, density, norm.pdf, **GAUSSIAN),
    "norm.logpdf": Case(theirs.norm.logpdf, lambda x: -x, norm.logpdf, slope=True),
    "norm.logpdf scale": Case(
        theirs.norm.logpdf,
        lambda s: -m.log(s) - 9 / (8 * s * s),
        lambda s: norm.logpdf(1.5, 0.0, s),
        low=0.01,
        units=(16, 16, 64),
    ),
    "norm.cdf": Case(theirs.norm.cdf, density, norm.cdf, slope=True, **GAUSSIAN),
    "norm.sf": Case(theirs.norm.sf, lambda x: -density(x), norm.sf, slope=True, **GAUSSIAN),
    "norm.logcdf": Case(theirs.norm.logcdf, hazard, norm.logcdf, slope=True, **GAUSSIAN),
    "norm.logsf": Case(theirs.norm.logsf, lambda x: -hazard(-x), norm.logsf, slope=True, **GAUSSIAN),
    "t.logpdf": Case(
        theirs.t.logpdf, lambda x: -4.5 * x / (3.5 + x * x), lambda x: t.logpdf(x, 3.5), slope=True, most=1e50
    ),
    "t.logpdf df": Case(
        theirs.t.logpdf,
        lambda d: m.loggamma((d + 1) / 2) - m.loggamma(d / 2) - m.log(d) / 2 - (d + 1) / 2 * m.log(1 + 9 / (4 * d)),
        lambda d: t.logpdf(1.5, d),
        low=0.01,
        most=1e30,
        units=(512, 512, 2048),
    ),
    "t.cdf": Case(
        theirs.t.cdf,
        lambda x: m.gamma(2.25) / m.gamma(1.75) / m.sqrt(m.pi * 3.5) * (1 + x * x / 3.5) ** -2.25,
        lambda x: t.cdf(x, 3.5),
        slope=True,
        least=1e-20,
        most=1e4,
        units=(256, 256, 256),
    ),
    "gamma.logpdf": Case(theirs.gamma.logpdf, lambda x: 1.5 * m.log(x) - x, lambda x: gamma.logpdf(x, 2.5), low=0),
    "gamma.logpdf a": Case(
        theirs.gamma.logpdf,
        lambda a: (a - 1) * m.log(1.5) - m.loggamma(a),
        lambda a: gamma.logpdf(1.5, a),
        low=0,
        absolute=8,
    ),
    "beta.logpdf": Case(
        theirs.beta.logpdf,
        lambda x: 1.5 * m.log(x) + 2.5 * m.log(1 - x),
        lambda x: beta.logpdf(x, 2.5, 3.5),
        low=0,
        high=1,
    ),
    "beta.logpdf a": Case(
        theirs.beta.logpdf,
        lambda a: (a - 1) * m.log(0.25) - m.log(m.beta(a, 3.5)),
        lambda a: beta.logpdf(0.25, a, 3.5),
        low=0,
        most=1e20,
        absolute=16,
    ),
    "chi2.logpdf": Case(theirs.chi2.logpdf, lambda x: m.log(x) / 4 - x / 2, lambda x: chi2.logpdf(x, 2.5), low=0),
    "poisson.logpmf": Case(theirs.poisson.logpmf, lambda x: 3 * m.log(x) - x, lambda x: poisson.logpmf(3, x), low=0),
}

NETWORKS = {
    "elu": Case(ops.elu, elu_slope, slope=True, least=1e-300),
    "selu": Case(
        ops.elu,
        lambda x: ops.SELU_SCALE * (ops.SELU_ALPHA * m.exp(x) if x < 0 else m.mpf(1)),
        ops.selu,
        slope=True,
        least=1e-300,
    ),
    "sigmoid": Case(ops.sigmoid, logistic, **SATURATES),
    "softplus": Case(ops.softplus, logistic, slope=True, **SATURATES),
    "silu": Case(ops.sigmoid, lambda x: x * logistic(x), ops.silu, most=1e4, absolute=1e4),
    "erf": Case(ops.erf, bell, slope=True, **GAUSSIAN),
    "erfc": Case(ops.erfc, lambda x: -bell(x), slope=True, **GAUSSIAN),
    "normal_cdf": Case(ops.normal_cdf, density, slope=True, **GAUSSIAN),
    "gelu": Case(ops.normal_cdf, lambda x: x * probability(x), ops.gelu, **GAUSSIAN),
    "sigmoid_cross_entropy": Case(
        ops.sigmoid_cross_entropy,
        lambda x: logistic(x) - m.mpf(0.25),
        lambda x: ops.sigmoid_cross_entropy(x, 0.25 * anp.ones_like(x)),
        slope=True,
        **SATURATES,
    ),
    "log_probability": Case(ops.log_probability, m.log, low=0, high=1.5, least=1e-300),
    "log_complement": Case(ops.log_complement, lambda x: m.log(1 - x), low=0, high=1),
}

TABLES = {"numpy": NUMPY, "special": SPECIAL, "stats": STATS, "nn": NETWORKS}
CASES = [(table, name) for table, cases in TABLES.items() for name, case in cases.items() if THOROUGH or not case.slow]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of overflow and division by zero, where a slope is infinite
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize(("table", "name"), CASES, ids=[f"{table}-{name}" for table, name in CASES])
def test_derivatives_to_third_order_over_the_whole_range(table, name, dtype):
    wrong = failures(TABLES[table][name], dtype, every=1 if THOROUGH else 15)
    assert not wrong, "\n".join(
        f"order {order} at {at!r}: {got!r}, and {true} is right: {far:.3g} units" for at, order, far, got, true in wrong
    )


# The functions that no table sweeps, and why.
EXACT = """identity positive negative conjugate copy real imag add subtract multiply astype clip nan_to_num where
maximum minimum fmax fmin fabs sign copysign nextafter heaviside remainder fmod divmod modf frexp ldexp deg2rad
radians rad2deg degrees relu leaky_relu huber _reversal"""
PARTS = """leg along logistic logistic_density one_less_square bessel psi_step log1p_beyond erfcx_slope dawsn_slope
ive_slope kve_slope gamma_moment _hazard _log_constant _log_kernel _cdf _log_cdf"""
INVERSES = "erfcinv ndtri gammaincinv gammainccinv betaincinv betainccinv"
ALIKE = "betaincc comb kn yn hankel1 hankel2 wofz angle"


def test_every_elementwise_function_is_swept_or_named():
    """The named ones are linear or choose, are slopes of functions that are swept, are inverses of such, or have a rule
    of one form with another one.
    """
    swept = {case.of for cases in TABLES.values() for case in cases.values()}
    ours = {fn for fn, entry in RULES.items() if entry.elementwise and any(entry.vjps) and fn not in swept}
    ours = {fn for fn in ours if module_of(fn).split(".")[0] in ("numpy", "scipy", "autograd", "nn")}
    assert {fn.__name__ for fn in ours} - set(f"{EXACT} {PARTS} {INVERSES} {ALIKE}".split()) == set()
