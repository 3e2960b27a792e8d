"""Senders of a byte now and then, over real connections: what they sent is not held for good."""

import itertools
import socket
import threading
import time
from contextlib import suppress

import grpc
import httpx
import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.support.rendering import encoded, line
from tests.support.serving import ServerProcess, configuration, eventually, stub

HELLO = encoded(line("hello there"))
SENT_BYTES = 2_000_000
WAITING = "edgeocr_admitted_bytes[use=waiting]"


@pytest.fixture(scope="module")
def server(weights):
    with ServerProcess("--http", "127.0.0.1:0", "--upload-seconds", "3") as running:
        yield running
    assert not any("Traceback" in row for row in running.log), "".join(running.log)


def trickle(connection, answers):
    """Sends a byte now and then until there is an answer, and takes all of that."""
    said = b""
    # A byte that meets the end of the connection resets it, and what was said may be lost by that.
    with suppress(ConnectionError):
        connection.settimeout(0.25)
        while not said:
            try:
                said = connection.recv(2000)
            except TimeoutError:
                connection.sendall(b"a")
        connection.settimeout(20)
        while more := connection.recv(2000):
            said += more
    answers.append(said)


def test_bodies_that_trickle_are_ended_while_others_are_read(server):
    host, port = server.http.removeprefix("http://").split(":")
    answers, threads = [], []
    for _ in range(3):
        connection = socket.create_connection((host, int(port)), timeout=20)
        fields = "Host: localhost\r\nContent-Type: image/png\r\nContent-Length: 3000000"
        connection.sendall(f"POST /api/ocr HTTP/1.1\r\n{fields}\r\n\r\n".encode() + bytes(SENT_BYTES))
        threads.append((threading.Thread(target=trickle, args=(connection, answers)), connection))
    eventually(lambda: server.metrics()[WAITING] >= 3 * SENT_BYTES)
    for thread, _ in threads:
        thread.start()
    read = httpx.post(f"{server.http}/api/ocr?mode=line", files={"image": HELLO}, timeout=60)
    assert read.json()["text"][0].replace(" ", "") == "hellothere"
    for thread, connection in threads:
        thread.join()
        connection.close()
    assert len(answers) == 3, "all have ended"
    heard = [answer for answer in answers if answer]
    assert {answer.partition(b"\r\n")[0] for answer in heard} == {b"HTTP/1.1 408 Request Timeout"}
    assert all(b"application/problem+json" in answer and b"upload_seconds" in answer for answer in heard)
    eventually(lambda: server.metrics()[WAITING] == 0)


def test_chunks_that_trickle_are_ended_and_their_stream_goes_on(server):
    ended = threading.Event()

    def messages():
        yield configuration(ocr_pb2.MODE_LINE, omit_line_events=True)
        first = ocr_pb2.Image(encoded=bytes(SENT_BYTES))
        yield ocr_pb2.RecognizeStreamRequest(image=ocr_pb2.StreamImage(id="slow", image=first, more=True))
        for _ in itertools.takewhile(lambda _: not ended.is_set(), itertools.count()):
            yield ocr_pb2.RecognizeStreamRequest(chunk=ocr_pb2.ImageChunk(data=b"a"))
            time.sleep(0.05)
        yield ocr_pb2.RecognizeStreamRequest(chunk=ocr_pb2.ImageChunk(last=True))
        yield ocr_pb2.RecognizeStreamRequest(image=ocr_pb2.StreamImage(id="next", image=ocr_pb2.Image(encoded=HELLO)))

    with server.channel() as channel:
        answers = stub(channel).RecognizeStream(messages())
        slow = next(answers).completion
        ended.set()
        (following,) = [answer.completion for answer in answers]
    assert slow.error.code == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
    assert "upload_seconds" in slow.error.message
    assert following.document.pages[0].text.replace(" ", "") == "hellothere"
    eventually(lambda: server.metrics()[WAITING] == 0)
