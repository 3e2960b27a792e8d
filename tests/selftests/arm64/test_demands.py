from pathlib import Path

import pytest

from tests.checks.arm64.counts import Count
from tests.checks.arm64.demands import demands
from tests.checks.arm64.strings import Comparison

ARM, PLAIN_ARM = "neoverse-n1", "cortex-a72"


def counted(total: int, dot: int = 0, beyond: int = 0) -> Count:
    return Count(total=total, dot=dot, integer=0, single=1, half=0, beyond=beyond)


def failures(rows=(), comparisons=()):
    return [demand.text for demand in demands(rows, comparisons) if not demand.holds]


def test_a_good_network_meets_every_demand():
    rows = [
        ("ours", ARM, counted(100, dot=9)),
        ("ours, FP32", ARM, counted(200)),
        ("PP-OCRv6 small, FP32", ARM, counted(250)),
        ("ours", PLAIN_ARM, counted(240)),
    ]
    assert failures(rows, [Comparison("arm", 200, ((Path("a"), "O", "0"),))]) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("ours", ARM, counted(100)), "SDOT and UDOT run"),
        (("ours, FP32", ARM, counted(199)), "1.99 times fewer instructions than ours, FP32"),
        (("PP-OCRv6 small, FP32", ARM, counted(249)), "2.49 times fewer instructions than PP-OCRv6 small"),
        (("ours, FP32", ARM, counted(300, beyond=1)), "the CPU lacks"),
    ],
)
def test_each_count_has_its_demand(row, words):
    (failed,) = failures([("ours", ARM, counted(100, dot=9)), row])
    assert words in failed


def test_one_string_in_a_hundred_is_too_many():
    comparison = Comparison("x86", 100, ((Path("a"), "O", "0"),))
    (failed,) = failures(comparisons=[comparison])
    assert failed.startswith("x86: 99.00% of 100 strings")
