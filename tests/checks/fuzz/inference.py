"""Calls of the Open Inference Protocol: one request, or a stream of requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing

from edgeocr.model.errors import Code, EdgeOcrError
from edgeocr.proto.inference import open_inference_pb2
from edgeocr.server.grpc.call import Call
from edgeocr.server.grpc.interceptors.errors import parse_or_refuse
from edgeocr.server.grpc.open_inference.model import ServedModel
from edgeocr.server.grpc.open_inference.stream import InferenceStream
from edgeocr.server.inference.model import InferenceModel
from edgeocr.server.tracing.tracer import NoTracing
from tests.checks.fuzz.harness import METRICS, Harness, InstantQueue, check_error, run

_parse = parse_or_refuse(open_inference_pb2.ModelInferRequest.FromString)
_MOST_IMAGES = 3


def inference(data: bytes) -> None:
    """Bytes of choices, then a serialised ModelInferRequest."""
    if data:
        run(_ask(data[0], data[1:]))


async def _ask(choices: int, data: bytes) -> None:
    harness = Harness(InstantQueue(lambda: choices % 4 - 1))
    model = ServedModel(InferenceModel("1", harness.admission, METRICS, _MOST_IMAGES))
    trace = NoTracing().call("", ())
    try:
        if choices & 4:
            asked = model.question(_parse(data))
            with closing(model.session("ModelInfer", trace, Call("fuzz"))) as session:
                (await model.answer(session, asked, "id", None)).SerializeToString()
        else:
            call, count = InferenceStream(model, harness.lifecycle, trace, Call("fuzz"), "", None), 0
            async for response in call.answers(_repeated(data, choices >> 4)):
                response.SerializeToString()
                assert not response.error_message.startswith(Code.INTERNAL), response
                count += 1
            assert count == choices >> 4, count
    except EdgeOcrError as error:
        check_error(error, Code.NOT_FOUND)
    await asyncio.sleep(0)
    harness.check_nothing_is_left()


async def _repeated(data: bytes, count: int) -> AsyncIterator[open_inference_pb2.ModelInferRequest]:
    for _ in range(count):
        yield _parse(data)
