"""Metrics that are read from the running server at every scrape."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from prometheus_client import Gauge
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from edgeocr.server.observing.metrics import Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Functions that read the values; the metrics describe their meaning."""

    workers: int
    workers_busy: Callable[[], float]
    queue_length: Callable[[], float]
    queue_bytes: Callable[[], float]
    memory: Callable[[], Mapping[Any, int]]
    decoders: Callable[[], float]
    admitted: Callable[[], Mapping[Any, int]]
    spool_bytes: int = 0
    file_reloads: Callable[[], Mapping[tuple[str, str], int]] = dict
    certificate_end: Callable[[], float] | None = None


def observe_server(metrics: Metrics, readings: Readings) -> None:
    """Registers the metrics that are read at every scrape."""
    gauges: tuple[tuple[str, str, Callable[[], float]], ...] = (
        ("edgeocr_workers", "Worker threads.", lambda: readings.workers),
        ("edgeocr_workers_busy", "Worker threads that read an image.", readings.workers_busy),
        ("edgeocr_decoders", "Processes that open files.", readings.decoders),
        ("edgeocr_queue_length", "Images waiting for a worker.", readings.queue_length),
        ("edgeocr_queue_bytes", "Bytes of the images waiting, as sent.", readings.queue_bytes),
    )
    for name, meaning, value in gauges:
        Gauge(name, meaning, registry=metrics.registry).set_function(value)
    memory = partial(
        GaugeMetricFamily,
        "edgeocr_memory_bytes",
        "Memory as the kernel counts it (anonymous, pss, cgroup, decoders), the budget, the base, which is "
        "what there is without an image, and what is held beyond all that is known (unaccounted).",
        labels=["kind"],
    )
    admitted = partial(
        GaugeMetricFamily,
        "edgeocr_admitted_bytes",
        "Memory that is accounted for in addition to the base, by use: arriving, waiting, running, answering; "
        "spooled is on disk, and no memory.",
        labels=["use"],
    )
    reloads = partial(
        CounterMetricFamily,
        "edgeocr_file_reloads",
        "Changes of certificates and tokens that were taken up (ok), or left the last good ones in use (error).",
        labels=["setting", "result"],
    )
    metrics.registry.register(_Family(memory, readings.memory))
    metrics.registry.register(_Family(admitted, readings.admitted))
    metrics.registry.register(_Family(reloads, readings.file_reloads))
    if readings.certificate_end is not None:
        expiry = Gauge(
            "edgeocr_certificate_expiry_timestamp_seconds",
            "When the server's certificate expires, in seconds since 1970; missing without TLS.",
            registry=metrics.registry,
        )
        expiry.set_function(readings.certificate_end)
    Gauge("edgeocr_spool_bytes", "Most bytes of files on disk.", registry=metrics.registry).set(readings.spool_bytes)


class _Family(Collector):
    """Collects a family of metrics, by their label or labels."""

    def __init__(
        self, make: Callable[[], CounterMetricFamily | GaugeMetricFamily], read: Callable[[], Mapping[Any, int]]
    ) -> None:
        self._make = make
        self._read = read

    def collect(self) -> Iterator[Metric]:
        family = self._make()
        for labels, value in self._read().items():
            family.add_metric([labels] if isinstance(labels, str) else labels, value)
        yield family
