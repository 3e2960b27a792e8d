"""The load to generate."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal, get_args

from edgeocr.choices import Mode

Arrivals = Literal["poisson", "even"]
"""Spacing of an open loop's requests: exponential gaps, as from independent callers, or equal gaps."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A load on one server.

    A closed loop has `concurrency` callers, each of which sends its next image once it has an answer: it measures a
    server's capacity. An open loop sends `rate` images per second regardless of answers, as independent callers do: it
    measures how long callers wait. Requests of the first `warm_up_seconds` are sent but not counted.

    Attributes:
        images: encoded files, sent in turn.
        mode: page or line.
        concurrency: callers of a closed loop; unused by an open one.
        rate: images per second of an open loop; None for a closed loop.
        arrivals: spacing of an open loop's requests.
        streams: number of RecognizeStream calls that share the images; 0 for one unary call per image.
        connections: number of connections that share the calls.
        line_events: whether streams request line events, which give the time to the first line.
        warm_up_seconds: time before counting starts.
        duration_seconds: how long requests are sent after that.
        requests: ends the run earlier, after this number of counted requests; None for no limit.
        timeout_seconds: deadline of each image; None for none.
        grace_seconds: time after the last request before answers count as missing.
    """

    images: Sequence[bytes]
    _: KW_ONLY
    mode: Mode = "page"
    concurrency: int = 1
    rate: float | None = None
    arrivals: Arrivals = "poisson"
    streams: int = 0
    connections: int = 1
    line_events: bool = True
    warm_up_seconds: float = 2.0
    duration_seconds: float = 10.0
    requests: int | None = None
    timeout_seconds: float | None = None
    grace_seconds: float = 30.0

    def __post_init__(self) -> None:
        """Raises ValueError if a value is out of range."""
        if not self.images:
            raise ValueError("images must have at least one element")
        if self.arrivals not in get_args(Arrivals):
            raise ValueError(f"arrivals is one of {', '.join(get_args(Arrivals))}, not {self.arrivals!r}")
        least = {"concurrency": 1, "streams": 0, "connections": 1, "warm_up_seconds": 0, "grace_seconds": 0}
        for name, value in least.items():
            if not getattr(self, name) >= value:
                raise ValueError(f"{name} must be at least {value}, got {getattr(self, name)}")
        for name in ("rate", "duration_seconds", "requests", "timeout_seconds"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be more than 0, got {value}")

    def arrival_seconds(self, seed: int | None = None) -> Iterator[float]:
        """When the requests of an open loop are due, in seconds from its start; endless.

        Raises:
            ValueError: the plan is for a closed loop.
        """
        if self.rate is None:
            raise ValueError("a closed loop has no arrivals")
        if self.arrivals == "even":
            return (number / self.rate for number in itertools.count())
        gaps = random.Random(seed)
        rate = self.rate
        return itertools.accumulate(gaps.expovariate(rate) for _ in itertools.count())
