"""What is fuzzed: the ways in for bytes that a client chose.

A target takes bytes and returns, or raises for what must not happen: any exception but the errors that a client may
see, and of these none that would be INTERNAL.
"""

import asyncio
import math
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable

from atheris import FuzzedDataProvider
from google.protobuf.message import DecodeError
from grpc import StatusCode

from edgeocr.model.errors import Code, EdgeOcrError, Limit
from edgeocr.model.image import EncodedImage, ImageSource, Mode, RawImage, decode, inspect
from edgeocr.model.limits import Limits
from edgeocr.model.manifest import DEFAULT_FOLDER, load_manifest
from edgeocr.model.results import Line, LineRead, Page
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.admission import Admission
from edgeocr.server.budget import Budget
from edgeocr.server.grpc import convert
from edgeocr.server.grpc.boundary import parse_or_refuse
from edgeocr.server.grpc.stream import StreamCall
from edgeocr.server.jobs import Finished, Job, QueueFull, Timings
from edgeocr.server.metrics import Metrics
from edgeocr.server.tracing import NoTracing
from tests.fuzz import seeds

LIMITS = Limits(image_bytes=1 << 20, image_pixels=1 << 20)
_parse_streamed = parse_or_refuse(ocr_pb2.RecognizeStreamRequest.FromString)
_POLYGON = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
_WINDOW = 3
_LOOP = asyncio.new_event_loop()
_METRICS = Metrics()
_MANIFEST = load_manifest(DEFAULT_FOLDER)
_IMAGES = [*seeds.images()[:4], b"", b"no image", seeds.images()[0][:40]]


def image(data: bytes) -> None:
    """A file: its header, then its pixels."""
    _read(EncodedImage(data), Mode.LINE if len(data) % 2 else Mode.PAGE)


def request(data: bytes) -> None:
    """A serialised RecognizeRequest."""
    try:
        message = ocr_pb2.RecognizeRequest.FromString(data)
    except DecodeError:
        return
    try:
        mode, source = convert.mode(message.options, "options"), convert.image_source(message.image)
    except EdgeOcrError as error:
        _check_code(error)
        return
    _read(source, mode)


def _read(source: ImageSource, mode: Mode) -> None:
    try:
        header = inspect(source, mode, LIMITS)
        pixels = decode(source).pixels
    except EdgeOcrError as error:
        _check_code(error)
        return
    assert (pixels.dtype.name, *pixels.shape[2:]) == ("uint8", 3), pixels.shape
    sides, width, height = [pixels.shape[1], pixels.shape[0]], header.width, header.height
    # EXIF may have turned a file's pixels.
    assert sides == [width, height] or (isinstance(source, EncodedImage) and sides == [height, width]), sides
    assert isinstance(source, RawImage) or width * height <= LIMITS.image_pixels


def _check_code(error: EdgeOcrError) -> None:
    assert error.code in (Code.INVALID_ARGUMENT, Code.RESOURCE_EXHAUSTED), error
    convert.status_message(error).SerializeToString()


class InstantQueue:
    """Finishes each job when it is put, or is full now and then."""

    def __init__(self, fuzz: FuzzedDataProvider) -> None:
        self._fuzz = fuzz

    def check(self, flow: str) -> None:
        """Finds room always; `put` may be of another mind."""

    def put(self, job: Job) -> None:
        """Refuses, or delivers some lines and the end."""
        lines = self._fuzz.ConsumeIntInRange(-1, 2)
        if lines < 0:
            raise QueueFull("full", Limit("queue_images", 1, 2), 0.5)
        line = Line(_POLYGON, "text", 0.5, ())
        for number in range(lines):
            job.deliver(LineRead(0, number, line))
        job.finish(Finished((Page(0, 9, 9, (line,) * lines),), None, Timings()))

    def remove(self, job: Job) -> bool:
        """Never finds one."""
        return False


def stream(data: bytes) -> None:
    """A sequence of a stream's messages, well formed or not, with the client's end anywhere."""
    fuzz = FuzzedDataProvider(data)
    _LOOP.run_until_complete(asyncio.wait_for(_converse(fuzz), 5))


async def _converse(fuzz: FuzzedDataProvider) -> None:
    deadline = None if fuzz.ConsumeBool() else _LOOP.time() + fuzz.ConsumeRegularFloat()
    call = StreamCall(
        Admission(InstantQueue(fuzz), Budget(1 << 30), LIMITS, _MANIFEST, _METRICS, 300),  # type: ignore[arg-type]
        _METRICS,
        NoTracing().call("", ()),
        flow="fuzz",
        window_images=_WINDOW,
        deadline=deadline if deadline is None or math.isfinite(deadline) else None,
    )
    asked: list[str] = []
    receiving = asyncio.create_task(call.receive(_messages(fuzz, asked)))
    answered: list[str] = []
    async for response in call.respond():
        response.SerializeToString()
        if response.HasField("completion"):
            completion = response.completion
            assert completion.WhichOneof("outcome"), "a completion without an outcome"
            assert completion.error.code != StatusCode.INTERNAL.value[0], completion.error
            assert completion.sequence == len(answered) or call._ordered is False
            answered.append(completion.image_id)
    try:
        await receiving
        ended_well = True
    except EdgeOcrError as error:
        _check_code(error)
        ended_well = False
    given, expected = Counter(answered), Counter(asked)
    assert given == expected if ended_well else not given - expected, (given, expected)


async def _messages(fuzz: FuzzedDataProvider, asked: list[str]) -> AsyncIterator[ocr_pb2.RecognizeStreamRequest]:
    if fuzz.ConsumeProbability() > 0.1:
        yield _config(fuzz)
    while fuzz.remaining_bytes():
        message = _message(fuzz)
        if message.HasField("image"):
            asked.append(message.image.id)
        yield message
        if fuzz.ConsumeBool():
            await asyncio.sleep(0)


def _message(fuzz: FuzzedDataProvider) -> ocr_pb2.RecognizeStreamRequest:
    kind = fuzz.ConsumeIntInRange(0, 15)
    if kind == 0:
        return _config(fuzz)
    if kind == 1:
        return _parse_streamed(fuzz.ConsumeBytes(60))
    source = ocr_pb2.Image(encoded=fuzz.PickValueInList(_IMAGES))
    name = "x" * 200 if kind == 2 else str(fuzz.ConsumeIntInRange(0, 40)) if kind < 5 else str(fuzz.ConsumeInt(4))
    timeout = fuzz.ConsumeFloat() if kind > 10 else 0.0
    return ocr_pb2.RecognizeStreamRequest(image=ocr_pb2.StreamImage(id=name, image=source, timeout_seconds=timeout))


def _config(fuzz: FuzzedDataProvider) -> ocr_pb2.RecognizeStreamRequest:
    config = ocr_pb2.StreamConfig(omit_line_events=fuzz.ConsumeBool())
    config.order = fuzz.ConsumeIntInRange(0, 3)  # type: ignore[assignment]
    config.options.mode = fuzz.ConsumeIntInRange(0, 3)  # type: ignore[assignment]
    config.options.include_characters = fuzz.ConsumeBool()
    return ocr_pb2.RecognizeStreamRequest(config=config)


def planted(data: bytes) -> None:
    """The control: a mistake that only some bytes reach."""
    if len(data) > 3 and data[0] == 0x42 and data[1] > 0x7F and data[2] < data[3]:
        raise ZeroDivisionError


TARGETS: dict[str, Callable[[bytes], None]] = {
    function.__name__: function for function in (image, request, stream, planted)
}

if sys.flags.optimize:
    raise RuntimeError("targets check with assert statements: do not run them with -O")
