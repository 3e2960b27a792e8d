"""Spans of calls and images, caught in memory."""

import time

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.results import Line, Page
from edgeocr.model.timing import Stage, Trace
from edgeocr.results.document import Timings
from edgeocr.server.memory.budget import Budget
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.tracing.otlp import OtlpTracing
from tests.server.pool import make_job

METHOD = "edgeocr.v1.OcrService/RecognizeStream"
TRACE_ID, SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SECRET = "what the image says"
POLYGON = ((0.0, 0.0), (9.0, 0.0), (9.0, 5.0), (0.0, 5.0))
READ = Finished((Page(0, 9, 9, (Line(POLYGON, SECRET, 0.75, ()),) * 3),), None, Timings())


class Collected:
    """Tracing whose spans can be looked at once it is closed."""

    def __init__(self):
        self._exporter = InMemorySpanExporter()
        self.tracing = OtlpTracing(self._exporter, "1.2.3")

    def spans(self):
        self.tracing.close()
        return {span.name: span for span in self._exporter.get_finished_spans()}


@pytest.fixture
def collected():
    return Collected()


def job(**values):
    """A job that waited for 2 s, was decoded for 1 s and recognised by two workers for 3 s."""
    received = time.monotonic() - 10
    trace = Trace()
    trace.add(Trace({Stage.DECODE: 1.0}, {Stage.DECODE: (received + 2, received + 3)}))
    for begin in (4, 5):
        trace.add(Trace({Stage.RECOGNISE: 2.0}, {Stage.RECOGNISE: (received + begin, received + begin + 2)}, [8]))
    done = make_job(Budget(1), source=EncodedImage(b""), size_bytes=123, pixels=456, received=received, trace=trace)
    done.started = received + 2
    for name, value in values.items():
        setattr(done, name, value)
    return done


def seconds(span):
    return (span.end_time - span.start_time) / 1e9


def test_a_call_is_part_of_the_callers_trace(collected):
    metadata = [
        ("user-agent", "x"),
        ("traceparent", f"00-{TRACE_ID}-{SPAN_ID}-01"),
        ("tracestate", "vendor=1"),
        ("a-bin", b"\x00"),
    ]
    collected.tracing.call(METHOD, metadata).end("OK")
    span = collected.spans()[METHOD]
    assert f"{span.context.trace_id:032x}" == TRACE_ID
    assert f"{span.parent.span_id:016x}" == SPAN_ID
    assert span.context.trace_state["vendor"] == "1"
    assert span.kind is SpanKind.SERVER
    assert span.attributes["rpc.response.status_code"] == "OK"
    assert span.resource.attributes["service.name"] == "edgeocr"
    assert span.resource.attributes["service.version"] == "1.2.3"
    assert span.status.status_code is StatusCode.UNSET


@pytest.mark.parametrize("header", ["", "garbage", f"00-{'0' * 32}-{SPAN_ID}-01", "x" * 10_000])
def test_a_call_whose_trace_cannot_be_read_begins_its_own(collected, header):
    collected.tracing.call(METHOD, [("traceparent", header)]).end("OK")
    span = collected.spans()[METHOD]
    assert span.parent is None
    assert span.context.trace_id


def test_what_the_caller_does_not_sample_is_not_sent(collected):
    call = collected.tracing.call(METHOD, [("traceparent", f"00-{TRACE_ID}-{SPAN_ID}-00")])
    call.image(time.monotonic(), job(), READ)
    call.end("OK")
    assert not collected.spans()


def test_an_image_has_its_stages_with_their_times(collected):
    call = collected.tracing.call(METHOD, ())
    done = job()
    call.image(done.received, done, READ)
    call.end("OK")
    spans = collected.spans()
    assert set(spans) == {METHOD, "image", "queue", "decode", "recognize"}
    image = spans["image"]
    assert image.parent.span_id == spans[METHOD].context.span_id
    assert {spans[name].parent.span_id for name in ("queue", "decode", "recognize")} == {image.context.span_id}
    assert dict(image.attributes) == {
        "edgeocr.code": "OK", "edgeocr.mode": "page", "edgeocr.pixels": 456, "edgeocr.bytes": 123, "edgeocr.lines": 3,
    }  # fmt: skip
    assert seconds(image) == pytest.approx(10, abs=1)
    assert seconds(spans["queue"]) == pytest.approx(2, abs=0.1)
    assert seconds(spans["decode"]) == pytest.approx(1, abs=0.1)
    assert seconds(spans["recognize"]) == pytest.approx(3, abs=0.1)
    assert dict(spans["recognize"].attributes) == {"edgeocr.busy_seconds": 4.0, "edgeocr.batches": 2}
    assert spans["queue"].end_time == pytest.approx(spans["decode"].start_time, abs=1e8)


def test_a_refused_image_has_its_code_alone(collected):
    error = InvalidInput(f"image: {SECRET}")
    call = collected.tracing.call(METHOD, ())
    call.image(time.monotonic(), None, Finished((), error, Timings()))
    call.end("OK")
    spans = collected.spans()
    assert set(spans) == {METHOD, "image"}
    assert dict(spans["image"].attributes) == {"edgeocr.code": "INVALID_ARGUMENT"}
    assert spans["image"].status.status_code is StatusCode.ERROR


def test_an_image_that_was_dropped_in_the_queue_waited_to_the_end(collected):
    call = collected.tracing.call(METHOD, ())
    done = job(started=None, trace=Trace())
    call.image(done.received, done, Finished((), InvalidInput("late"), Timings()))
    spans = collected.spans()
    assert set(spans) == {"image", "queue"}
    assert seconds(spans["queue"]) == pytest.approx(10, abs=1)


def test_an_image_that_nobody_waits_for_has_no_stages(collected):
    call = collected.tracing.call(METHOD, ())
    done = job()
    call.image(done.received, done, None)
    call.end("CANCELLED")
    spans = collected.spans()
    assert set(spans) == {METHOD, "image"}
    assert spans["image"].attributes["edgeocr.code"] == "CANCELLED"
    assert spans[METHOD].status.status_code is StatusCode.ERROR


def test_no_span_has_a_text(collected):
    call = collected.tracing.call(METHOD, [("authorization", f"Bearer {SECRET}")])
    call.image(time.monotonic(), job(), READ)
    call.image(time.monotonic(), None, Finished((), InvalidInput(SECRET), Timings()))
    call.end("OK")
    assert not [span for span in collected.spans().values() if SECRET in span.to_json()]


def test_a_call_over_http_says_so(collected):
    collected.tracing.call("POST /api/ocr", [("traceparent", f"00-{TRACE_ID}-{SPAN_ID}-01")]).end("OK")
    span = collected.spans()["POST /api/ocr"]
    assert (span.attributes["http.request.method"], span.attributes["http.route"]) == ("POST", "/api/ocr")
    assert "rpc.method" not in span.attributes
    assert f"{span.context.trace_id:032x}" == TRACE_ID
