"""The program of a decoder process: it answers one request after the other, until its socket is closed.

It imports nothing but what opens files: neither networks nor arrays.
"""

import ctypes
import gc
import json
import math
import mmap
import os
import resource
import socket
import traceback
from typing import Any

from edgeocr.model.errors import EdgeOcrError
from edgeocr.model.files.opening.decoding import perform
from edgeocr.model.files.opening.requests import Request, pixel_bytes
from edgeocr.server.decoder.confinement import confine
from edgeocr.server.decoder.messages import LENGTH, answer_values, error_values, packed, request_from
from edgeocr.server.host import heap

_NAME = "edgeocr-decoder"
_MOST_TRACEBACK = 4000
_DATA_FIELD = 5
"""Of statm: what the limit on data is about, in pages (proc(5))."""


def main(descriptor: int, most_bytes: int) -> None:
    """Serves a socket to its end; never takes more memory than `most_bytes`, whatever a request allows."""
    heap.tune()
    # No file can be opened or written later: neither this one, nor that through which libffi has room for the callbacks
    # that PDFium calls, where no memory may be both written and run (systemd's MemoryDenyWriteExecute=).
    callback = ctypes.CFUNCTYPE(None)(_nothing)
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
    with socket.socket(fileno=descriptor) as connection:
        confine(_NAME)
        # That it is there; its start counts as nobody's time.
        connection.sendall(packed({}))
        # What there is now stays, and need not be looked through each time.
        gc.freeze()
        while _serve_once(connection, statm, most_bytes):
            # A map keeps a descriptor, and PDFium's objects refer to one another.
            gc.collect()
            heap.trim()
    del callback


def _nothing() -> None:
    """Is never called."""


def _serve_once(connection: socket.socket, statm: int, most_bytes: int) -> bool:
    """Answers a request; False at the end. On its return no name here holds anything of it."""
    head, descriptors, _, _ = socket.recv_fds(connection, LENGTH.size, 2)
    if not head:
        return False
    values = json.loads(connection.recv(LENGTH.unpack(head)[0], socket.MSG_WAITALL))
    data_bytes = int(os.pread(statm, 256, 0).split()[_DATA_FIELD]) * mmap.PAGESIZE
    _allow(min(data_bytes + values["memory_bytes"], most_bytes), values["seconds"])
    try:
        reply = _answered(request_from(values), *descriptors)
    finally:
        for one in descriptors:
            os.close(one)
    _allow(most_bytes, None)
    connection.sendall(packed(reply))
    return True


def _allow(data_bytes: int, seconds: float | None) -> None:
    """Sets how much memory, and how much more of a processor's time, it may have until it is ended."""
    resource.setrlimit(resource.RLIMIT_DATA, (data_bytes, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = resource.RLIM_INFINITY if seconds is None else math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _answered(request: Request, file: int, pixels: int = -1) -> dict[str, Any]:
    try:
        size_bytes = pixel_bytes(request)
        shared = memoryview(mmap.mmap(pixels, size_bytes)) if size_bytes else memoryview(b"")
        return answer_values(perform(request, file, shared))
    except (EdgeOcrError, MemoryError) as error:
        return error_values(error)
    except Exception:
        return {"bug": traceback.format_exc()[-_MOST_TRACEBACK:]}
