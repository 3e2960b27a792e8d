"""The report of a load."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import grpc

from edgeocr.client.bench.callers import Answer
from edgeocr.client.bench.histogram import Histogram
from edgeocr.client.errors import OcrError

_STAGES = ("queue", "decode", "detect", "recognize", "total")


@dataclass(slots=True)
class Report:
    """Counts and times of the requests that were due within a window of time.

    Latency runs from when a request was due, not from when it was sent: what waits in this process, or in a connection
    that takes no more, waits as a caller does (coordinated omission, Gil Tene, "How NOT to Measure Latency").

    Attributes:
        begins_at, ends_at: the window, on the clock of time.monotonic(); it ends with the last request, or later with
            the last answer if the number of requests was given.
        sent, unanswered: requests that were due in the window; those of them without an answer when the grace was over.
        unexpected: answers that came twice, or that nobody asked for.
        codes: answers by the canonical code's name, OK included.
        rejected: answers by which the server refused an image for lack of room, with a hint when to ask again.
        images_in_window, lines_in_window: what was read within the window, whenever it was sent.
        lines: what was read at all, before the window and after it included.
        latency, rejected_latency: of images that were read, and of rejections.
        first_line: from a stream's image to its first line.
        lag: how late this process was with sending; as long as latencies where it is itself the bottleneck.
        stages: what the server says of the images that were read: queue, decode, detect, recognize, total.
    """

    begins_at: float
    ends_at: float
    sent: int = 0
    unanswered: int = 0
    unexpected: int = 0
    rejected: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    images_in_window: int = 0
    lines_in_window: int = 0
    lines: int = 0
    latency: Histogram = field(default_factory=Histogram)
    rejected_latency: Histogram = field(default_factory=Histogram)
    first_line: Histogram = field(default_factory=Histogram)
    lag: Histogram = field(default_factory=Histogram)
    stages: dict[str, Histogram] = field(default_factory=lambda: {stage: Histogram() for stage in _STAGES})

    @property
    def answered(self) -> int:
        """Requests that were answered, with a document or an error."""
        return sum(self.codes.values())

    @property
    def ok(self) -> int:
        """Images that were read."""
        return self.codes["OK"]

    @property
    def errors(self) -> int:
        """Answers that were neither OK nor a rejection."""
        return self.answered - self.ok - self.rejected

    @property
    def seconds(self) -> float:
        """Length of the window."""
        return self.ends_at - self.begins_at

    @property
    def images_per_second(self) -> float:
        """Images read within the window."""
        return self.images_in_window / self.seconds if self.seconds else 0.0

    @property
    def lines_per_second(self) -> float:
        """Lines read within the window."""
        return self.lines_in_window / self.seconds if self.seconds else 0.0

    def note_sent(self, due: float, now: float) -> None:
        """A request that was due then is sent now."""
        if due >= self.begins_at:
            self.sent += 1
            self.unanswered += 1
            self.lag.record(now - due)

    def note_answer(self, due: float, now: float, answer: Answer) -> None:
        """The answer to a request that was due then arrives now."""
        if answer.document is not None:
            lines = sum(len(page.lines) for page in answer.document.pages)
            self.lines += lines
            if self.begins_at <= now <= self.ends_at:
                self.images_in_window += 1
                self.lines_in_window += lines
        if due < self.begins_at:
            return
        self.unanswered -= 1
        self.codes["OK" if answer.error is None else answer.error.code.name] += 1
        if answer.error is None:
            self.latency.record(now - due)
            self._note_times(due, answer)
        elif is_rejection(answer.error):
            self.rejected += 1
            self.rejected_latency.record(now - due)

    def _note_times(self, due: float, answer: Answer) -> None:
        if answer.first_line_at is not None:
            self.first_line.record(answer.first_line_at - due)
        if answer.timings is not None:
            for stage, histogram in self.stages.items():
                histogram.record(getattr(answer.timings, f"{stage}_seconds"))

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain values for JSON; times in seconds."""
        return {
            "seconds": round(self.seconds, 3),
            "sent": self.sent,
            "answered": self.answered,
            "ok": self.ok,
            "rejected": self.rejected,
            "errors": self.errors,
            "unanswered": self.unanswered,
            "unexpected": self.unexpected,
            "codes": dict(sorted(self.codes.items())),
            "images_per_second": round(self.images_per_second, 3),
            "lines_per_second": round(self.lines_per_second, 3),
            "latency_seconds": self.latency.summary(),
            "rejected_latency_seconds": self.rejected_latency.summary(),
            "first_line_seconds": self.first_line.summary(),
            "send_lag_seconds": self.lag.summary(),
            "server_seconds": {stage: histogram.summary() for stage, histogram in self.stages.items()},
        }


def is_rejection(error: OcrError) -> bool:
    """Whether a server refuses for lack of room, rather than because the image is too large for it ever."""
    return error.code is grpc.StatusCode.RESOURCE_EXHAUSTED and error.retry_seconds is not None
