"""The server's own histograms, beside those of prometheus_client."""

import re
import threading

import prometheus_client
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest as text
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics

from edgeocr.server.observing.histogram import Histogram

BOUNDS, VALUES = (0.5, 1.0, 2500000.0), (0.0, 0.5, 0.75, 1, 1.5, 1e9)
TIMES = re.compile(rb"(_created(?:\{[^}]*\})?|# \{[^}]*\} [\d.e+]+) [\d.e+]+")


def shown(registry, generate):
    return TIMES.sub(rb"\1", generate(registry))


@pytest.mark.parametrize("generate", [text, openmetrics])
@pytest.mark.parametrize("labels", [(), ("method", "code")])
def test_a_histogram_reads_as_one_of_prometheus_client_does(generate, labels):
    own, other = CollectorRegistry(), CollectorRegistry()
    values = tuple(label.upper() for label in labels)
    one = Histogram("seconds", "Times.", BOUNDS, labels, own).labels(*values)
    another = prometheus_client.Histogram("seconds", "Times.", labels, buckets=BOUNDS, registry=other)
    another = another.labels(*values) if labels else another
    for number, value in enumerate(VALUES):
        one.observe(value, f"trace {number}" if number % 2 else "")
        another.observe(value, {"trace_id": f"trace {number}"} if number % 2 else None)
    assert b"trace 3" in shown(own, openmetrics)
    assert shown(own, generate) == shown(other, generate)


def test_without_labels_it_is_there_before_the_first_observation():
    registry = CollectorRegistry()
    Histogram("seconds", "Times.", BOUNDS, (), registry)
    Histogram("others", "Times.", BOUNDS, ("code",), registry)
    assert registry.get_sample_value("seconds_count") == 0
    assert registry.get_sample_value("others_count", {"code": "OK"}) is None


def test_a_name_is_taken_once():
    registry = CollectorRegistry()
    Histogram("seconds", "Times.", BOUNDS, (), registry)
    with pytest.raises(ValueError, match="seconds"):
        Histogram("seconds", "Times.", BOUNDS, ("code",), registry)


def test_no_observation_of_any_thread_is_lost():
    registry = CollectorRegistry()
    histogram = Histogram("seconds", "Times.", BOUNDS, ("code",), registry)
    start = threading.Barrier(8)

    def observe():
        start.wait()
        for _ in range(1000):
            histogram.labels("OK").observe(1)

    threads = [threading.Thread(target=observe) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert registry.get_sample_value("seconds_count", {"code": "OK"}) == 8000
    assert registry.get_sample_value("seconds_sum", {"code": "OK"}) == 8000
