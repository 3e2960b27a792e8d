"""The C library's heap, tuned so that memory that was freed is the system's again; harmless where it is not glibc's.

See mallopt(3) and malloc_trim(3).
"""

import ctypes
import os

_SETTINGS = (
    # Threads that each have an arena would each keep what they freed.
    ("MALLOC_ARENA_MAX", -8, 1),
    # Larger blocks are mapped on their own, and returned once they are freed. By default the threshold rises with
    # what is freed, and then networks and images leave holes in the heap that nothing else fits into. Lower, and the
    # scratch memory of every convolution would be mapped again: a tenth of the time that a line takes.
    ("MALLOC_MMAP_THRESHOLD_", -3, 1 << 20),
    ("MALLOC_TRIM_THRESHOLD_", -1, 8 << 20),
)
"""Environment variable that wins, mallopt's parameter, and its value."""

VARIABLES = tuple(name for name, _, _ in _SETTINGS)
"""What sets the heap up by hand."""


def tune() -> None:
    """Sets the heap up; to be called before there are other threads."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for variable, parameter, value in _SETTINGS:
        if variable not in os.environ:
            mallopt(parameter, value)


_malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)


def trim() -> None:
    """Gives all free memory back, which takes milliseconds."""
    if _malloc_trim is not None:
        _malloc_trim(0)
