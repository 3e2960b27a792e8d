"""Retries for servers that are unavailable or have no room."""

import random
import time
from dataclasses import dataclass

import grpc

from edgeocr.client.errors import OcrError
from edgeocr.client.streaming.breaks import MOST_BREAKS, STATUS_LOST, broke, given_up

MOST_HINT_SECONDS = 600.0
"""A longer hint counts as a final refusal."""
_MOST_DOUBLINGS = 32


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with jitter, with a maximum number of consecutive attempts without progress.

    A server that has answered before and is unavailable now may be restarting: retries continue for up to
        `patience_seconds`, regardless of the number of attempts, unless only one is allowed.
    """

    attempts: int = 4
    initial_seconds: float = 0.5
    max_seconds: float = 10.0
    multiplier: float = 2.0
    patience_seconds: float = 60.0

    def __post_init__(self) -> None:
        """Raises ValueError if there is less than one attempt, or a delay is negative."""
        least_seconds = min(self.initial_seconds, self.max_seconds, self.patience_seconds)
        if self.attempts < 1 or least_seconds < 0 or self.multiplier < 1:
            raise ValueError(f"invalid retry policy: {self}")

    def next_delay_seconds(
        self, error: OcrError, failures: int, end: float | None = None, *, outage_seconds: float | None = None
    ) -> float | None:
        """How long to wait before the next attempt; None to give up.

        Random time, more after each failure, is added to a server's hint, so that callers refused together do not
        return together. UNAVAILABLE without a hint leads to backoff, half of it random. Other errors are final.

        Args:
            error: the error of the last attempt.
            failures: number of consecutive failures, from 1.
            end: when attempts become useless (time.monotonic()); with it, hints are followed regardless of the number
                of failures.
            outage_seconds: duration of the failures, for a server that answered before them.
        """
        if (hint_seconds := error.retry_seconds) is not None:
            if (failures >= self.attempts and end is None) or hint_seconds > MOST_HINT_SECONDS:
                return None
            delay_seconds = hint_seconds * min(failures, self.attempts) * random.uniform(1.0, 1.5)
        elif error.code is grpc.StatusCode.UNAVAILABLE and (
            failures < self.attempts or self._is_patient(outage_seconds)
        ):
            full = min(self.max_seconds, self.initial_seconds * self.multiplier ** min(failures - 1, _MOST_DOUBLINGS))
            delay_seconds = full * random.uniform(0.5, 1.0)
        else:
            return None
        return None if end is not None and time.monotonic() + delay_seconds >= end else delay_seconds

    def _is_patient(self, outage_seconds: float | None) -> bool:
        return self.attempts > 1 and outage_seconds is not None and outage_seconds < self.patience_seconds


DEFAULT_RETRY = RetryPolicy()


@dataclass(slots=True)
class Contact:
    """Records whether the server has ever answered, in which case the client waits for a restart."""

    made: bool = False


class Attempts:
    """Consecutive failures, and the delay after each."""

    def __init__(self, policy: RetryPolicy, contact: Contact, end: float | None = None) -> None:
        """`end` is when attempts become useless (time.monotonic()); None means never."""
        self._policy = policy
        self._contact = contact
        self._end = end
        self._failures = 0
        self._began = 0.0
        self._breaks = 0

    def progress(self) -> None:
        """Records that the server has answered."""
        self._failures = 0

    def delay_seconds(self, error: OcrError) -> float | None:
        """How long to wait after a further failure; None to give up."""
        now = time.monotonic()
        if not self._failures:
            self._began = now
        self._failures += 1
        outage_seconds = now - self._began if self._contact.made else None
        return self._policy.next_delay_seconds(error, self._failures, self._end, outage_seconds=outage_seconds)

    def delay_of_one(self, error: OcrError) -> float | None:
        """How long to wait after a further failure of one image; None to give up.

        Raises:
            OcrError: the connection broke too often while the image was read.
        """
        # An image that was not sent completely cannot have crashed the server.
        self._breaks += broke(error) and error.message != STATUS_LOST
        if self._breaks >= MOST_BREAKS:
            raise given_up(error) from error
        return self.delay_seconds(error)
