import grpc
import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.support.rendering import encoded, line
from tests.support.serving import ServerProcess, configuration, image, stub

_ARGUMENTS = ("--fault", "stall", "--workers", "1", "--stuck-seconds", "1", "--drain-seconds", "1")


def test_a_worker_that_will_not_come_back_ends_the_server_with_a_line_that_says_why():
    data = encoded(line("hangs"))
    messages = [configuration(ocr_pb2.MODE_LINE), image("page\n7", data)]
    with ServerProcess(*_ARGUMENTS, module="tests.checks.proof.rig.faulty_server") as server:
        with server.channel() as channel, pytest.raises(grpc.RpcError):
            list(stub(channel).RecognizeStream(iter(messages)))
        assert server.process.wait(30) == 70
        (said,) = (row for row in server.log if "counts as lost" in row)
    assert "an image 'page\\n7' of 127.0.0.1 " in said
    assert f"(image/png, {len(data)} bytes, " in said
    assert any("a worker did not stop" in row for row in server.log)
