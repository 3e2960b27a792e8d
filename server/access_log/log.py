"""The access log's output and filter."""

import random
import sys
import time
from collections.abc import Callable

from edgeocr.server.access_log.lines import LineWriter
from edgeocr.server.observing.metrics import Metrics

_ERRORS, _PERIOD_SECONDS = 1000, 10.0
"""Maximum number of error lines in a period: thousands of refused calls per second would fill the disk."""


class AccessLog:
    """Filters lines; by default all are dropped."""

    def __init__(
        self,
        writer: LineWriter | None = None,
        metrics: Metrics | None = None,
        share: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes the writer, the metrics, and the fraction of successful images to log."""
        self._writer = writer
        self._metrics = metrics
        self._share = share
        self._clock = clock
        self._errors = self._left_out = 0
        self._end = clock() + _PERIOD_SECONDS

    def wants(self, code: str) -> bool:
        """Whether to write a line for this outcome; called once for each line."""
        if self._writer is None:
            return False
        if code == "OK":
            return self._share >= 1.0 or random.random() < self._share
        if (now := self._clock()) >= self._end:
            self._end = now + _PERIOD_SECONDS
            self._errors = 0
        self._errors += 1
        if self._errors > _ERRORS:
            self._left_out += 1
            if self._metrics is not None:
                self._metrics.lost_lines(1)
            return False
        return True

    def write(self, members: str) -> None:
        """Writes a line with these members of a JSON object."""
        if self._left_out:
            members, self._left_out = f'{members}, "left_out": {self._left_out}', 0
        if self._writer is not None:
            self._writer.write(members)

    def refused(self, transport: str, reason: str) -> None:
        """Counts a call that ended with an error other than an image's."""
        if self._metrics is not None:
            self._metrics.refused_call(transport, reason)

    def close(self) -> None:
        """Writes queued lines."""
        if self._writer is not None:
            self._writer.close()


def open_access_log(where: str | None, share: float, metrics: Metrics) -> AccessLog:
    """Opens the access log on stdout or stderr, or a disabled one, which still counts."""
    if where is None:
        return AccessLog(None, metrics)
    descriptor = (sys.stdout if where == "stdout" else sys.stderr).fileno()
    return AccessLog(LineWriter(descriptor, metrics.lost_lines), metrics, share)
