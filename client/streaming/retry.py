"""How long to go on asking a server that is not available."""

import random
import time
from dataclasses import dataclass

import grpc

from edgeocr.client.errors import OcrError
from edgeocr.client.streaming.breaks import MOST_BREAKS, STATUS_LOST, broke, given_up

MOST_HINT_SECONDS = 600.0
"""Who is to come again later than that is refused."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with jitter, given up after so many attempts in a row without progress."""

    attempts: int = 4
    initial_seconds: float = 0.5
    max_seconds: float = 10.0
    multiplier: float = 2.0

    def __post_init__(self) -> None:
        """Raises ValueError if there would be no attempt, or if a delay would be negative."""
        if self.attempts < 1 or self.initial_seconds < 0 or self.max_seconds < 0 or self.multiplier < 1:
            raise ValueError(f"not a retry policy: {self}")

    def delay_seconds(self, failures: int) -> float:
        """How long to wait after the `failures`-th failure in a row, from 1: half of it fixed, half random."""
        full = min(self.max_seconds, self.initial_seconds * self.multiplier ** (failures - 1))
        return full * random.uniform(0.5, 1.0)

    def hinted_delay_seconds(self, hint_seconds: float, refusals: int, *, has_deadline: bool = False) -> float | None:
        """How long to wait after the `refusals`-th refusal, from 1, with a server's hint; None to give up.

        Somewhat longer than the hint, and longer from time to time, so that those who were refused together do not
        come back together. Who has a deadline asks again until then, however often.
        """
        if (refusals >= self.attempts and not has_deadline) or hint_seconds > MOST_HINT_SECONDS:
            return None
        return hint_seconds * min(refusals, self.attempts) * random.uniform(1.0, 1.5)


DEFAULT_RETRY = RetryPolicy()


class Attempts:
    """The failures of one image in a row, and how long to wait after each."""

    def __init__(self, policy: RetryPolicy, end: float | None) -> None:
        """Takes the policy, and until when, on the monotonic clock, it makes sense to ask; None for ever."""
        self._policy = policy
        self._end = end
        self._failures = 0
        self._breaks = 0

    def delay_seconds(self, error: OcrError) -> float | None:
        """How long to wait after another failure; None to give up.

        Raises:
            OcrError: the connection broke too often while the image was read.
        """
        self._failures += 1
        # While it is still being sent nothing reads it.
        self._breaks += broke(error) and error.message != STATUS_LOST
        if self._breaks >= MOST_BREAKS:
            raise given_up(error) from error
        delay_seconds = None
        if error.retry_seconds is not None:
            has_deadline = self._end is not None
            delay_seconds = self._policy.hinted_delay_seconds(
                error.retry_seconds, self._failures, has_deadline=has_deadline
            )
        elif error.code is grpc.StatusCode.UNAVAILABLE and self._failures < self._policy.attempts:
            delay_seconds = self._policy.delay_seconds(self._failures)
        if delay_seconds is None or (self._end is not None and time.monotonic() + delay_seconds >= self._end):
            return None
        return delay_seconds
