"""Callers: one image in, one answer out, over unary calls or over a stream.

Retries are disabled, in gRPC and in this client, so that every refusal of the server is counted.
"""

import asyncio
import itertools
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

import grpc

from edgeocr.choices import Mode
from edgeocr.client.errors import OcrError
from edgeocr.client.options import make_options, make_stream_config
from edgeocr.client.streaming.call import StreamCall
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc

BENCH_CHANNEL = (
    ("grpc.enable_retries", 0),
    # By default, channels of one process to the same address share a connection.
    ("grpc.use_local_subchannel_pool", 1),
)
"""Channel arguments for callers: no transparent retries, and a connection for each channel."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for one image.

    Attributes:
        error: why the image was not read; None on success.
        document: the result; None on failure.
        timings: time spent in each stage on the server; None if not reported.
        lines: number of line events received before the answer.
        first_line_at: when the first line event arrived (time.monotonic()); None without any.
    """

    error: OcrError | None = None
    document: ocr_pb2.Document | None = None
    timings: ocr_pb2.Timings | None = None
    lines: Sequence[ocr_pb2.LineEvent] = ()
    first_line_at: float | None = None


class Caller(Protocol):
    """Requests images, any number at a time; counts duplicate and unrequested answers."""

    unexpected: int

    async def ask(self, image: ocr_pb2.Image) -> Answer:
        """Sends an image and waits for its answer."""

    async def close(self) -> None:
        """Ends calls in progress; pending requests get an error."""


class UnaryCaller:
    """One Recognize call an image."""

    def __init__(
        self, stub: "ocr_pb2_grpc.OcrServiceAsyncStub", *, mode: Mode, timeout_seconds: float | None = None
    ) -> None:
        self.unexpected = 0
        self._stub = stub
        self._options = make_options(mode=mode)
        self._timeout_seconds = timeout_seconds

    async def ask(self, image: ocr_pb2.Image) -> Answer:
        """Makes one call."""
        request = ocr_pb2.RecognizeRequest(options=self._options, image=image)
        try:
            response = await self._stub.Recognize(request, timeout=self._timeout_seconds)
        except grpc.aio.AioRpcError as error:
            return Answer(OcrError.from_rpc_error(error))
        return Answer(None, response.document, response.timings)

    async def close(self) -> None:
        """Does nothing: each call ends with its answer."""


@dataclass(slots=True)
class _Waiting:
    answer: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    lines: list[ocr_pb2.LineEvent] = field(default_factory=list)
    first_line_at: float | None = None

    def settle(
        self, error: OcrError | None, document: ocr_pb2.Document | None, timings: ocr_pb2.Timings | None
    ) -> None:
        """Sets the answer, unless the caller has given up."""
        if not self.answer.done():
            self.answer.set_result(Answer(error, document, timings, self.lines, self.first_line_at))


class StreamCaller:
    """One RecognizeStream call for all images, answered in order of completion; a broken call is replaced by a new
    one."""

    def __init__(
        self,
        stub: "ocr_pb2_grpc.OcrServiceAsyncStub",
        *,
        mode: Mode,
        timeout_seconds: float | None = None,
        line_events: bool = True,
    ) -> None:
        """Takes the options of every image; the call starts with the first image."""
        self.unexpected = 0
        self._stub = stub
        self._config = make_stream_config(make_options(mode=mode), "as_completed", line_events=line_events)
        self._timeout_seconds = timeout_seconds or 0.0
        self._numbers = itertools.count()
        self._waiting: dict[str, _Waiting] = {}
        self._outbox: asyncio.Queue[ocr_pb2.RecognizeStreamRequest | None] = asyncio.Queue()
        self._conversation: asyncio.Task[None] | None = None

    async def ask(self, image: ocr_pb2.Image) -> Answer:
        """Sends an image over the stream."""
        if self._conversation is None:
            self._outbox = asyncio.Queue()
            self._conversation = asyncio.create_task(self._converse(self._outbox))
        image_id = str(next(self._numbers))
        waiting = self._waiting[image_id] = _Waiting()
        stream_image = ocr_pb2.StreamImage(id=image_id, image=image, timeout_seconds=self._timeout_seconds)
        self._outbox.put_nowait(ocr_pb2.RecognizeStreamRequest(image=stream_image))
        return await waiting.answer

    async def close(self) -> None:
        """Half-closes the stream if every image has its answer, and cancels it otherwise."""
        if (conversation := self._conversation) is None:
            return
        if self._waiting:
            conversation.cancel()
        else:
            self._outbox.put_nowait(None)
        await asyncio.gather(conversation, return_exceptions=True)

    async def _converse(self, outbox: "asyncio.Queue[ocr_pb2.RecognizeStreamRequest | None]") -> None:
        reason = OcrError(grpc.StatusCode.CANCELLED, "the stream was closed")
        try:
            with StreamCall(self._stub) as call:
                sender = asyncio.create_task(self._send(call, outbox))
                try:
                    async with aclosing(call.responses()) as responses:
                        async for response in responses:
                            self._take(response)
                finally:
                    sender.cancel()
                    await asyncio.gather(sender, return_exceptions=True)
        except OcrError as error:
            reason = error
        finally:
            self._conversation = None
            for waiting in self._waiting.values():
                waiting.settle(reason, None, None)
            self._waiting.clear()

    async def _send(self, call: StreamCall, outbox: "asyncio.Queue[ocr_pb2.RecognizeStreamRequest | None]") -> None:
        going_on = await call.send(self._config)
        while going_on and (message := await outbox.get()) is not None:
            going_on = await call.send(message)
        await call.finish_sending()

    def _take(self, response: ocr_pb2.RecognizeStreamResponse) -> None:
        if response.HasField("line"):
            if waiting := self._waiting.get(response.line.image_id):
                waiting.first_line_at = waiting.first_line_at or time.monotonic()
                waiting.lines.append(response.line)
            return
        completion = response.completion
        waiting = self._waiting.pop(completion.image_id, None)
        if waiting is None:
            self.unexpected += 1
        elif completion.HasField("document"):
            waiting.settle(None, completion.document, completion.timings)
        else:
            waiting.settle(OcrError.from_status(completion.error), None, completion.timings)
