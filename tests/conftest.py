"""Settings of all tests: one thread for each worker, Ctrl-C is heard, and how long Hypothesis searches."""

import os
import signal

# Before NumPy is imported: workers run side by side, and the threads of their BLAS would only fight for the same cores.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# A shell starts what runs in the background deaf to Ctrl-C, which some tests send.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest  # noqa: E402 - what stands above must come first
from hypothesis import settings  # noqa: E402

settings.register_profile("short", max_examples=30, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("long", max_examples=3000, deadline=None, print_blob=True)
settings.load_profile("long" if os.environ.get("TAPEGRAD_THOROUGH") else "short")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    """Give a parametrised test its settings back: Hypothesis wraps them once more for each parameter, and of a thousand
    layers Python runs out.
    """
    function = getattr(item, "function", None)
    before = getattr(function, "_hypothesis_internal_use_settings", None)
    try:
        return (yield)
    finally:
        if before is not None:
            function._hypothesis_internal_use_settings = before


@pytest.fixture
def programs_at_once(monkeypatch):
    """Let a model write its programs at the second step, however few steps there are."""
    monkeypatch.setattr("nn.training.step.ENOUGH", 2)
