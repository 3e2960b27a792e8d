"""docs/metrics.md: every metric, from the server's registry."""

from collections.abc import Iterator

from prometheus_client.metrics import MetricWrapperBase

from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.observing.metrics_at_scrape import Readings, observe_server

_HEAD = """# Metrics

What `--metrics` offers to Prometheus, by default at `http://127.0.0.1:9464/metrics`. [Monitoring](monitoring.md) has
rules, alerts and a dashboard. This page is made of the metrics' declarations by `make reference`.

| metric | type | labels | meaning |
| --- | --- | --- | --- |"""
_KINDS = {
    "edgeocr_memory_bytes": "`kind`",
    "edgeocr_admitted_bytes": "`use`",
    "edgeocr_file_reloads": "`setting`, `result`",
}
"""Labels of what is made at a scrape."""


def page() -> str:
    """The page as it should be."""
    return "\n".join([_HEAD, *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    metrics = Metrics()
    readings = Readings(
        workers=1,
        workers_busy=lambda: 0,
        queue_length=lambda: 0,
        queue_bytes=lambda: 0,
        memory=dict,
        decoders=lambda: 0,
        admitted=dict,
        certificate_end=lambda: 0,
    )
    observe_server(metrics, readings)
    labels = {
        collector._name: ", ".join(f"`{label}`" for label in collector._labelnames)
        for collector in vars(metrics).values()
        if isinstance(collector, MetricWrapperBase)
    }
    for family in sorted(metrics.registry.collect(), key=lambda family: family.name):
        name = family.name + ("_total" if family.type == "counter" else "")
        told = labels.get(family.name) or _KINDS.get(family.name, "")
        yield f"| `{name}` | {family.type} | {told} | {family.documentation} |"
