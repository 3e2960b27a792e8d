"""When to ask again a server that is not available, or has no room."""

import random
import time
from dataclasses import dataclass

import grpc

from edgeocr.client.errors import OcrError
from edgeocr.client.streaming.breaks import MOST_BREAKS, STATUS_LOST, broke, given_up

MOST_HINT_SECONDS = 600.0
"""A longer hint is taken for a refusal."""
_MOST_DOUBLINGS = 32


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with jitter, given up after so many attempts in a row without progress.

    A server that has answered before, and is not available now, may be restarting: it is waited for up to
    `patience_seconds`, however many attempts that takes, unless there is to be one only.
    """

    attempts: int = 4
    initial_seconds: float = 0.5
    max_seconds: float = 10.0
    multiplier: float = 2.0
    patience_seconds: float = 60.0

    def __post_init__(self) -> None:
        """Raises ValueError if there would be no attempt, or if a delay would be negative."""
        least_seconds = min(self.initial_seconds, self.max_seconds, self.patience_seconds)
        if self.attempts < 1 or least_seconds < 0 or self.multiplier < 1:
            raise ValueError(f"not a retry policy: {self}")

    def next_delay_seconds(
        self, error: OcrError, failures: int, end: float | None = None, *, outage_seconds: float | None = None
    ) -> float | None:
        """How long to wait before asking again; None to give up.

        A server's hint is exceeded somewhat, and more each time, so that those refused together do not come back
        together. UNAVAILABLE without a hint is answered by backoff, half of it random. Other errors are final.

        Args:
            error: of the last attempt.
            failures: how many in a row there were, from 1.
            end: until when, on the monotonic clock, it makes sense to ask; with it, hints are heeded however often.
            outage_seconds: how long these failures have lasted, of a server that answered before them.
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
    """Whether a server has ever answered: one that has is waited for while it restarts."""

    made: bool = False


class Attempts:
    """Failures in a row, and how long to wait after each."""

    def __init__(self, policy: RetryPolicy, contact: Contact, end: float | None = None) -> None:
        """`end` is until when, on the monotonic clock, it makes sense to ask; None for ever."""
        self._policy = policy
        self._contact = contact
        self._end = end
        self._failures = 0
        self._began = 0.0
        self._breaks = 0

    def progress(self) -> None:
        """Something was answered."""
        self._failures = 0

    def delay_seconds(self, error: OcrError) -> float | None:
        """How long to wait after another failure; None to give up."""
        now = time.monotonic()
        if not self._failures:
            self._began = now
        self._failures += 1
        outage_seconds = now - self._began if self._contact.made else None
        return self._policy.next_delay_seconds(error, self._failures, self._end, outage_seconds=outage_seconds)

    def delay_of_one(self, error: OcrError) -> float | None:
        """The same for attempts at one image.

        Raises:
            OcrError: the connection broke too often while the image was read.
        """
        # While it is still being sent nothing reads it.
        self._breaks += broke(error) and error.message != STATUS_LOST
        if self._breaks >= MOST_BREAKS:
            raise given_up(error) from error
        return self.delay_seconds(error)
