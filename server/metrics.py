"""The server's metrics, in Prometheus naming: base units, `_total` for counters.

This is the only module that imports prometheus_client.
"""

import platform
import resource
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any, cast

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from edgeocr.model.timing import Trace

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_CPUINFO = Path("/proc/cpuinfo")
_TELLING_FEATURES = ("asimddp", "asimdhp", "i8mm", "sve", "avx2", "avx512_vnni", "avx_vnni")
"""Processor features that decide which integer kernels run."""


class Metrics:
    """Every metric of the server, in a registry of its own or a given one."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry = registry or CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Histogram(
            "edgeocr_request_duration_seconds",
            "From receipt of an image to its answer.",
            ("method", "code"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._stages = Histogram(
            "edgeocr_stage_duration_seconds",
            "Time an image spent in a stage: queue, decode, detect (pages only), recognize.",
            ("stage",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._first_line = Histogram(
            "edgeocr_stream_first_line_seconds",
            "From receipt of a stream's image to its first line event.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._rejected = Counter(
            "edgeocr_rejected",
            "Images refused for lack of room: too_large, beyond_memory, memory_full, queue_full, queue_timeout, "
            "share_full, spool_full, out_of_memory, or draining.",
            ("reason",),
            registry=registry,
        )
        self._refused_calls = Counter(
            "edgeocr_refused_calls",
            "Calls that ended with an error that is not that of an image, by transport and reason: that of the error, "
            "or its code.",
            ("transport", "reason"),
            registry=registry,
        )
        self._lost_lines = Counter(
            "edgeocr_access_log_lost_lines",
            "Lines of the access log that were not written: too many errors, or a reader that is slow or gone.",
            registry=registry,
        )
        self._cancelled = Counter(
            "edgeocr_cancelled",
            "Images dropped because the caller went away or the deadline passed, by the stage reached.",
            ("stage",),
            registry=registry,
        )
        self._wasted = Counter(
            "edgeocr_wasted_seconds", "Worker time spent on images that were then dropped.", registry=registry
        )
        self._partial_pages = Counter(
            "edgeocr_partial_pages", "Pages answered with the lines that were read in time.", registry=registry
        )
        self._serving = Gauge(
            "edgeocr_serving",
            "1 while health says SERVING; 0 if a worker is stuck or the server drains.",
            registry=registry,
        )
        self._draining = Gauge("edgeocr_draining", "1 from the signal to stop until the end.", registry=registry)
        self._streams = Gauge(
            "edgeocr_streams", "Open streams: RecognizeStream calls, and event streams over HTTP.", registry=registry
        )
        self._http_answers = Counter(
            "edgeocr_http_answers",
            "Answers over HTTP, by path and status; status gone: the caller went away before there was one.",
            ("path", "status"),
            registry=registry,
        )
        self._batch_lines = Histogram(
            "edgeocr_batch_lines", "Lines in one run of the recogniser.", buckets=(1, 2, 4, 8, 16), registry=registry
        )
        self._image_pixels = Histogram(
            "edgeocr_image_pixels",
            "Width × height of admitted images.",
            buckets=tuple(10.0**power * factor for power in range(3, 8) for factor in (1, 3)),
            registry=registry,
        )
        self._line_confidence = Histogram(
            "edgeocr_line_confidence",
            "Confidence of read lines: the product of their characters'.",
            buckets=(0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 1.0),
            registry=registry,
        )

        self._reloads = Counter(
            "edgeocr_reloads",
            "Reloads of the weights: ok, error.",
            ("result",),
            registry=registry,
        )
        for result in ("ok", "error"):
            # There from the start: the first failure would not be an increase otherwise.
            self._reloads.labels(result)
        self._decoder_restarts = Counter(
            "edgeocr_decoder_restarts",
            "Processes that open files and were replaced: crash, memory, time, grown, abandoned.",
            ("reason",),
            registry=registry,
        )
        for reason in ("crash", "memory", "time", "grown", "abandoned"):
            self._decoder_restarts.labels(reason)
        self._build_info = Gauge(
            "edgeocr_build_info",
            "Always 1; its labels describe the server.",
            ("version", "model", "arch", "cpu_features", "page_size"),
            registry=registry,
        )

        # Looking labels up costs more than counting, and there are few of them: each is looked up once.
        self._request = cache(self._requests.labels)
        self._stage = cache(self._stages.labels)
        self._http_answer = cache(self._http_answers.labels)

    def observe_server(
        self,
        *,
        workers: int,
        workers_busy: Callable[[], float],
        queue_length: Callable[[], float],
        queue_bytes: Callable[[], float],
        memory: Callable[[], Mapping[Any, int]],
        decoders: Callable[[], float],
        admitted: Callable[[], Mapping[Any, int]],
        spool_bytes: int = 0,
    ) -> None:
        """Adds what is read from the running server at every scrape."""
        gauges: tuple[tuple[str, str, Callable[[], float]], ...] = (
            ("edgeocr_workers", "Worker threads.", lambda: workers),
            ("edgeocr_workers_busy", "Worker threads that read an image.", workers_busy),
            ("edgeocr_decoders", "Processes that open files.", decoders),
            ("edgeocr_queue_length", "Images waiting for a worker.", queue_length),
            ("edgeocr_queue_bytes", "Bytes of the images waiting, as sent.", queue_bytes),
        )
        for name, meaning, value in gauges:
            Gauge(name, meaning, registry=self.registry).set_function(value)
        self.registry.register(
            _Bytes(
                "edgeocr_memory_bytes",
                "Memory as the kernel counts it (anonymous, pss, cgroup, decoders), the budget, the base, which is "
                "what there is without an image, and what is held beyond all that is known (unaccounted).",
                "kind",
                memory,
            )
        )
        self.registry.register(
            _Bytes(
                "edgeocr_admitted_bytes",
                "Memory that is accounted for in addition to the base, by use: arriving, waiting, running, answering; "
                "spooled is on disk, and no memory.",
                "use",
                admitted,
            )
        )
        Gauge("edgeocr_spool_bytes", "Most bytes of files on disk.", registry=self.registry).set(spool_bytes)

    def describe_server(self, version: str, model: str) -> None:
        """Says what the server is now."""
        self._build_info.clear()
        self._build_info.labels(version, model, platform.machine(), _cpu_features(), str(resource.getpagesize())).set(1)

    def serving(self, serving: bool) -> None:
        """Health says so now."""
        self._serving.set(serving)

    def draining(self) -> None:
        """The server is on its way to its end."""
        self._draining.set(1)

    def reloaded(self, result: str) -> None:
        """A reload of the weights ended: ok, error."""
        self._reloads.labels(result).inc()

    def decoder_restarted(self, reason: str) -> None:
        """A process that opens files was replaced: crash, memory, time, grown, abandoned."""
        self._decoder_restarts.labels(reason).inc()

    def request(self, method: str, code: str, seconds: float, trace_id: str = "") -> None:
        """An image was answered, with the canonical code's name, OK included, as part of a trace or of none."""
        self._request(method, code).observe(seconds, {"trace_id": trace_id} if trace_id else None)

    def stages(self, queue_seconds: float, trace: Trace) -> None:
        """Where the time of an image that reached a worker went, and in which batches its lines were read."""
        self._stage("queue").observe(queue_seconds)
        for stage, seconds in trace.seconds.items():
            self._stage(stage).observe(seconds)
        for lines in trace.batches:
            self._batch_lines.observe(lines)

    def first_line(self, seconds: float) -> None:
        """A stream's image got its first line."""
        self._first_line.observe(seconds)

    def rejected(self, reason: str) -> None:
        """An image was refused for lack of room."""
        self._rejected.labels(reason).inc()

    def refused_call(self, transport: str, reason: str) -> None:
        """A call over grpc or http ended with an error that is not that of an image."""
        self._refused_calls.labels(transport, reason).inc()

    def lost_lines(self, count: int) -> None:
        """Lines of the access log were left out."""
        self._lost_lines.inc(count)

    def dropped(self, stage: str, wasted_seconds: float) -> None:
        """An image was dropped in a stage, after that much work."""
        self._cancelled.labels(stage).inc()
        self._wasted.inc(wasted_seconds)

    def partial_page(self) -> None:
        """A page was answered with some of its lines."""
        self._partial_pages.inc()

    def image_pixels(self, pixels: int) -> None:
        """An image of that many pixels was admitted."""
        self._image_pixels.observe(pixels)

    def line_confidence(self, confidence: float) -> None:
        """A line was read with that confidence."""
        self._line_confidence.observe(confidence)

    def http_answer(self, path: str, status: str) -> None:
        """A call over HTTP was answered, on one of a few paths; or was not, since its caller was gone."""
        self._http_answer(path, status).inc()

    def open_stream(self) -> AbstractContextManager[object]:
        """Counts a stream while its block runs."""
        return cast(AbstractContextManager[object], self._streams.track_inprogress())

    def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """Every metric in the text format that an `Accept` header asks for, and that format's media type."""
        encode, media_type = choose_encoder(accept)
        return encode(self.registry), media_type


class _Bytes(Collector):
    """Reads a family of sizes at every scrape; resident memory comes from prometheus_client's ProcessCollector."""

    def __init__(self, name: str, meaning: str, label: str, read: Callable[[], Mapping[Any, int]]) -> None:
        self._describe = name, meaning, label
        self._read = read

    def collect(self) -> Iterator[Metric]:
        name, meaning, label = self._describe
        family = GaugeMetricFamily(name, meaning, labels=[label])
        for kind, value in self._read().items():
            family.add_metric([kind], value)
        yield family


def _cpu_features() -> str:
    """The telling features of this processor, as /proc/cpuinfo names them."""
    try:
        words = set(_CPUINFO.read_text().split())
    except OSError:
        return ""
    return ",".join(feature for feature in _TELLING_FEATURES if feature in words)
