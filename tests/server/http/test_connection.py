"""A real listener in the test's own loop: bodies and heads that do not come."""

import asyncio

import pytest

from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.http import connection
from edgeocr.server.http.bodies import chunks
from edgeocr.server.http.server import HttpServer
from edgeocr.server.memory import upload
from edgeocr.server.memory.reservation import Use
from edgeocr.server.settings.config import Config
from tests.support.rendering import encoded, line

HELLO = encoded(line("hello"))
HEAD = "POST /api/ocr?mode=line HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
WINDOW_IMAGES = 4
"""Of the model that these tests serve."""


def listening(serving):
    parts = serving.admission, serving.lifecycle, serving.metrics, AccessPolicy(), serving.inference
    return HttpServer("127.0.0.1:0", Config(), *parts)


@pytest.fixture
async def address(serving):
    transport = listening(serving)
    yield (await transport.start()).rstrip("/").rpartition(":")[2]
    assert await serving.lifecycle.drained(5)
    await transport.stop()


async def talk(port, data, *, end=True):
    """What the server says to that until it closes the connection, or, without an end, just the streams."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    writer.write(data)
    if not end:
        return reader, writer
    said = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return said


def post(length, body, more=""):
    return f"{HEAD}Content-Length: {length}\r\n{more}\r\n".encode() + body


async def test_a_body_that_stops_coming_is_given_up_and_holds_nothing(address, serving, monkeypatch):
    monkeypatch.setattr(upload, "CHUNK_SECONDS", 0.05)
    said = await talk(address, post(1000, b"begun"))
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"chunk_seconds" in said
    assert serving.budget.used_bytes()[Use.WAITING] == 0


async def test_a_sender_may_take_its_time_for_each_file_of_a_form_again(address, serving):
    serving.admission.upload_seconds = 2
    # A file's end is known by the boundary after it.
    part = b'\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + HELLO + b"\r\n--b"
    fields = f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {3 + 3 * len(part) + 4}"
    head = f"POST /api/ocr?mode=line HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\r\n"
    reader, writer = await talk(address, head.encode() + b"--b", end=False)
    for _ in range(3):
        writer.write(part[:100])
        await asyncio.sleep(0.8)
        writer.write(part[100:])
    writer.write(b"--\r\n")
    assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"HTTP/1.1 200 ")
    writer.close()


@pytest.mark.parametrize("media_type", ["image/png", "application/json", "multipart/form-data; boundary=b"])
async def test_a_body_that_trickles_is_given_up_and_holds_nothing(address, serving, media_type):
    serving.admission.upload_seconds = 0.3
    begun = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + bytes(1000)
    fields = f"Host: localhost\r\nContent-Type: {media_type}\r\nContent-Length: 100000"
    head = f"POST /api/ocr HTTP/1.1\r\n{fields}\r\n\r\n"
    reader, writer = await talk(address, head.encode() + begun, end=False)
    answer = asyncio.create_task(reader.readuntil(b"(upload_seconds)"))
    while not answer.done():
        writer.write(b"a")
        await asyncio.sleep(0.02)
    assert (await answer).startswith(b"HTTP/1.1 408 ")
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0)
    writer.close()


@pytest.mark.parametrize("begun", [b"", b"GET / HT", post(len(HELLO), HELLO) + b"GET / HT"])
async def test_a_head_that_does_not_come_is_given_up(serving, monkeypatch, begun):
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    transport = listening(serving)
    port = (await transport.start()).rstrip("/").rpartition(":")[2]
    said = await talk(port, begun)
    assert said.count(b"HTTP/1.1 200 OK") == begun.count(b"POST")
    await transport.stop()


async def test_a_head_in_time_is_not_given_up_while_its_body_comes_and_its_answer_goes(address, monkeypatch):
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.1)
    reader, writer = await talk(address, post(len(HELLO), HELLO[:100]), end=False)
    await asyncio.sleep(0.3)
    writer.write(HELLO[100:])
    said = await asyncio.wait_for(reader.readuntil(b"}]}"), 20)
    assert said.startswith(b"HTTP/1.1 200 ")
    writer.close()


async def test_who_waits_for_leave_to_send_is_refused_without_sending(address):
    said = b""
    reader, writer = await talk(address, post(10**12, b"", "Expect: 100-continue\r\n"), end=False)
    while b"file_bytes" not in said:
        said += await asyncio.wait_for(reader.read(1000), 20)
    assert said.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in said
    writer.close()


async def test_a_chunked_body_is_taken_as_well(address):
    body = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in (HELLO[:50], HELLO[50:], b""))
    said = await talk(address, f"{HEAD}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode() + body)
    assert b'"hello"' in said.replace(b" ", b"").partition(b'"text":[')[2]


async def test_what_is_no_http_is_refused(address):
    assert (await talk(address, b"\x16\x03\x01 hello\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


async def test_a_body_waits_for_room_and_is_refused_with_a_hint_if_there_is_none_in_time(address, serving, monkeypatch):
    most = serving.budget.most_bytes(Use.WAITING)
    full = serving.budget.hold(Use.WAITING, most)
    monkeypatch.setattr(chunks, "ROOM_SECONDS", 0.1)
    said = await talk(address, post(len(HELLO), HELLO, "Connection: close\r\n"))
    assert said.startswith(b"HTTP/1.1 429 ")
    assert b"waiting_bytes" in said
    monkeypatch.setattr(chunks, "ROOM_SECONDS", 20)
    waiting = asyncio.create_task(talk(address, post(len(HELLO), HELLO, "Connection: close\r\n")))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    full.release()
    assert (await waiting).startswith(b"HTTP/1.1 200 ")


async def test_a_body_holds_what_has_come_of_it_and_nothing_that_it_announces(address, serving):
    _, writer = await talk(address, post(1_000_000, bytes(100)), end=False)
    await asyncio.sleep(0.1)
    assert serving.budget.used_bytes()[Use.WAITING] == 100
    writer.close()
    await asyncio.sleep(0.1)
    assert serving.budget.used_bytes()[Use.WAITING] == 0


async def test_images_of_a_batch_that_wait_for_their_turn_are_let_go_of_with_it(address, serving, monkeypatch):
    jobs = []
    monkeypatch.setattr(serving.queue, "put", jobs.append)
    part = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + HELLO + b"\r\n"
    body = part * (WINDOW_IMAGES + 8) + b"--b--\r\n"
    head = "POST /api/ocr HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    reader, writer = await talk(address, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body, end=False)
    while len(jobs) < WINDOW_IMAGES:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert len(jobs) == WINDOW_IMAGES
    assert serving.budget.used_bytes()[Use.WAITING] >= (WINDOW_IMAGES + 1) * len(HELLO)
    serving.lifecycle.draining.set()
    assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"HTTP/1.1 503 ")
    assert {job.cancelled for job in jobs} == {True}
    for job in jobs:
        job.drop()
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0)
    writer.close()


async def test_a_body_that_finds_no_more_room_leaves_nothing_behind(address, serving, monkeypatch):
    monkeypatch.setattr(chunks, "ROOM_SECONDS", 0.1)
    reader, writer = await talk(address, post(300_000, bytes(100)), end=False)
    await asyncio.sleep(0.1)
    full = serving.budget.hold(Use.WAITING, serving.budget.most_bytes(Use.WAITING))
    writer.write(bytes(299_900))
    assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"HTTP/1.1 429 ")
    full.release()
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0)
    writer.close()
