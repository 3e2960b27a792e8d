"""Callers from 127.0.0.2 who take all that they can, and what is left to those from 127.0.0.1."""

import socket
import time

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.command import EXIT_CUT_OFF
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.http2 import Connection, message
from tests.support.rendering import encoded, line
from tests.support.serving import ServerProcess, eventually, stub

HELLO = encoded(line("hello there"))
RECOGNIZE, STREAM = "/edgeocr.v1.OcrService/Recognize", "/edgeocr.v1.OcrService/RecognizeStream"
WATCH = "/grpc.health.v1.Health/Watch"
WAITING, ANSWERING = (f"edgeocr_admitted_bytes[use={use}]" for use in ("waiting", "answering"))
_LINES = [(f"line {number} {'of many words ' * 6}", 5, 4 + 4 * number) for number in range(700)]
LONG = pdf([PdfPageSpec(_LINES, height=2810, size=4)] * 20)
TEXT = ocr_pb2.RecognizeOptions(
    document=ocr_pb2.DocumentOptions(text_layer=ocr_pb2.TEXT_LAYER_USE), include_characters=True
)


@pytest.fixture
def server():
    with ServerProcess(
        "--http", "127.0.0.1:0", "--workers", "1", "--answer-seconds", "3", "--idle-seconds", "4"
    ) as running:
        yield running
    assert not any("Traceback" in row for row in running.log), "".join(running.log)


def read(server, may_try_again=False):
    """What a caller from another address gets, who may connect again where its connection is refused."""
    with server.channel() as channel:
        request = ocr_pb2.RecognizeRequest(
            image=ocr_pb2.Image(encoded=HELLO), options=ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE)
        )
        answer = stub(channel).Recognize(request, timeout=20, wait_for_ready=may_try_again)
        return answer.document.pages[0].text.replace(" ", "")


def ask_for_much(connection):
    """Begins a call whose answer is of some megabytes."""
    request = ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=LONG), options=TEXT)
    body, stream = message(request.SerializeToString()), connection.open(RECOGNIZE)
    sent, end = 0, time.monotonic() + 20
    while sent < len(body) and time.monotonic() < end:
        connection.take(0.01)
        sent += connection.send(stream, body[sent:], end=True)
    assert sent == len(body)
    return stream


@pytest.mark.parametrize("path", [WATCH, RECOGNIZE, STREAM])
def test_open_calls_are_bounded_and_half_of_them_are_left_to_others(server, path):
    with Connection(server.target) as many, Connection(server.target) as more:
        for connection in (many, more):
            connection.take(0.2)
            for _ in range(400):
                stream = connection.open(path)
                if path == WATCH:
                    connection.send(stream, message(b""))
                connection.take()
        assert read(server) == "hellothere"
        with server.channel() as channel:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        eventually(lambda: server.metrics().get("edgeocr_rejected_total[reason=calls_full]", 0) > 0)


def test_announced_bodies_and_silent_streams_cost_others_nothing(server):
    host, port = server.http.removeprefix("http://").split(":")
    head = "POST /api/ocr HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 15000000\r\n\r\n"
    sockets = [socket.create_connection((host, int(port)), source_address=("127.0.0.2", 0)) for _ in range(8)]
    with Connection(server.target) as silent:
        for one in sockets:
            one.sendall(head.encode())
        for _ in range(50):
            silent.open(STREAM)
        silent.take(0.2)
        assert server.metrics()[WAITING] == 0
        page = {"image": bytes(2_000_000)}
        assert httpx.post(f"{server.http}/api/ocr", files=page, timeout=60).status_code == 415
        assert read(server) == "hellothere"
    for one in sockets:
        one.close()


def test_silent_streams_and_calls_without_a_message_end(server):
    with Connection(server.target) as silent:
        streams = {silent.open(STREAM), silent.open(RECOGNIZE), silent.open("/grpc.health.v1.Health/Check")}
        end = time.monotonic() + 30
        while not streams <= silent.ended and time.monotonic() < end:
            silent.take(0.1)
        assert streams <= silent.ended


def test_an_answer_that_nobody_reads_is_held_and_then_its_connection_ends(server):
    with Connection(server.target, window=0) as unread:
        unread.take(0.2)
        ask_for_much(unread)
        eventually(lambda: server.metrics()[ANSWERING] > 0)
        assert read(server) == "hellothere"
        end = time.monotonic() + 30
        while not unread.closed and time.monotonic() < end:
            unread.take(0.1)
        assert unread.closed
    eventually(lambda: server.metrics()[ANSWERING] == 0)
    assert any("answer_seconds" in row for row in server.log)


def test_an_answer_over_http_that_nobody_reads_is_held_and_then_its_connection_ends(server):
    host, port = server.http.removeprefix("http://").split(":")
    unread = socket.socket()
    unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    unread.bind(("127.0.0.2", 0))
    unread.connect((host, int(port)))
    head = f"Host: localhost\r\nContent-Type: application/pdf\r\nContent-Length: {len(LONG)}\r\n\r\n"
    unread.sendall(b"POST /api/ocr?text_layer=use&characters=1 HTTP/1.1\r\n" + head.encode() + LONG)
    eventually(lambda: server.metrics()[ANSWERING] > 0)
    eventually(lambda: any("answer_seconds" in row for row in server.log), 30)
    eventually(lambda: server.metrics()[ANSWERING] == 0)
    unread.close()


@pytest.mark.parametrize(("drain_seconds", "allowed", "code"), [("20", 500_000, 0), ("1", 1000, EXIT_CUT_OFF)])
def test_a_drain_waits_for_slow_readers_and_its_exit_code_says_if_one_was_cut_off(drain_seconds, allowed, code):
    with ServerProcess("--workers", "1", "--drain-seconds", drain_seconds) as server:
        with Connection(server.target) as slow:
            slow.take(0.2)
            stream = ask_for_much(slow)
            end = time.monotonic() + 30
            while not slow.got.get(stream) and time.monotonic() < end:
                slow.take(0.1)
            server.terminate()
            while stream not in slow.ended and not slow.closed and time.monotonic() < end:
                slow.allow(stream, allowed)
                slow.take(0.05)
                time.sleep(0.1)
        assert server.process.wait(30) == code


def test_a_caller_beyond_its_share_is_asked_to_retry(server):
    with Connection(server.target) as many:
        many.take(0.2)
        for _ in range(120):
            many.open(STREAM)
        many.take(0.2)
        with server.channel() as channel:
            calls = [stub(channel).RecognizeStream(iter(())) for _ in range(2)]
            assert {call.code() for call in calls} == {grpc.StatusCode.INVALID_ARGUMENT}, "others have their own share"


def test_one_address_cannot_keep_others_from_connecting():
    with ServerProcess("--workers", "1", "--connections", "8") as running:
        many = [Connection(running.target) for _ in range(16)]

        def ended():
            for one in many:
                one.take(0.01)
            return sum(one.closed for one in many)

        eventually(lambda: ended() == 12)
        # gRPC may see a little later than its callers which connections have ended.
        assert read(running, may_try_again=True) == "hellothere"
        assert ended() == 12, "half of what there may be stays"
        for one in many:
            one.close()
