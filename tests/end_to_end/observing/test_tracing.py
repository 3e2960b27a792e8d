"""Traces of a real server, taken by a collector that speaks OTLP."""

from concurrent import futures

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.proto.inference import open_inference_pb2_grpc
from tests.end_to_end.reading.test_open_inference import request
from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess, configuration, image, stub

TRACE_ID, SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = (("traceparent", f"00-{TRACE_ID}-{SPAN_ID}-01"),)
SECRET = "confidential"
PAGE = encoded(page([(SECRET, (60, 60)), ("Second line", (60, 160))]))


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps every request that it is sent."""

    def __init__(self):
        self.requests = []

    def Export(self, request, context):
        self.requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()

    def spans(self):
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector():
    collector = Collector()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    collector.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield collector
    server.stop(None).wait()


def stop(server):
    """Ends the server in order, which sends what was not yet sent."""
    server.terminate()
    assert server.process.wait(30) == 0


def attributes(span):
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def children(spans, parent):
    return sorted(span.name for span in spans if span.parent_span_id == parent.span_id)


def test_unary_and_stream_calls_are_parts_of_the_callers_trace(weights, collector):
    with ServerProcess("--otlp-endpoint", collector.target) as server, server.channel() as channel:
        service = stub(channel)
        service.Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=PAGE)), metadata=PARENT)
        requests = [configuration(ocr_pb2.MODE_LINE), image("a", encoded(line("streamed"))), image("b", b"garbage")]
        assert len(list(service.RecognizeStream(iter(requests), metadata=PARENT))) == 3
        inference = open_inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        inference.ModelInfer(request(encoded(line("one")), encoded(line("two"))), metadata=PARENT)
        with pytest.raises(grpc.RpcError):
            inference.ModelInfer(request(b"garbage"), metadata=PARENT)
        stop(server)
    spans = collector.spans()
    assert {span.trace_id.hex() for span in spans} == {TRACE_ID}
    unary, stream, infer, refused = sorted(
        (span for span in spans if span.parent_span_id.hex() == SPAN_ID), key=lambda span: span.start_time_unix_nano
    )
    assert [span.name for span in (unary, stream, infer)] == [
        "edgeocr.v1.OcrService/Recognize",
        "edgeocr.v1.OcrService/RecognizeStream",
        "inference.GRPCInferenceService/ModelInfer",
    ]
    assert attributes(refused)["rpc.response.status_code"] == "INVALID_ARGUMENT"
    (damaged,) = (span for span in spans if span.parent_span_id == refused.span_id)
    assert (damaged.name, attributes(damaged)["edgeocr.code"]) == ("image", "INVALID_ARGUMENT")
    (read,) = (span for span in spans if span.parent_span_id == unary.span_id)
    assert children(spans, read) == ["decode", "detect", "queue", "recognize"]
    assert attributes(read)["edgeocr.pixels"] == 800 * 600
    assert attributes(read)["edgeocr.lines"] == 2
    for stage in (span for span in spans if span.parent_span_id == read.span_id):
        assert unary.start_time_unix_nano <= stage.start_time_unix_nano + 1e6
        assert stage.start_time_unix_nano <= stage.end_time_unix_nano <= unary.end_time_unix_nano + 1e6
    images = [span for span in spans if span.parent_span_id == stream.span_id]
    assert sorted(attributes(span)["edgeocr.code"] for span in images) == ["INVALID_ARGUMENT", "OK"]
    assert sorted(map(len, (children(spans, span) for span in images))) == [0, 4]
    assert children(spans, infer) == ["image", "image"]
    assert not any(SECRET.encode() in request.SerializeToString() for request in collector.requests)
    (resource,) = {tuple((one.key, one.value.string_value) for one in request.resource_spans[0].resource.attributes)
                   for request in collector.requests}  # fmt: skip
    assert ("service.name", "edgeocr") in resource


def test_nothing_is_sent_unless_asked_for(weights, collector, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{collector.target}")
    with ServerProcess() as server, server.channel() as channel:
        stub(channel).Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=PAGE)), metadata=PARENT)
        stop(server)
    assert not collector.requests


def test_a_collector_that_is_not_there_holds_up_nobody(weights):
    with ServerProcess("--otlp-endpoint", "127.0.0.1:1") as server, server.channel() as channel:
        answer = stub(channel).Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=PAGE)))
        assert len(answer.document.pages[0].lines) == 2
        stop(server)
