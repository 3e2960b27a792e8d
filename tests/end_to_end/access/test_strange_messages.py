"""Messages that no client of ours sends: what cannot be parsed, and what would be unpacked."""

import grpc
import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc


@pytest.mark.parametrize(
    "method", ["grpc.health.v1.Health/Watch", "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"]
)
def test_what_nobody_foresaw_in_other_services_is_no_news_for_the_caller(server, method):
    with server.channel() as channel:
        call = channel.stream_stream(f"/{method}")
        with pytest.raises(grpc.RpcError) as error:
            list(call(iter([b"\xff\xff\xff"])))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.value.details() == "message: cannot be parsed as the method's request"
    assert not any("Traceback" in row for row in server.log)


def test_messages_that_would_be_unpacked_are_not_taken(server):
    request = ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=bytes(1_000_000)))
    with (
        grpc.insecure_channel(server.target, compression=grpc.Compression.Gzip) as channel,
        pytest.raises(grpc.RpcError) as refusal,
    ):
        ocr_pb2_grpc.OcrServiceStub(channel).Recognize(request)
    assert refusal.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "gzip" in refusal.value.details()
