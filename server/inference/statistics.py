"""What was read over the Open Inference Protocol, and where the time went, as Triton's statistics have it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from edgeocr.server.scheduling.events import Finished


@dataclass(slots=True)
class Duration:
    """How often something was done, and how long it took in all."""

    count: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Once more, for so long."""
        self.count += 1
        self.seconds += seconds

    @property
    def nanoseconds(self) -> int:
        """The time, as the protocol has it."""
        return round(self.seconds * 1e9)


@dataclass(slots=True)
class Statistics:
    """Counts requests in the event loop's thread.

    Attributes:
        success: requests that were answered.
        fail: requests that were answered with an error.
        queue: waiting for a worker, by image, as are the next three.
        compute_input: decoding.
        compute_infer: detecting and recognising.
        compute_output: what is left, which takes no time worth a mention.
        last_inference: the latest answer, in milliseconds since 1970; 0 without one.
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
        """How many images were read."""
        return self.compute_infer.count

    def failed(self, seconds: float) -> None:
        """A request was answered with an error after that time."""
        self.fail.add(seconds)

    def answered(self, seconds: float, results: Sequence[Finished]) -> None:
        """A request was answered with what was read out of its images."""
        self.success.add(seconds)
        self.last_inference = round(time.time() * 1000)
        for result in results:
            timings = result.timings
            self.queue.add(timings.queue_seconds)
            self.compute_input.add(timings.decode_seconds)
            self.compute_infer.add(timings.detect_seconds + timings.recognise_seconds)
            self.compute_output.add(0.0)

    def durations(self) -> dict[str, Duration]:
        """All of them, by the protocol's names."""
        names = ("success", "fail", "queue", "compute_input", "compute_infer", "compute_output")
        return {name: getattr(self, name) for name in names}
