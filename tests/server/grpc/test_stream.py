"""A stream call without a network: what it takes in, and in which order it answers."""

import asyncio
from dataclasses import dataclass, field

import pytest

from edgeocr.model.errors import InvalidInput
from edgeocr.model.options import Mode
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.results.document import Timings
from edgeocr.server.grpc.call import Call
from edgeocr.server.grpc.image_ids import REMEMBERED_IMAGE_IDS
from edgeocr.server.grpc.stream import StreamCall
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.memory.upload import Upload, UploadTimeout, coming
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.tracing.tracer import NoTracing


class FakeJob(int):
    """One of a test's, by its place; whoever takes its events may say so."""

    answer = Budget(1).hold(Use.ANSWERING, 0)

    def took(self, event):
        pass


@dataclass
class FakeAdmission:
    """Admits everything and finishes nothing by itself."""

    deliveries: list = field(default_factory=list)
    options: list = field(default_factory=list)
    timeouts: list = field(default_factory=list)
    cancelled: list = field(default_factory=list)

    def admit(self, caller, source, options, deliver, timeout_seconds, **others):
        self.deliveries.append(deliver)
        self.options.append(options)
        self.timeouts.append(timeout_seconds)
        return FakeJob(len(self.deliveries) - 1)

    def cancel(self, job):
        self.cancelled.append(job)

    def take_chunks(self, budget):
        """Takes files in chunks from now on."""
        self.coming = lambda caller, in_chunks: coming(budget, caller)
        self.upload = lambda held: Upload(held, 100)
        self.upload_timeout = lambda: UploadTimeout(60)
        self.upload_seconds = 60

    def finish(self, place):
        self.deliveries[place](Finished((), None, Timings()))


def configuration(**values):
    return ocr_pb2.RecognizeStreamRequest(config=ocr_pb2.StreamConfig(**values))


def image(name, **values):
    source = ocr_pb2.Image(encoded=b"pixels")
    return ocr_pb2.RecognizeStreamRequest(image=ocr_pb2.StreamImage(id=name, image=source, **values))


class Stream:
    """A call whose client has sent given messages."""

    def __init__(self, *messages, window=4):
        self.admission, self.taken = FakeAdmission(), 0
        self.call = StreamCall(
            self.admission,
            Metrics(),
            NoTracing().call("", ()),
            call=Call("client"),
            stream="",
            window_images=window,
            deadline=None,
        )
        self.receiving = asyncio.create_task(self.call.receive(self._requests(messages)))
        self.answers = self.call.respond()

    async def _requests(self, messages):
        for message in messages:
            self.taken += 1
            yield message

    async def settle(self):
        for _ in range(50):
            await asyncio.sleep(0)

    async def names(self):
        return [answer.completion.image_id async for answer in self.answers]


async def test_no_more_images_are_taken_than_the_window_has_places():
    stream = Stream(configuration(), *(image(str(number)) for number in range(10)), window=3)
    await stream.settle()
    assert len(stream.admission.deliveries) == 3
    assert stream.taken == 1 + 3
    stream.admission.finish(0)
    await anext(stream.answers)
    await stream.settle()
    assert len(stream.admission.deliveries) == 3, "a place is free only once the answer was sent"
    stream.admission.finish(1)
    await anext(stream.answers)
    await stream.settle()
    assert len(stream.admission.deliveries) == 4
    stream.receiving.cancel()


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ocr_pb2.STREAM_ORDER_UNSPECIFIED, ["a", "b", "c"]),
        (ocr_pb2.STREAM_ORDER_ORDERED, ["a", "b", "c"]),
        (ocr_pb2.STREAM_ORDER_AS_COMPLETED, ["c", "a", "b"]),
    ],
)
async def test_answers_come_in_the_order_asked_for(order, expected):
    stream = Stream(configuration(order=order), image("a"), image("b"), image("c"))
    await stream.settle()
    for place in (2, 0, 1):
        stream.admission.finish(place)
    assert await stream.names() == expected


async def test_the_mode_and_the_time_allowed_reach_admission():
    options = ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE, allow_partial=True)
    stream = Stream(configuration(options=options), image("a"), image("b", timeout_seconds=2.5))
    await stream.settle()
    assert [options.mode for options in stream.admission.options] == [Mode.LINE, Mode.LINE]
    assert stream.admission.timeouts == [None, 2.5]
    assert [options.allow_partial for options in stream.admission.options] == [True, True]
    stream.receiving.cancel()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (image(""), "image.id: must have 1 to 128 bytes"),
        (image("x" * 129), "image.id: must have 1 to 128 bytes"),
        (image("a"), "image.id: was used before"),
        (image("n", timeout_seconds=-1), "image.timeout_seconds: -1"),
        (image("n", timeout_seconds=float("nan")), "image.timeout_seconds: nan"),
        (ocr_pb2.RecognizeStreamRequest(image=ocr_pb2.StreamImage(id="n")), "image: is missing"),
    ],
)
async def test_a_bad_image_is_answered_alone(bad, words):
    stream = Stream(configuration(), image("a"), bad, image("z"))
    await stream.settle()
    for place in range(2):
        stream.admission.finish(place)
    answers = [answer.completion async for answer in stream.answers]
    assert [answer.HasField("error") for answer in answers] == [False, True, False]
    assert answers[1].error.code == 3
    assert words in answers[1].error.message
    assert [answer.sequence for answer in answers] == [0, 1, 2]
    await stream.receiving


