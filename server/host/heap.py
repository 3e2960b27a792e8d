"""Tunes glibc's heap to return freed memory to the system; does nothing with other C libraries.

See mallopt(3) and malloc_trim(3).
"""

import ctypes
import os

_SETTINGS = (
    # With an arena per thread, each thread would keep the memory that it freed.
    ("MALLOC_ARENA_MAX", -8, 1),
    # Larger blocks are mapped separately, and unmapped when freed. By default the threshold rises with what is freed,
    # and then networks and images leave holes in the heap that nothing else fits into. Lower, and the scratch memory of
    # every convolution would be mapped again: a tenth of the time that a line takes.
    ("MALLOC_MMAP_THRESHOLD_", -3, 1 << 20),
    ("MALLOC_TRIM_THRESHOLD_", -1, 8 << 20),
)
"""Environment variable that overrides, mallopt's parameter, and its value."""

VARIABLES = tuple(name for name, _, _ in _SETTINGS)
"""Environment variables that configure the heap."""


def tune() -> None:
    """Configures the heap; must be called before other threads start."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for variable, parameter, value in _SETTINGS:
        if variable not in os.environ:
            mallopt(parameter, value)


_malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)


def trim() -> None:
    """Returns all free memory to the system, which takes milliseconds."""
    if _malloc_trim is not None:
        _malloc_trim(0)
