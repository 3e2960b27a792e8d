"""A moment in which the server can open nothing: harmless to those who are there, and over once it is over."""

import os
import resource
import socket

import grpc
import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess, configuration, eventually, image, stub

LINE = encoded(line("a line"))
DENSE = encoded(page([(f"Line number {number} of many", (40, 40 * number)) for number in range(14)]))
_MOST_ROWS = 100


@pytest.fixture
def server(weights):
    with ServerProcess("--workers", "1", "--http", "127.0.0.1:0", "--queue-seconds", "0.1") as running:
        yield running


def test_without_descriptors_nobody_meets_a_bug_and_all_is_as_before_afterwards(server):
    pid = server.process.pid
    ports = [int(address.rpartition(":")[2]) for address in (server.target, server.http)] + [server.metrics_port]
    line_request = ocr_pb2.RecognizeRequest(
        image=ocr_pb2.Image(encoded=LINE), options=ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE)
    )
    with server.channel() as channel:
        stub(channel).Recognize(line_request)
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE, (len(os.listdir(f"/proc/{pid}/fd")), hard))
        held = [socket.create_connection(("127.0.0.1", port)) for port in ports for _ in range(20)]
        calls = [stub(channel).Recognize.future(line_request, timeout=20) for _ in range(5)]
        assert {call.code() for call in calls} <= {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}
        for connection in held:
            connection.close()
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        # Whoever waits for longer than queue_seconds is told so by what looks after the queue.
        pages = [image(str(number), DENSE) for number in range(8)]
        answers = list(stub(channel).RecognizeStream(iter([configuration(ocr_pb2.MODE_PAGE), *pages])))
        ends = [answer.completion.error for answer in answers if answer.HasField("completion")]
        assert any("queue_seconds" in error.message for error in ends)
    eventually(lambda: server.metrics()["edgeocr_serving"] == 1)
    assert len(server.log) < _MOST_ROWS, "".join(server.log[-5:])
    assert not any("could not be read" in row for row in server.log)