async def test_an_id_may_come_again_once_it_is_forgotten():
    names = [str(number) for number in range(REMEMBERED_IMAGE_IDS + 1)]
    stream = Stream(configuration(), *map(image, names), image("0"), image(names[-1]))
    stream.admission.admit = lambda caller, source, options, deliver, *others, **more: deliver(
        Finished((), None, Timings())
    )
    outcomes = [(answer.completion.image_id, answer.completion.error.code) async for answer in stream.answers]
    assert outcomes == [*((name, 0) for name in names), ("0", 0), (names[-1], 3)]


async def test_images_before_the_configuration_are_refused_one_by_one():
    stream = Stream(image("early"), configuration(), image("a"))
    await stream.settle()
    stream.admission.finish(0)
    answers = [answer.completion async for answer in stream.answers]
    assert [answer.error.message for answer in answers] == ["config: must be the first message of a stream", ""]
    await stream.receiving


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([], "config: must be the first message"),
        ([image("a")], "config: must be the first message"),
        ([configuration(), configuration()], "config: was sent twice"),
        ([configuration(order=9)], "config.order: 9 is unknown, known are STREAM_ORDER_UNSPECIFIED"),
        ([configuration(options=ocr_pb2.RecognizeOptions(mode=7))], "config.options.mode: 7 is unknown"),
        ([ocr_pb2.RecognizeStreamRequest()], "message: is neither"),
    ],
)
async def test_a_stream_that_breaks_the_contract_ends_with_the_reason(messages, words):
    stream = Stream(*messages)
    assert len(await stream.names()) == sum(message.HasField("image") for message in messages)
    with pytest.raises(InvalidInput) as error:
        await stream.receiving
    assert words in str(error.value)


async def test_cancelling_ends_the_jobs_that_have_no_answer_yet():
    stream = Stream(configuration(), image("a"), image("b"), image("c"))
    await stream.settle()
    stream.admission.finish(0)
    await anext(stream.answers)
    stream.receiving.cancel()
    await stream.answers.aclose()
    stream.call.cancel()
    assert set(stream.admission.cancelled) >= {1, 2}


@pytest.mark.parametrize("in_chunks", [False, True])
async def test_an_image_whose_admission_fails_unexpectedly_ends_with_no_internals_and_alone(in_chunks):
    begun = image("a", more=True)
    last = ocr_pb2.RecognizeStreamRequest(chunk=ocr_pb2.ImageChunk(last=True))
    stream = Stream(configuration(), *([begun, last] if in_chunks else [image("a")]), image("b"))
    budget = Budget(10_000)
    stream.admission.take_chunks(budget)
    admit = stream.admission.admit
    failures = iter([MemoryError("secret")])

    def fail_once(*arguments, **options):
        for error in failures:
            raise error
        return admit(*arguments, **options)

    stream.admission.admit = fail_once
    await stream.settle()
    stream.admission.finish(0)
    answers = [answer.completion async for answer in stream.answers]
    assert [(answer.image_id, answer.error.code) for answer in answers] == [("a", 8), ("b", 0)]
    assert "secret" not in answers[0].error.message
    await stream.receiving


@pytest.mark.parametrize("method", ["add", "hand_over"])
async def test_an_image_of_which_a_chunk_cannot_be_kept_ends_alone_and_holds_nothing(method, monkeypatch):
    begun = image("a", more=True)
    last = ocr_pb2.RecognizeStreamRequest(chunk=ocr_pb2.ImageChunk(last=True))
    stream = Stream(configuration(), begun, last, image("b"))
    budget = Budget(10_000)
    stream.admission.take_chunks(budget)
    rightly, failures = getattr(Upload, method), iter([MemoryError("secret")])

    def fail_once(*arguments):
        for error in failures:
            raise error
        return rightly(*arguments)

    monkeypatch.setattr(Upload, method, fail_once)
    await stream.settle()
    assert len(stream.admission.deliveries) == 1
    stream.admission.finish(0)
    async with asyncio.timeout(10):
        answers = [answer.completion async for answer in stream.answers]
    assert [(answer.image_id, answer.error.code) for answer in answers] == [("a", 8), ("b", 0)]
    assert budget.used_bytes() == dict.fromkeys(Use, 0)
    await stream.receiving
