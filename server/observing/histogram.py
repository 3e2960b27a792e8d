"""Histograms that take little time to observe, which is done a dozen times for each image.

prometheus_client's own compare a value with each bound, and take a lock for each number that they change.
"""

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar
from prometheus_client.utils import floatToGoString


class Series:
    """The observations with some values of the labels. Thread-safe."""

    def __init__(self, bounds: Sequence[float]) -> None:
        """Takes the upper bounds of the buckets, which belong to them."""
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        self._exemplars: dict[int, Exemplar] = {}
        self._created = time.time()
        self._lock = threading.Lock()

    def observe(self, value: float, trace_id: str = "") -> None:
        """Counts a value; the last one with a trace id is its bucket's exemplar."""
        place = bisect_left(self._bounds, value)
        with self._lock:
            self._counts[place] += 1
            self._sum += value
            if trace_id:
                self._exemplars[place] = Exemplar({"trace_id": trace_id}, value, time.time())

    def add_to(self, family: HistogramMetricFamily, labels: dict[str, str]) -> None:
        """Adds the observations so far to a family of metrics."""
        with self._lock:
            counts, total, exemplars = list(accumulate(self._counts)), self._sum, dict(self._exemplars)
        for place, bound in enumerate((*self._bounds, float("inf"))):
            named = {**labels, "le": floatToGoString(bound)}  # type: ignore[no-untyped-call]
            family.add_sample(f"{family.name}_bucket", named, counts[place], exemplar=exemplars.get(place))
        family.add_sample(f"{family.name}_count", labels, counts[-1])
        family.add_sample(f"{family.name}_sum", labels, total)
        family.add_sample(f"{family.name}_created", labels, self._created)


class Histogram(Collector):
    """A histogram in a registry."""

    def __init__(
        self, name: str, meaning: str, bounds: Sequence[float], labels: Sequence[str], registry: CollectorRegistry
    ) -> None:
        """Takes the upper bounds of its buckets; without labels, it is there before the first observation."""
        self._name, self._meaning, self._names = name, meaning, tuple(labels)
        self._bounds = tuple(map(float, bounds))
        self._series: dict[tuple[str, ...], Series] = {}
        self.labels = cache(self._labels)
        if not labels:
            self.labels()
        registry.register(self)

    def _labels(self, *values: str) -> Series:
        return self._series.setdefault(values, Series(self._bounds))

    def describe(self) -> Iterator[HistogramMetricFamily]:
        """Its name and meaning."""
        yield HistogramMetricFamily(self._name, self._meaning)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """All observations."""
        family = HistogramMetricFamily(self._name, self._meaning)
        for values, series in list(self._series.items()):
            series.add_to(family, dict(zip(self._names, values, strict=True)))
        yield family
