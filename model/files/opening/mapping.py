"""Read-only maps of files for C code; Python's mmap would have to be writable for ctypes, and count as memory."""

import ctypes
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager

_LIBC = ctypes.CDLL(None)
_LIBC.mmap.restype = ctypes.c_void_p
_LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_int64]
_MAP_FAILED = ctypes.c_void_p(-1).value


@contextmanager
def mapped(descriptor: int) -> Iterator[ctypes.Array[ctypes.c_char]]:
    """Maps a file's bytes for reading.

    Raises:
        MemoryError: there is not enough memory.
    """
    size_bytes = os.fstat(descriptor).st_size
    address = _LIBC.mmap(None, size_bytes, mmap.PROT_READ, mmap.MAP_PRIVATE, descriptor, 0)
    if address is None or address == _MAP_FAILED:
        raise MemoryError
    try:
        yield (ctypes.c_char * size_bytes).from_address(address)
    finally:
        _LIBC.munmap(ctypes.c_void_p(address), ctypes.c_size_t(size_bytes))
