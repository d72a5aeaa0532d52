"""KeyboardInterrupt at every point of a run: by a trace function between two bytecodes, and by real signals."""

import gc
import signal
import sys

import numpy as np

import autograd
from autograd.arrays.exclusive import _locks
from autograd.core.tracing import listeners
from autograd.transforms.levels import active_levels, inside

PACKAGES = tuple(path.rsplit("/", 1)[0] for path in (autograd.__file__,))


def left_behind():
    """Return what a run has left behind that belongs to a scope of it."""
    state = {
        "listeners": listeners() != ((), None, None),
        "levels": active_levels() != () or inside.stack.get() != (),
        "errors of floating point": np.geterr() != DEFAULT,
        "handler of SIGINT": signal.getsignal(signal.SIGINT) is not signal.default_int_handler,
    }
    if (layers := sys.modules.get("nn.layers.calls")) is not None:
        state["training"] = layers._running.stack.get() != ()
    return {name for name, left in state.items() if left}


DEFAULT = np.geterr()


class Injector:
    """Raises KeyboardInterrupt before the n-th bytecode that runs in our packages."""

    def __init__(self, at, folders):
        self.at, self.folders = at, folders
        self.count = 0
        self.where = ""

    def __call__(self, frame, event, arg):
        if not frame.f_code.co_filename.startswith(self.folders):
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        if event in ("call", "opcode"):
            self.count += 1
            if self.count == self.at:
                code = frame.f_code
                self.where = f"{code.co_filename}:{frame.f_lineno} {code.co_qualname} {event}"
                raise KeyboardInterrupt
        return self

    def run(self, body):
        """Run a function; tell whether it was interrupted."""
        before = sys.gettrace()
        sys.settrace(self)
        try:
            body()
        except KeyboardInterrupt:
            sys.settrace(before)
            return True
        finally:
            sys.settrace(before)
        return False


def injected(body, folders, every=1, first=1):
    """Interrupt a function at every n-th bytecode. Return how often, and where something was left behind."""
    counter = Injector(0, folders)
    counter.run(body)
    faults, tried = [], 0
    for at in range(first, counter.count + 1, every):
        injector = Injector(at, folders)
        injector.run(body)
        tried += 1
        # Real signals are held back where locks of variables are taken: an injection between two bytecodes is not.
        for each in list(_locks.values()):
            while each.lock._is_owned():
                each.lock.release()
        if left := left_behind():
            faults.append((injector.where, left))
            reset()
    return tried, faults


def signalled(body, times, rng, longest):
    """Interrupt a function by real signals after random delays, in seconds. Return how often, and what was left."""
    faults, received = [], 0
    for _ in range(times):
        try:
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-6, longest))
            while True:
                body()
        except KeyboardInterrupt:
            received += 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if left := left_behind():
            faults.append(left)
            reset()
    return received, faults


def reset():
    """Take off what a failed scope has left, so that the next trial begins anew."""
    from autograd.core import tracing

    inside.stack.set(())
    tracing._set_listeners(((), None, None))
    np.seterr(**DEFAULT)
    if (layers := sys.modules.get("nn.layers.calls")) is not None:
        layers._running.stack.set(())
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.collect()
