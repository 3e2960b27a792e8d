"""The load to generate."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal, get_args

from edgeocr.choices import Mode

Arrivals = Literal["poisson", "even"]
"""How an open loop spreads its requests: with exponential gaps, as independent callers do, or with equal ones."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A load on one server.

    A closed loop has `concurrency` callers, each of whom sends its next image once it has its answer: it finds what a
    server can do. An open loop sends `rate` images a second whatever comes back, as the world does: it finds how long
    callers wait. Requests of the first `warm_up_seconds` are made but not counted.

    Attributes:
        images: encoded files, sent in turn.
        mode: page or line.
        concurrency: callers of a closed loop; without meaning for an open one.
        rate: images a second of an open loop; None for a closed loop.
        arrivals: how an open loop spreads them.
        streams: RecognizeStream calls that the images are spread over; 0 for one unary call an image.
        connections: connections that the calls are spread over.
        line_events: whether streams ask for lines as they are read, from which the time to the first line is known.
        warm_up_seconds: before anything is counted.
        duration_seconds: how long requests are made then.
        requests: ends them earlier, after so many counted ones; None for no such end.
        timeout_seconds: every image's deadline; None for none.
        grace_seconds: how long answers may take after the last request, before they count as missing.
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
        """Raises ValueError if a value makes no sense."""
        if not self.images:
            raise ValueError("images: there must be at least one")
        if self.arrivals not in get_args(Arrivals):
            raise ValueError(f"arrivals is one of {', '.join(get_args(Arrivals))}, not {self.arrivals!r}")
        least = {"concurrency": 1, "streams": 0, "connections": 1, "warm_up_seconds": 0, "grace_seconds": 0}
        for name, value in least.items():
            if not getattr(self, name) >= value:
                raise ValueError(f"{name} is at least {value}, not {getattr(self, name)}")
        for name in ("rate", "duration_seconds", "requests", "timeout_seconds"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} is more than 0, not {value}")

    def arrival_seconds(self, seed: int | None = None) -> Iterator[float]:
        """When an open loop's requests are due, in seconds from its start, without end.

        Raises:
            ValueError: the plan is a closed loop's.
        """
        if self.rate is None:
            raise ValueError("a closed loop has no arrivals")
        if self.arrivals == "even":
            return (number / self.rate for number in itertools.count())
        gaps = random.Random(seed)
        rate = self.rate
        return itertools.accumulate(gaps.expovariate(rate) for _ in itertools.count())
