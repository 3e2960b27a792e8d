"""RecognizeStream calls: messages in any order, files in chunks, and ends on either side."""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace

from atheris import FuzzedDataProvider
from grpc import StatusCode

from edgeocr.model.errors import EdgeOcrError
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.grpc.call import Call
from edgeocr.server.grpc.interceptors.errors import parse_or_refuse
from edgeocr.server.grpc.stream import StreamCall
from edgeocr.server.memory import upload as module
from edgeocr.server.scheduling.job import Job
from edgeocr.server.tracing.tracer import NoTracing
from tests.checks.fuzz import seeds
from tests.checks.fuzz.harness import LIMITS, METRICS, Harness, InstantQueue, check_error, run

_parse = parse_or_refuse(ocr_pb2.RecognizeStreamRequest.FromString)
_WINDOW = 3
_FILES = seeds.images()[:4]
_IMAGES = [*_FILES, b"", b"no image", _FILES[0][:40]]
_CHUNKED = replace(LIMITS, file_bytes=4000)
_Message = ocr_pb2.RecognizeStreamRequest


def stream(data: bytes) -> None:
    """A sequence of a stream's messages, well formed or not, with the client's end anywhere."""
    run(_converse(FuzzedDataProvider(data)))


def chunks(data: bytes) -> None:
    """A sequence of files in chunks, whole or not, in little memory; either side may end the stream anywhere."""
    run(_Uploading(FuzzedDataProvider(data)).run())


def _call(harness: Harness, deadline: float | None = None) -> StreamCall:
    trace = NoTracing().call("", ())
    return StreamCall(
        harness.admission, METRICS, trace, call=Call("fuzz"), stream="", window_images=_WINDOW, deadline=deadline
    )


def _check(response: ocr_pb2.RecognizeStreamResponse) -> Iterator[ocr_pb2.ImageCompletion]:
    response.SerializeToString()
    if response.HasField("completion"):
        completion = response.completion
        assert completion.WhichOneof("outcome"), "a completion without an outcome"
        assert completion.error.code != StatusCode.INTERNAL.value[0], completion.error
        yield completion


async def _converse(fuzz: FuzzedDataProvider) -> None:
    deadline = None if fuzz.ConsumeBool() else asyncio.get_running_loop().time() + fuzz.ConsumeRegularFloat()
    harness = Harness(InstantQueue(lambda: fuzz.ConsumeIntInRange(-1, 2)))
    call = _call(harness, deadline if deadline is None or math.isfinite(deadline) else None)
    asked: list[str] = []
    receiving = asyncio.create_task(call.receive(_messages(fuzz, asked)))
    answered: list[str] = []
    async for response in call.respond():
        for completion in _check(response):
            assert completion.sequence == len(answered) or not call.session.ordered
            answered.append(completion.image_id)
    try:
        await receiving
        ended_well = True
    except EdgeOcrError as error:
        check_error(error)
        ended_well = False
    given, expected = Counter(answered), Counter(asked)
    assert given == expected if ended_well else not given - expected, (given, expected)
    harness.check_nothing_is_left()


async def _messages(fuzz: FuzzedDataProvider, asked: list[str]) -> AsyncIterator[_Message]:
    if fuzz.ConsumeProbability() > 0.1:
        yield _config(fuzz)
    while fuzz.remaining_bytes():
        message = _message(fuzz)
        if message.HasField("image"):
            asked.append(message.image.id)
        yield message
        if fuzz.ConsumeBool():
            await asyncio.sleep(0)


def _message(fuzz: FuzzedDataProvider) -> _Message:
    kind = fuzz.ConsumeIntInRange(0, 15)
    if kind == 0:
        return _config(fuzz)
    if kind == 1:
        return _parse(fuzz.ConsumeBytes(60))
    source = ocr_pb2.Image(encoded=fuzz.PickValueInList(_IMAGES))
    name = "x" * 200 if kind == 2 else str(fuzz.ConsumeIntInRange(0, 40)) if kind < 5 else str(fuzz.ConsumeInt(4))
    timeout = fuzz.ConsumeFloat() if kind > 10 else 0.0
    return _Message(image=ocr_pb2.StreamImage(id=name, image=source, timeout_seconds=timeout))


def _config(fuzz: FuzzedDataProvider) -> _Message:
    config = ocr_pb2.StreamConfig(omit_line_events=fuzz.ConsumeBool())
    config.order = fuzz.ConsumeIntInRange(0, 3)  # type: ignore[assignment]
    config.options.mode = fuzz.ConsumeIntInRange(0, 3)  # type: ignore[assignment]
    config.options.include_characters = fuzz.ConsumeBool()
    return _Message(config=config)


class _Uploading:
    """A client that sends files in chunks."""

    def __init__(self, fuzz: FuzzedDataProvider) -> None:
        self._fuzz = fuzz
        self._asked: list[str] = []
        self._sent = b""
        self._file = b""
        self._place = 0
        queue = InstantQueue(lambda: fuzz.ConsumeIntInRange(-1, 1), self._heed)
        self._harness = Harness(queue, fuzz.PickValueInList([20_000, 1 << 26]), _CHUNKED)
        # Either a chunk is never late, or each one is that does not follow at once.
        module.CHUNK_SECONDS = fuzz.PickValueInList([30.0, 0.0])
        self._stays, self._drains = fuzz.ConsumeIntInRange(0, 9), fuzz.ConsumeIntInRange(0, 9)

    async def run(self) -> None:
        """Sends until either side ends the stream."""
        call = _call(self._harness)
        receiving = asyncio.create_task(call.receive(self._messages()))
        answered: list[str] = []
        stays = False
        async for response in call.respond():
            answered += [completion.image_id for completion in _check(response)]
            stays = len(answered) != self._stays
            if not stays:
                break
            if len(answered) == self._drains:
                receiving.cancel()
        receiving.cancel()
        call.cancel()
        with suppress(asyncio.CancelledError):
            try:
                await receiving
            except EdgeOcrError as error:
                check_error(error)
        given, expected = Counter(answered), Counter(self._asked)
        assert not given - expected, (given, expected)
        self._harness.check_nothing_is_left()

    def _heed(self, job: Job) -> None:
        assert job.size_bytes == len(self._sent), (job.size_bytes, len(self._sent))
        assert job.source is None or job.source.data == self._sent, "another file than was sent"

    async def _messages(self) -> AsyncIterator[_Message]:
        fuzz = self._fuzz
        yield _config(fuzz)
        while fuzz.remaining_bytes():
            yield self._message()
            if fuzz.ConsumeBool():
                await asyncio.sleep(0)

    def _message(self) -> _Message:
        fuzz = self._fuzz
        kind = fuzz.ConsumeIntInRange(0, 15)
        if kind == 0:
            return _config(fuzz) if fuzz.ConsumeBool() else _Message()
        if kind < 10:
            part = self._part()
            self._sent += part
            return _Message(chunk=ocr_pb2.ImageChunk(data=part, last=self._place >= len(self._file) or kind == 1))
        self._file, self._place = fuzz.PickValueInList(_IMAGES) * fuzz.ConsumeIntInRange(1, 3), 0
        image = ocr_pb2.StreamImage(id=str(len(self._asked)), more=kind > 10)
        if kind == 15:
            image.image.raw.data = b"raw"
        else:
            self._sent = image.image.encoded = self._part() if image.more else self._file
        self._asked.append(image.id)
        return _Message(image=image)

    def _part(self) -> bytes:
        begin = self._place
        self._place += self._fuzz.ConsumeIntInRange(0, 2000)
        return self._file[begin : self._place]
