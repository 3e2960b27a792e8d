"""How long to go on asking a server that is not available."""

import random
from dataclasses import dataclass

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

    def hinted_delay_seconds(self, hint_seconds: float, refusals: int) -> float | None:
        """How long to wait after the `refusals`-th refusal, from 1, with a server's hint; None to give up.

        Somewhat longer than the hint, and longer from time to time, so that those who were refused together do not
        come back together.
        """
        if refusals >= self.attempts or hint_seconds > MOST_HINT_SECONDS:
            return None
        return hint_seconds * refusals * random.uniform(1.0, 1.5)


DEFAULT_RETRY = RetryPolicy()
