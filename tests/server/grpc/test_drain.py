"""The services at their end, without a network."""

import asyncio

import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.errors import Draining
from edgeocr.server.grpc.call import CURRENT, Call
from edgeocr.server.grpc.open_inference.servicer import InferenceServicer
from edgeocr.server.grpc.servicer import OcrServicer
from edgeocr.server.inference.model import InferenceModel
from edgeocr.server.lifecycle import calls as module
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.tracing.tracer import NoTracing


class FakeContext:
    """A call without a deadline."""

    def peer(self):
        return "somebody"

    def invocation_metadata(self):
        return ()

    def time_remaining(self):
        return None


async def nothing_yet():
    await asyncio.Event().wait()
    yield None


def describe():
    return ocr_pb2.GetServerInfoResponse(limits=ocr_pb2.Limits(stream_images=1))


SERVICES = {
    "own": lambda lifecycle: OcrServicer(None, Metrics(), describe, lifecycle).RecognizeStream,
    "other": lambda lifecycle: (
        InferenceServicer(InferenceModel("1", None, Metrics(), 1), Metrics(), lifecycle).ModelStreamInfer
    ),
}


@pytest.mark.parametrize("service", SERVICES)
async def test_a_call_that_comes_late_is_refused_before_the_services_are_idle(monkeypatch, service):
    monkeypatch.setattr(module, "_LULL_SECONDS", 0.05)
    lifecycle = Lifecycle(NoTracing())
    idle = asyncio.create_task(lifecycle.idle())
    await asyncio.sleep(0)
    CURRENT.set(Call("client"))
    end = lifecycle.begin()
    late = asyncio.create_task(anext(SERVICES[service](lifecycle)(nothing_yet(), FakeContext())))
    await asyncio.sleep(0.1)
    assert not idle.done()
    lifecycle.draining.set()
    with pytest.raises(Draining):
        await late
    assert not idle.done()
    end()
    await idle
