"""The program of a decoder process: it answers requests until its socket is closed.

It imports only what opens files: neither ONNX Runtime nor NumPy.
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
"""The field of statm for data, which the limit applies to, in pages (proc(5))."""


def main(descriptor: int, most_bytes: int) -> None:
    """Serves a socket until it is closed; uses at most `most_bytes` of memory, whatever a request allows."""
    heap.tune()
    # Opens what cannot be opened later: statm, and the file in which libffi allocates closures for PDFium's callbacks
    # if no memory may be both writable and executable (systemd's MemoryDenyWriteExecute=).
    callback = ctypes.CFUNCTYPE(None)(_nothing)
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
    with socket.socket(fileno=descriptor) as connection:
        confine(_NAME)
        # Reports the start, which counts towards no request's time.
        connection.sendall(packed({}))
        # Objects of the start are permanent: garbage collection can skip them.
        gc.freeze()
        while _serve_once(connection, statm, most_bytes):
            # Maps keep descriptors, and PDFium's objects form reference cycles.
            gc.collect()
            heap.trim()
    del callback


def _nothing() -> None:
    """A callback that is never called."""


def _serve_once(connection: socket.socket, statm: int, most_bytes: int) -> bool:
    """Answers a request; False at the end. On return, no local name refers to any of it."""
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
    """Sets the limits of memory and of additional processor time."""
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
