"""Converts output of native code, mainly gRPC, on standard error to log records, so that collectors see one format."""

import atexit
import faulthandler
import io
import logging
import os
import re
import threading
from functools import cache
from typing import TextIO

_STDERR = 2
_JOIN_SECONDS = 0.5
_LEVELS = {"I": logging.INFO, "W": logging.WARNING, "E": logging.ERROR, "F": logging.CRITICAL}
_ABSEIL = re.compile(r"(?P<level>[IWEF])\d{4} \d\d:\d\d:\d+\.\d+ +\d+ (?P<place>[\w./-]+:\d+)\] (?P<text>.*)")
"""The format of gRPC core: level, date, time, thread, place and text."""

LOGGER = "edgeocr.native"
_log = logging.getLogger(LOGGER)


@cache
def capture() -> TextIO:
    """Redirects standard error to the log, line by line; returns the original stream.

    Fatal errors of the interpreter go to the original stream, since they can no longer be logged.
    """
    there = os.fdopen(os.dup(_STDERR), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    reading, writing = os.pipe()
    os.dup2(writing, _STDERR)
    os.close(writing)
    faulthandler.enable(file=there)
    # A handler's errors would be written to standard error, and return as lines.
    logging.raiseExceptions = False
    thread = threading.Thread(target=_log_lines, args=(os.fdopen(reading, "rb"),), name="native-output", daemon=True)
    thread.start()
    atexit.register(_release, there, thread)
    return there


def _release(there: TextIO, thread: threading.Thread) -> None:
    os.dup2(there.fileno(), _STDERR)
    thread.join(_JOIN_SECONDS)


def _log_lines(lines: io.BufferedReader) -> None:
    with lines:
        for line in lines:
            log_line(line.decode("utf-8", "backslashreplace").rstrip())


def log_line(line: str) -> None:
    """Logs a line, at its own level if it has a known one."""
    if (found := _ABSEIL.fullmatch(line)) is not None:
        # The source position identifies the kind of line.
        _log.log(_LEVELS[found["level"]], f"%s ({found['place']})", found["text"])
    elif line:
        _log.warning("%s", line)
