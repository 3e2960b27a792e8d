"""One rule for when to ask again, whoever asks."""

import time

import grpc
import pytest

from edgeocr.client import OcrError, RetryPolicy

POLICY = RetryPolicy(attempts=3, initial_seconds=1.0, max_seconds=3.0, multiplier=2.0)
UNAVAILABLE = OcrError(grpc.StatusCode.UNAVAILABLE, "gone")
FULL = OcrError(grpc.StatusCode.RESOURCE_EXHAUSTED, "full", retry_seconds=10.0)


def test_a_server_that_is_gone_is_asked_at_growing_intervals_and_then_no_more():
    first, second = (POLICY.next_delay_seconds(UNAVAILABLE, failures) for failures in (1, 2))
    assert 0.5 <= first <= 1.0 <= second <= 2.0
    assert POLICY.next_delay_seconds(UNAVAILABLE, 3) is None


def test_a_hint_is_exceeded_and_more_each_time():
    first, second = (POLICY.next_delay_seconds(FULL, failures) for failures in (1, 2))
    assert 10.0 <= first <= 15.0
    assert 20.0 <= second <= 30.0
    assert POLICY.next_delay_seconds(FULL, 3) is None


def test_with_a_deadline_hints_are_heeded_until_then():
    now = time.monotonic()
    assert 30.0 <= POLICY.next_delay_seconds(FULL, 50, now + 3600) <= 45.0
    assert POLICY.next_delay_seconds(FULL, 1, now + 5) is None
    assert POLICY.next_delay_seconds(UNAVAILABLE, 1, now + 0.1) is None


@pytest.mark.parametrize(
    "error",
    [
        OcrError(grpc.StatusCode.INVALID_ARGUMENT, "wrong"),
        OcrError(grpc.StatusCode.RESOURCE_EXHAUSTED, "too large"),
        OcrError(grpc.StatusCode.RESOURCE_EXHAUSTED, "in a lifetime", retry_seconds=1e9),
    ],
)
def test_other_errors_are_final(error):
    assert POLICY.next_delay_seconds(error, 1) is None
