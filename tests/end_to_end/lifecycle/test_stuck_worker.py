import grpc
import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.support.rendering import encoded, line
from tests.support.serving import ServerProcess, stub

_ARGUMENTS = ("--fault", "stall", "--workers", "1", "--stuck-seconds", "1", "--drain-seconds", "1")


def test_a_worker_that_will_not_come_back_ends_the_server_with_a_line_that_says_why():
    request = ocr_pb2.RecognizeRequest(
        image=ocr_pb2.Image(encoded=encoded(line("hangs"))), options=ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE)
    )
    with ServerProcess(*_ARGUMENTS, module="tests.checks.proof.rig.faulty_server") as server:
        with server.channel() as channel, pytest.raises(grpc.RpcError):
            stub(channel).Recognize(request)
        assert server.process.wait(30) == 70
        (said,) = (row for row in server.log if "will not come back" in row)
    assert "an image of ipv4:127.0.0.1" in said
    assert f"(image/png, {len(request.image.encoded)} bytes, " in said
    assert any("a worker did not stop" in row for row in server.log)
