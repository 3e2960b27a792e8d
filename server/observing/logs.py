"""Logs to standard error: text for people, or one JSON object a line for collectors."""

import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

from pythonjsonlogger.json import JsonFormatter

from edgeocr.server.observing import native_output

_PERIOD_SECONDS = 60.0
_MOST_ALIKE = 5
"""Maximum number of equal warnings logged in a period; a failure in every call would fill the disk."""
_MOST_KINDS = 1000
_FIELDS = "{asctime} {levelname} {name} {message}"
_JSON_NAMES = {"asctime": "time", "levelname": "level", "name": "logger"}


def configure(level: str, style: str) -> None:
    """Sets up the root logger.

    Args:
        level: debug, info, warning or error.
        style: text or json; with json, output of native code on standard error is converted too.
    """
    handler = logging.StreamHandler(native_output.capture() if style == "json" else sys.stderr)
    handler.addFilter(Repetitions())
    if style == "json":
        formatter: logging.Formatter = _JsonFormatter(_FIELDS, style="{", rename_fields=_JSON_NAMES)
        logging.captureWarnings(True)
    else:
        formatter = logging.Formatter(_FIELDS, style="{")
    handler.setFormatter(formatter)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # At debug it logs every lookup of the event loop.
    logging.getLogger("grpc").setLevel(logging.INFO)


class _JsonFormatter(JsonFormatter):
    converter = staticmethod(time.gmtime)
    default_time_format, default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"


class Repetitions(logging.Filter):
    """A filter that drops repeated warnings, and adds their number to the next one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Takes a clock in seconds."""
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: Counter[tuple[object, ...]] = Counter()
        self._left_out: Counter[tuple[object, ...]] = Counter()
        self._end = clock() + _PERIOD_SECONDS

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log a record; adds the number of equal records dropped before."""
        if record.levelno < logging.WARNING and record.name != native_output.LOGGER:
            return True
        raised = record.exc_info[0] if record.exc_info else None
        kind = (record.name, record.levelno, str(record.msg), raised)
        with self._lock:
            if self._clock() >= self._end:
                self._end = self._clock() + _PERIOD_SECONDS
                # Dropped records of the last period are reported with the next one of this period.
                self._left_out = Counter({kind: count - _MOST_ALIKE for kind, count in self._seen.items()})
                self._seen.clear()
            if len(self._seen) >= _MOST_KINDS:
                self._seen.clear()
            self._seen[kind] += 1
            if self._seen[kind] > _MOST_ALIKE:
                return False
            left_out = self._left_out.pop(kind, 0)
        if left_out > 0:
            record.msg, record.args = f"{record.getMessage()} (and {left_out} times more in the minute before)", ()
        return True
