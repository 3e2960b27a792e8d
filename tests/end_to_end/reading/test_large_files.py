"""Files as large as people have them are read on defaults, whichever way they are sent."""

import struct
import zlib

import httpx
import pytest

from edgeocr.client import Client
from edgeocr.client.local import LocalServer
from tests.support.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, line
from tests.support.serving import ServerProcess

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
def test_a_server_reads_them_unless_its_budget_is_small(weights, make):
    with ServerProcess("--http", "127.0.0.1:0", "--memory-budget", "auto") as server:
        with Client(server.target) as client:
            assert client.read(make()).pages[0].text == "hello there"
        answer = httpx.post(f"{server.http}/api/ocr", files={"image": ("a", make())}, timeout=60)
        assert " ".join(answer.json()["text"]) == "hello there"


def test_a_refusal_says_what_a_server_needs_to_take_one(server):
    with Client(server.target) as client:
        (result,) = client.read_many([("a", padded_pdf())])
    assert result.error is not None
    assert "--memory-budget" in result.error.message
