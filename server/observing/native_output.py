"""What native code writes to standard error, gRPC above all, as records of the log: collectors want one format."""

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
"""How gRPC's core writes: level, date, time, thread, place and text."""

LOGGER = "edgeocr.native"
_log = logging.getLogger(LOGGER)


@cache
def capture() -> TextIO:
    """Has all that is written to standard error from now on logged, line by line; returns where it went before.

    What the interpreter itself writes when it dies goes there directly, since nobody could log it any more.
    """
    there = os.fdopen(os.dup(_STDERR), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    reading, writing = os.pipe()
    os.dup2(writing, _STDERR)
    os.close(writing)
    faulthandler.enable(file=there)
    # What a handler could not write it would complain of where that comes back as a line.
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
    """Logs a line, by its own level if it has one that is known."""
    if (found := _ABSEIL.fullmatch(line)) is not None:
        # The source position distinguishes one line from another.
        _log.log(_LEVELS[found["level"]], f"%s ({found['place']})", found["text"])
    elif line:
        _log.warning("%s", line)
