"""Files as large as people have them are read on defaults, whichever way they are sent."""

import struct
import zlib

import httpx
import pytest

from edgeocr.client import Client
from edgeocr.client.local import LocalServer
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, line
from tests.support.serving import ServerProcess, eventually

_PADDING_BYTES = 27_000_000


def padded_png():
    """An image with a chunk that nobody needs."""
    data = encoded(line("hello there"))
    chunk = b"prVt" + bytes(_PADDING_BYTES)
    return data[:-12] + struct.pack(">I", _PADDING_BYTES) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[-12:]


def padded_pdf():
    """A document with a comment that nobody reads before its end."""
    head, mark, tail = pdf([PdfPageSpec(image=line("hello there"), width=600, height=60)]).rpartition(b"startxref")
    return head + b"%" + b"x" * _PADDING_BYTES + b"\n" + mark + tail


FILES = pytest.mark.parametrize("make", [padded_png, padded_pdf])


@FILES
def test_a_private_server_reads_them(weights, make):
    with LocalServer() as server, Client(server.target) as client:
        assert client.read(make()).pages[0].text == "hello there"


@FILES
def test_a_server_of_little_memory_reads_them(server, make):
    with Client(server.target) as client:
        assert client.read(make()).pages[0].text == "hello there"
    eventually(lambda: server.metrics()["edgeocr_admitted_bytes[use=spooled]"] == 0)


@FILES
def test_they_are_read_over_http(weights, make):
    data, media_type = make(), "image/png" if make is padded_png else "application/pdf"
    with ServerProcess("--http", "127.0.0.1:0") as server:
        address = f"{server.http}/api/ocr"
        for sent in ({"files": {"image": ("a", data)}}, {"content": data, "headers": {"content-type": media_type}}):
            answer = httpx.post(address, timeout=60, **sent)
            assert " ".join(answer.json()["text"]) == "hello there"
        eventually(lambda: server.metrics()["edgeocr_admitted_bytes[use=spooled]"] == 0)
        assert server.metrics()["process_resident_memory_bytes"] < 300 << 20


def test_without_a_disk_a_refusal_says_what_a_server_needs_to_take_one(weights):
    with ServerProcess("--spool-dir", "off") as server, Client(server.target) as client:
        (result,) = client.read_many([("a", padded_pdf())])
        assert client.info().limits.spool_bytes == 0
    assert result.error is not None
    assert "--memory-budget" in result.error.message


def test_a_folder_in_memory_is_not_used(weights):
    with ServerProcess("--spool-dir", "/dev/shm") as server:  # noqa: S108
        assert server.metrics()["edgeocr_spool_bytes"] == 0
    assert any("large files stay in memory" in row for row in server.log)
