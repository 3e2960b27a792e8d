"""The report of a load test."""

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
    """Counts and durations of the requests that were due within the measurement window.

    Latency is measured from when a request was due, not from when it was sent, so that waiting in this process or for
    flow control counts (coordinated omission, Gil Tene, "How NOT to Measure Latency").

    Attributes:
        begins_at, ends_at: the window (time.monotonic()); it ends with the last request, or with the last answer if the
            number of requests was given.
        sent, unanswered: requests due in the window; those without an answer after the grace period.
        unexpected: duplicate or unrequested answers.
        codes: answers by the canonical code's name, OK included.
        rejected: refusals for lack of room, which say when to try again.
        images_in_window, lines_in_window: images and lines read within the window, whenever they were sent.
        lines: lines read in total, including before and after the window.
        latency, rejected_latency: of images that were read, and of rejections.
        first_line: from a stream's image to its first line.
        lag: delay between due and sent; close to the latency if this process is the bottleneck.
        stages: server-side timings of the images that were read: queue, decode, detect, recognize, total.
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
        """Requests answered, with a document or an error."""
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
        """Records that a request due then is sent now."""
        if due >= self.begins_at:
            self.sent += 1
            self.unanswered += 1
            self.lag.record(now - due)

    def note_answer(self, due: float, now: float, answer: Answer) -> None:
        """Records that the answer to a request due then arrives now."""
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
        """The report as plain values for JSON; times in seconds."""
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
    """Whether an image was refused for temporary lack of room, rather than because it exceeds a limit."""
    return error.code is grpc.StatusCode.RESOURCE_EXHAUSTED and error.retry_seconds is not None
