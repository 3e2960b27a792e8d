"""A stream of the Open Inference Protocol without a network: how much it takes in at a time."""

import asyncio
import gc
import weakref
from contextlib import contextmanager

import pytest

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.image import EncodedImage
from edgeocr.proto.inference import open_inference_pb2
from edgeocr.server.errors import Draining
from edgeocr.server.grpc.call import Call
from edgeocr.server.grpc.open_inference.stream import InferenceStream
from edgeocr.server.inference.question import Choices, Question
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.sender import Sender
from edgeocr.server.scheduling.session import Session
from edgeocr.server.tracing.tracer import NoTracing

Request = open_inference_pb2.ModelInferRequest


class FakeModel:
    """Takes any request, whose id says how many images it has, and answers when it is told to."""

    most_images = 4

    def __init__(self):
        self.asked, self.dropped, self.go = [], 0, asyncio.Semaphore(0)
        self.held = 0

    def question(self, request):
        return Question([EncodedImage(b"x")] * int(request.id), Choices(), [], raw=False)

    @contextmanager
    def holding(self, asked, caller):
        self.held += len(asked.images)
        yield
        self.held -= len(asked.images)

    def session(self, *_):
        return Session(None, Metrics(), NoTracing().call("", ()), method="", sender=Sender("client"))

    async def answer(self, session, asked, request_id, remaining_seconds):
        self.asked.append(len(asked.images))
        try:
            await self.go.acquire()
        except asyncio.CancelledError:
            self.dropped += 1
            raise
        return open_inference_pb2.ModelInferResponse(id=request_id)


def stream(model, lifecycle=None):
    return InferenceStream(
        model, lifecycle or Lifecycle(NoTracing()), NoTracing().call("", ()), Call("client"), "", None
    )


async def settle():
    for _ in range(50):
        await asyncio.sleep(0)


async def sent(*counts):
    for count in counts:
        yield Request(id=str(count))


async def test_no_more_images_are_taken_than_the_window_has_places():
    model = FakeModel()
    answers = stream(model).answers(sent(1, 2, 3, 1))
    first = asyncio.create_task(anext(answers))
    await settle()
    assert model.asked == [1, 2]
    model.go.release()
    assert (await first).infer_response.id == "1"
    second = asyncio.create_task(anext(answers))
    await settle()
    assert model.asked == [1, 2], "two are in flight, three more do not fit"
    assert model.held == 3, "they are there all the same"
    model.go.release()
    await second
    third = asyncio.create_task(anext(answers))
    await settle()
    assert model.asked == [1, 2, 3, 1]
    assert model.held == 0
    for _ in range(2):
        model.go.release()
    await third
    assert [answer.infer_response.id async for answer in answers] == ["1"]


async def test_no_request_is_kept_while_the_next_one_is_waited_for():
    class Asked:
        id = "1"

    seen = []

    async def two():
        for _ in range(2):
            sending = [Asked()]
            seen.append(weakref.ref(sending[0]))
            yield sending.pop()
        await asyncio.Event().wait()

    answers = stream(FakeModel()).answers(two())
    first = asyncio.create_task(anext(answers))
    await settle()
    gc.collect()
    assert [request() for request in seen] == [None, None]
    first.cancel()


async def test_what_is_left_is_dropped():
    model = FakeModel()
    answers = stream(model).answers(sent(1, 1, 1))
    model.go.release()
    await anext(answers)
    await settle()
    await answers.aclose()
    await settle()
    assert model.dropped == 2


async def test_a_message_that_is_none_ends_the_stream_after_the_answers_before_it():
    async def broken():
        yield Request(id="1")
        raise InvalidInput("message: is none")

    model = FakeModel()
    model.go.release()
    answers = stream(model).answers(broken())
    assert (await anext(answers)).infer_response.id == "1"
    with pytest.raises(InvalidInput):
        await anext(answers)


async def test_draining_answers_what_was_taken_and_takes_no_more():
    async def endless():
        yield Request(id="1")
        await asyncio.Event().wait()

    model, lifecycle = FakeModel(), Lifecycle(NoTracing())
    answers = stream(model, lifecycle).answers(endless())
    first = asyncio.create_task(anext(answers))
    await settle()
    lifecycle.draining.set()
    await settle()
    model.go.release()
    assert (await first).infer_response.id == "1"
    with pytest.raises(Draining):
        await anext(answers)
