"""The service at its end, without a network."""

import asyncio

import grpc
import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.grpc import servicer
from edgeocr.server.grpc.servicer import OcrServicer
from edgeocr.server.metrics import Metrics


class Aborted(Exception):
    pass


class FakeContext:
    """A call that says how it was ended."""

    def peer(self):
        return "somebody"

    def time_remaining(self):
        return None

    async def abort(self, code, details, trailing_metadata=()):
        raise Aborted(code)


async def nothing_yet():
    await asyncio.Event().wait()
    yield ocr_pb2.RecognizeStreamRequest()


async def test_a_call_that_comes_late_is_refused_before_the_service_is_idle(monkeypatch):
    monkeypatch.setattr(servicer, "_LULL_SECONDS", 0.05)
    service = OcrServicer(None, Metrics(), ocr_pb2.GetServerInfoResponse(limits=ocr_pb2.Limits(stream_images=1)))
    idle = asyncio.create_task(service.idle())
    await asyncio.sleep(0)
    late = asyncio.create_task(anext(service.RecognizeStream(nothing_yet(), FakeContext())))
    await asyncio.sleep(0.1)
    assert not idle.done()
    service.drain()
    with pytest.raises(Aborted) as refusal:
        await late
    assert refusal.value.args == (grpc.StatusCode.UNAVAILABLE,)
    await idle
