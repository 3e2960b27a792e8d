"""The server's metrics, following Prometheus's naming: base units, `_total` for counters.

This and `metrics_at_scrape` are the only modules that import prometheus_client.
"""

import asyncio
import gzip
import platform
import resource
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache
from itertools import product
from pathlib import Path
from typing import cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder

from edgeocr.model.results import LineReader
from edgeocr.model.timing import Stage, Trace

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_CPUINFO = Path("/proc/cpuinfo")
_REASONS = (
    *("too_large", "beyond_memory", "memory_full", "queue_full", "queue_timeout", "share_full", "spool_full"),
    *("calls_full", "out_of_memory", "draining"),
)
_KERNEL_FEATURES = ("asimddp", "asimdhp", "i8mm", "sve", "avx2", "avx512_vnni", "avx_vnni")
"""Processor features that determine the integer kernels."""


class Metrics:
    """All metrics of the server, in a new or a given registry."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry = registry or CollectorRegistry()
        self._scraping = asyncio.Lock()
        ProcessCollector(registry=registry)

        def histogram(name: str, meaning: str, buckets: Sequence[float], labels: Sequence[str] = ()) -> Histogram:
            return Histogram(name, meaning, labels, buckets=buckets, registry=registry)

        def counter(name: str, meaning: str, **known: Sequence[str]) -> Counter:
            """A counter with all known label values, since the first event would not count as an increase otherwise."""
            made = Counter(name, meaning, tuple(known), registry=registry)
            for values in product(*known.values()) if all(known.values()) and known else ():
                made.labels(*values)
            return made

        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(name, meaning, labels, registry=registry)

        self._requests = histogram(
            "edgeocr_request_duration_seconds",
            "From receipt of an image to its answer.",
            _SECONDS,
            ("method", "code"),
        )
        self._stages = histogram(
            "edgeocr_stage_duration_seconds",
            "Time an image spent in a stage: queue, decode, detect (pages only), recognize.",
            _SECONDS,
            ("stage",),
        )
        self._pages = histogram(
            "edgeocr_page_duration_seconds",
            "From when a worker takes a page, of an image or a document, to when it is read; the queue is not in it.",
            _SECONDS,
        )
        self._waits = histogram(
            "edgeocr_wait_duration_seconds",
            "Time that an image, and each further page of a document, waited for a worker.",
            _SECONDS,
        )
        self._first_line = histogram(
            "edgeocr_stream_first_line_seconds", "From receipt of a stream's image to its first line event.", _SECONDS
        )
        self._rejected = counter(
            "edgeocr_rejected",
            f"Images refused for lack of room, or because the server drains: {', '.join(_REASONS)}.",
            reason=_REASONS,
        )
        self._refused_calls = counter(
            "edgeocr_refused_calls",
            "Calls that ended with an error that is not that of an image, by transport and reason: that of the error, "
            "or its code.",
            transport=("grpc", "http"),
            reason=("unauthenticated", "invalid_argument"),
        )
        self._lost_lines = counter(
            "edgeocr_access_log_lost_lines",
            "Lines of the access log that were not written: too many errors, or a reader that is slow or gone.",
        )
        self._cancelled = counter(
            "edgeocr_cancelled",
            "Images dropped because the caller went away or the deadline passed, by the stage reached.",
            stage=("queue", *Stage),
        )
        self._wasted = counter("edgeocr_wasted_seconds", "Worker time spent on images that were then dropped.")
        self._partial_pages = counter("edgeocr_partial_pages", "Pages answered with the lines that were read in time.")
        self._serving = gauge(
            "edgeocr_serving", "1 while health says SERVING; 0 if a worker is stuck or the server drains."
        )
        self._draining = gauge("edgeocr_draining", "1 from the signal to stop until the end.")
        self._streams = gauge("edgeocr_streams", "Open streams: RecognizeStream calls, and event streams over HTTP.")
        self._http_answers = counter(
            "edgeocr_http_answers",
            "Answers over HTTP, by path and status; status gone: the caller went away before there was one.",
            path=(),
            status=(),
        )
        self._batch_lines = histogram("edgeocr_batch_lines", "Lines in one run of the recogniser.", (1, 2, 4, 8, 16))
        self._reader_lines = counter(
            "edgeocr_reader_lines",
            "Lines that a recogniser read, each time that it did: fast, accurate.",
            reader=tuple(LineReader),
        )
        self._reader_seconds = counter(
            "edgeocr_reader_seconds", "Time in which a recogniser read: fast, accurate.", reader=tuple(LineReader)
        )
        self._lines_read_again = counter(
            "edgeocr_lines_read_again",
            "Lines that the accurate recogniser read since the fast one was not sure of them.",
        )
        self._image_pixels = histogram(
            "edgeocr_image_pixels",
            "Width × height of admitted images.",
            [10.0**power * factor for power in range(3, 8) for factor in (1, 3)],
        )
        self._line_confidence = histogram(
            "edgeocr_line_confidence",
            "Confidence of read lines: how likely all of their text is right.",
            (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 1.0),
        )
        self._reloads = counter("edgeocr_reloads", "Reloads of the weights: ok, error.", result=("ok", "error"))
        self._decoder_restarts = counter(
            "edgeocr_decoder_restarts",
            "Processes that open files and were replaced: crash, memory, time, grown, abandoned.",
            reason=("crash", "memory", "time", "grown", "abandoned"),
        )
        self._build_info = gauge(
            "edgeocr_build_info",
            "Always 1; its labels describe the server.",
            *("version", "model", "arch", "cpu_features", "page_size"),
        )

        # Looking up labels costs more than counting, so each of the few is looked up once.
        self._request = cache(self._requests.labels)
        self._stage = cache(self._stages.labels)
        self._lines_of_reader = cache(self._reader_lines.labels)
        self._seconds_of_reader = cache(self._reader_seconds.labels)
        self._http_answer = cache(self._http_answers.labels)

    def describe_server(self, version: str, model: str) -> None:
        """Sets the labels that describe the server."""
        self._build_info.clear()
        self._build_info.labels(version, model, platform.machine(), _cpu_features(), str(resource.getpagesize())).set(1)

    def serving(self, serving: bool) -> None:
        """Sets the health status."""
        self._serving.set(serving)

    def draining(self) -> None:
        """Records that the server is draining."""
        self._draining.set(1)

    def reloaded(self, result: str) -> None:
        """Counts a reload of the weights: ok, error."""
        self._reloads.labels(result).inc()

    def decoder_restarted(self, reason: str) -> None:
        """Counts a replaced decoder process: crash, memory, time, grown, abandoned."""
        self._decoder_restarts.labels(reason).inc()

    def request(self, method: str, code: str, seconds: float, trace_id: str = "") -> None:
        """Counts an answered image by the canonical code's name, OK included, with its trace id if any."""
        self._request(method, code).observe(seconds, {"trace_id": trace_id} if trace_id else None)

    def stages(self, queue_seconds: float, trace: Trace) -> None:
        """Where the time of an image that reached a worker went, in which batches its lines were read, and by which
        recognisers."""
        self._stage("queue").observe(queue_seconds)
        for stage, seconds in trace.seconds.items():
            self._stage(stage).observe(seconds)
        for lines in trace.batches:
            self._batch_lines.observe(lines)
        for reader, work in trace.readers.items():
            self._lines_of_reader(reader).inc(work.lines)
            self._seconds_of_reader(reader).inc(work.seconds)
        if trace.read_again:
            self._lines_read_again.inc(trace.read_again)

    def waited(self, seconds: float) -> None:
        """Observes the waiting time of an image or page."""
        self._waits.observe(seconds)

    def page(self, seconds: float) -> None:
        """Observes the wall time of reading a page."""
        self._pages.observe(seconds)

    def first_line(self, seconds: float) -> None:
        """Observes the time to the first line of a stream's image."""
        self._first_line.observe(seconds)

    def rejected(self, reason: str) -> None:
        """Counts an image refused for lack of room."""
        self._rejected.labels(reason).inc()

    def refused_call(self, transport: str, reason: str) -> None:
        """Counts a call over grpc or http that ended with an error other than an image's."""
        self._refused_calls.labels(transport, reason).inc()

    def lost_lines(self, count: int) -> None:
        """Counts dropped lines of the access log."""
        self._lost_lines.inc(count)

    def dropped(self, stage: str, wasted_seconds: float) -> None:
        """Counts an image dropped in a stage, and the work done for it."""
        self._cancelled.labels(stage).inc()
        self._wasted.inc(wasted_seconds)

    def partial_page(self) -> None:
        """Counts a page answered with some of its lines."""
        self._partial_pages.inc()

    def image_pixels(self, pixels: int) -> None:
        """Observes the pixels of an admitted image."""
        self._image_pixels.observe(pixels)

    def line_confidence(self, confidence: float) -> None:
        """Observes the confidence of a line."""
        self._line_confidence.observe(confidence)

    def http_answer(self, path: str, status: str) -> None:
        """Counts a call over HTTP by path and status, or as gone if its caller disconnected."""
        self._http_answer(path, status).inc()

    def open_stream(self) -> AbstractContextManager[object]:
        """Counts an open stream during the `with` block."""
        return cast(AbstractContextManager[object], self._streams.track_inprogress())

    def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """All metrics in the format that an `Accept` header requests, and its media type."""
        encode, media_type = choose_encoder(accept)
        return encode(self.registry), media_type

    async def scrape(self, accept: str, accept_encoding: str) -> tuple[bytes, dict[str, str]]:
        """The answer for a scraper with these headers, and its headers, whose names have _ for -."""
        # One at a time: reading values from the kernel takes a thread, and others need threads too.
        async with self._scraping:
            body, media_type = await asyncio.to_thread(self.exposition, accept)
        if "gzip" not in accept_encoding:
            return body, {"content_type": media_type}
        return gzip.compress(body, 1), {"content_type": media_type, "content_encoding": "gzip"}


def _cpu_features() -> str:
    """The relevant features of this processor, by their names in /proc/cpuinfo."""
    try:
        words = set(_CPUINFO.read_text().split())
    except OSError:
        return ""
    return ",".join(feature for feature in _KERNEL_FEATURES if feature in words)
