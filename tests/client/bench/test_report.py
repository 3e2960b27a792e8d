import grpc
import pytest

from edgeocr.client.bench.callers import Answer
from edgeocr.client.bench.report import Report
from edgeocr.client.errors import OcrError
from edgeocr.proto.edgeocr.v1 import ocr_pb2

BEGIN, END = 100.0, 110.0


def read(lines=1, **values):
    page = ocr_pb2.Page(lines=[ocr_pb2.Line(text="text")] * lines)
    return Answer(None, ocr_pb2.Document(pages=[page]), ocr_pb2.Timings(queue_seconds=0.25), **values)


@pytest.fixture
def report():
    return Report(BEGIN, END)


def test_latency_counts_from_when_a_request_was_due(report):
    report.note_sent(101.0, 103.0)
    report.note_answer(101.0, 104.0, read(first_line_at=103.5))
    assert report.latency.max_seconds == 3.0
    assert report.lag.max_seconds == 2.0
    assert report.first_line.max_seconds == 2.5
    assert report.stages["queue"].max_seconds == 0.25


def test_the_warm_up_counts_only_for_what_is_read_within_the_window(report):
    report.note_sent(99.0, 99.0)
    report.note_answer(99.0, 101.0, read(lines=3))
    assert (report.sent, report.answered, report.latency.count) == (0, 0, 0)
    assert (report.images_per_second, report.lines_per_second, report.lines) == (0.1, 0.3, 3)


def test_what_is_answered_after_the_window_has_a_latency_but_no_part_in_the_throughput(report):
    report.note_sent(109.0, 109.0)
    report.note_answer(109.0, 112.0, read())
    assert (report.ok, report.latency.max_seconds, report.images_per_second) == (1, 3.0, 0)


def test_rejections_errors_and_missing_answers_are_distinguished(report):
    full = OcrError(grpc.StatusCode.RESOURCE_EXHAUSTED, "full", retry_seconds=0.5)
    large = OcrError(grpc.StatusCode.RESOURCE_EXHAUSTED, "too large")
    late = OcrError(grpc.StatusCode.DEADLINE_EXCEEDED, "late")
    for answer in (read(), Answer(full), Answer(full), Answer(large), Answer(late), None):
        report.note_sent(102.0, 102.0)
        if answer is not None:
            report.note_answer(102.0, 103.0, answer)
    counts = report.as_dict()
    assert {name: counts[name] for name in ("sent", "answered", "ok", "rejected", "errors", "unanswered")} == {
        "sent": 6,
        "answered": 5,
        "ok": 1,
        "rejected": 2,
        "errors": 2,
        "unanswered": 1,
    }
    assert counts["codes"] == {"DEADLINE_EXCEEDED": 1, "OK": 1, "RESOURCE_EXHAUSTED": 3}
    assert counts["latency_seconds"]["count"] == 1
    assert counts["rejected_latency_seconds"]["count"] == 2
