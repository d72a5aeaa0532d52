"""A function as a program: traced, made smaller, written as NumPy calls, and run."""

from autograd.program.compiled import Compiled as Compiled
from autograd.program.compiled import compile as compile
from autograd.program.stats import Stats as Stats
from autograd.program.threads import get_threads as get_threads
from autograd.program.threads import set_threads as set_threads
