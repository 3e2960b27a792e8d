"""Statistics of the Open Inference Protocol, as in Triton."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from edgeocr.server.scheduling.events import Finished


@dataclass(slots=True)
class Duration:
    """A count, and a total time."""

    count: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Counts an occurrence and its time."""
        self.count += 1
        self.seconds += seconds

    @property
    def nanoseconds(self) -> int:
        """The total time in the protocol's unit."""
        return round(self.seconds * 1e9)


@dataclass(slots=True)
class Statistics:
    """Counts requests; for the event loop's thread only.

    Attributes:
        success: requests answered without an error.
        fail: requests answered with an error.
        queue: time waiting for a worker, per image, as the next three.
        compute_input: decoding.
        compute_infer: detecting and recognising.
        compute_output: the remaining time, which is negligible.
        last_inference: time of the last answer, in milliseconds since 1970; 0 if none.
    """

    success: Duration = field(default_factory=Duration)
    fail: Duration = field(default_factory=Duration)
    queue: Duration = field(default_factory=Duration)
    compute_input: Duration = field(default_factory=Duration)
    compute_infer: Duration = field(default_factory=Duration)
    compute_output: Duration = field(default_factory=Duration)
    last_inference: int = 0

    @property
    def images(self) -> int:
        """The number of images read."""
        return self.compute_infer.count

    def failed(self, seconds: float) -> None:
        """Counts a request answered with an error after the given time."""
        self.fail.add(seconds)

    def answered(self, seconds: float, results: Sequence[Finished]) -> None:
        """Counts a request answered with results."""
        self.success.add(seconds)
        self.last_inference = round(time.time() * 1000)
        for result in results:
            timings = result.timings
            self.queue.add(timings.queue_seconds)
            self.compute_input.add(timings.decode_seconds)
            self.compute_infer.add(timings.detect_seconds + timings.recognize_seconds)
            self.compute_output.add(0.0)

    def durations(self) -> dict[str, Duration]:
        """All durations by the protocol's names."""
        names = ("success", "fail", "queue", "compute_input", "compute_infer", "compute_output")
        return {name: getattr(self, name) for name in names}
