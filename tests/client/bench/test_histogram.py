import random

import pytest

from edgeocr.client.bench.histogram import Histogram


def test_percentiles_are_within_one_percent_of_the_sorted_values():
    values = sorted(random.Random(1).lognormvariate(-4, 1.5) for _ in range(20_000))
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    for share in (0.5, 0.9, 0.99, 0.999, 1.0):
        exact = values[round(share * len(values)) - 1]
        assert exact <= histogram.percentile(share) * (1 + 1e-9) <= exact * 1.0101
    assert histogram.count == 20_000
    assert histogram.max_seconds == values[-1]
    assert histogram.mean_seconds == pytest.approx(sum(values) / len(values))


def test_no_percentile_is_beyond_the_maximum():
    histogram = Histogram()
    histogram.record(0.0301)
    assert histogram.percentile(0.5) == histogram.percentile(0.999) == 0.0301


def test_what_is_shorter_than_a_microsecond_counts():
    histogram = Histogram()
    for seconds in (0.0, 1e-9, 1e-6):
        histogram.record(seconds)
    assert histogram.count == 3
    assert histogram.percentile(0.5) == pytest.approx(1e-6)


def test_an_empty_one_is_all_zero():
    assert set(Histogram().summary().values()) == {0}
    assert list(Histogram().cumulative()) == []


def test_the_last_cumulative_count_is_the_count():
    histogram = Histogram()
    for seconds in (0.1, 0.1, 0.2, 3):
        histogram.record(seconds)
    bounds, counts = zip(*histogram.cumulative(), strict=True)
    assert counts == (2, 3, 4)
    assert bounds == tuple(sorted(bounds))
