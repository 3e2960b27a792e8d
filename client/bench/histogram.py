"""Histogram of durations in logarithmic buckets: any percentile within 1 % of its value, in constant memory.

The idea is HdrHistogram's (Gil Tene, hdrhistogram.org), whose Python package needs a compiler and setuptools.
"""

import math
from collections import Counter
from collections.abc import Iterator

_LEAST_SECONDS = 1e-6
_GROWTH = math.log(1.01)
PERCENTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
"""The percentiles of a summary, as fractions."""


class Histogram:
    """Counts durations in seconds; those below one microsecond count as one microsecond."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self._sum = 0.0
        self.count = 0
        self.max_seconds = 0.0

    def record(self, seconds: float) -> None:
        """Counts a duration."""
        self._buckets[math.ceil(math.log(max(seconds / _LEAST_SECONDS, 1.0)) / _GROWTH)] += 1
        self._sum += seconds
        self.count += 1
        self.max_seconds = max(self.max_seconds, seconds)

    @property
    def mean_seconds(self) -> float:
        """The exact mean; 0 if nothing was counted."""
        return self._sum / self.count if self.count else 0.0

    def percentile(self, share: float) -> float:
        """The duration that this fraction does not exceed, at most 1 % too high; 0 if nothing was counted."""
        rank = math.ceil(share * self.count)
        return next((seconds for seconds, count in self.cumulative() if count >= rank), 0.0)

    def cumulative(self) -> Iterator[tuple[float, int]]:
        """For every bucket in use, ascending: its upper bound in seconds, and the number of durations up to it."""
        total = 0
        for bucket, count in sorted(self._buckets.items()):
            total += count
            yield min(_LEAST_SECONDS * math.exp(bucket * _GROWTH), self.max_seconds), total

    def summary(self) -> dict[str, float]:
        """Count, mean, percentiles and maximum, in seconds rounded to microseconds."""
        percentiles = {name: self.percentile(share) for name, share in PERCENTILES.items()}
        values = {"mean": self.mean_seconds, **percentiles, "max": self.max_seconds}
        return {"count": self.count, **{name: round(value, 6) for name, value in values.items()}}
