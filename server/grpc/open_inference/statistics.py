"""What was read over the Open Inference Protocol, and where the time went, as Triton's statistics have it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from edgeocr.proto.inference import open_inference_pb2
from edgeocr.server.scheduling.events import Finished


@dataclass(slots=True)
class _Duration:
    count: int = 0
    seconds: float = 0.0

    def add(self, seconds: float, count: int = 1) -> None:
        self.count += count
        self.seconds += seconds

    def message(self) -> open_inference_pb2.StatisticDuration:
        return open_inference_pb2.StatisticDuration(count=self.count, ns=round(self.seconds * 1e9))


@dataclass(slots=True)
class Statistics:
    """Counts requests in the event loop's thread."""

    _success: _Duration = field(default_factory=_Duration)
    _fail: _Duration = field(default_factory=_Duration)
    _queue: _Duration = field(default_factory=_Duration)
    _input: _Duration = field(default_factory=_Duration)
    _infer: _Duration = field(default_factory=_Duration)
    _images: int = 0
    _last: float = 0.0

    def failed(self, seconds: float) -> None:
        """A request was answered with an error after that time."""
        self._fail.add(seconds)

    def answered(self, seconds: float, results: Sequence[Finished]) -> None:
        """A request was answered with what was read out of its images."""
        self._success.add(seconds)
        self._images += len(results)
        self._last = time.time()
        for result in results:
            timings = result.timings
            self._queue.add(timings.queue_seconds)
            self._input.add(timings.decode_seconds)
            self._infer.add(timings.detect_seconds + timings.recognise_seconds)

    def message(self, name: str, version: str) -> open_inference_pb2.ModelStatistics:
        """All of it, as that of a model."""
        return open_inference_pb2.ModelStatistics(
            name=name,
            version=version,
            last_inference=round(self._last * 1000),
            inference_count=self._images,
            execution_count=self._images,
            inference_stats=open_inference_pb2.InferStatistics(
                success=self._success.message(),
                fail=self._fail.message(),
                queue=self._queue.message(),
                compute_input=self._input.message(),
                compute_infer=self._infer.message(),
                compute_output=_Duration(self._images).message(),
            ),
        )
