"""One RecognizeStream call: receives images and sends answers concurrently, without occupying a worker.

    receive: place → request → admission          respond: events → response

An image takes a place in the window before it is read from the connection, and frees it when its completion is sent. So
if a client does not read its answers, the server stops reading its images.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

from edgeocr.model.errors import EdgeOcrError, InvalidInput
from edgeocr.model.files.image import EncodedImage, ImageSource
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.errors import Draining
from edgeocr.server.grpc.call import Call
from edgeocr.server.grpc.chunked_image import ChunkedImage
from edgeocr.server.grpc.image_ids import ImageIds
from edgeocr.server.grpc.messages import convert, events
from edgeocr.server.memory.reservation import Reservation
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.job_options import JobOptions
from edgeocr.server.scheduling.sender import Sender
from edgeocr.server.scheduling.session import Entry, Session
from edgeocr.server.tracing.tracer import CallTrace

METHOD = "RecognizeStream"
_ORDERS = {
    ocr_pb2.STREAM_ORDER_UNSPECIFIED: True,
    ocr_pb2.STREAM_ORDER_ORDERED: True,
    ocr_pb2.STREAM_ORDER_AS_COMPLETED: False,
}


class StreamCall:
    """The state of one call; `receive` and `respond` run concurrently on one event loop."""

    def __init__(
        self,
        admission: Admission,
        metrics: Metrics,
        trace: CallTrace,
        *,
        call: Call,
        stream: str,
        window_images: int,
        deadline: float | None,
    ) -> None:
        self.session = Session(
            admission,
            metrics,
            trace,
            method=METHOD,
            sender=Sender(call.caller, stream, record=call.record),
            window_images=window_images,
            sends_events=True,
        )
        call.is_busy = self.session.is_busy
        self._admission = admission
        self._caller = call.caller
        self._deadline = deadline
        self._ids = ImageIds()
        self._begun: ChunkedImage | None = None
        self._options: JobOptions | None = None

    async def receive(self, requests: AsyncIterator[ocr_pb2.RecognizeStreamRequest]) -> None:
        """Admits images until the client half-closes the stream.

        Raises:
            InvalidInput: the stream violates the contract; images admitted before are answered nevertheless.
        """
        cut_off: EdgeOcrError = InvalidInput("image: ended before its last chunk")
        try:
            while True:
                # An image keeps its place while its chunks arrive.
                if self._begun is None:
                    await self.session.place()
                try:
                    # No local name keeps a message while the next is awaited.
                    await self._take(await anext(requests))
                except StopAsyncIteration:
                    break
            if self._options is None:
                raise InvalidInput("config: must be the first message of a stream")
        except asyncio.CancelledError:
            cut_off = Draining("the server is shutting down; the image was not read")
            raise
        finally:
            if self._begun is not None:
                self._begun.refuse(cut_off)
            self.session.end()

    async def respond(self) -> AsyncIterator[ocr_pb2.RecognizeStreamResponse]:
        """Yields answers until the stream is half-closed and every image has its completion."""
        async with aclosing(self.session.events()) as happening:
            async for entry, event in happening:
                yield events.response(entry, event)

    def cancel(self) -> None:
        """Cancels the images that have no completion yet."""
        if self._begun is not None:
            self._begun.drop()
        self.session.close()

    async def _take(self, request: ocr_pb2.RecognizeStreamRequest) -> None:
        kind = request.WhichOneof("message")
        if self._begun is not None and kind != "chunk":
            raise InvalidInput("message: must be a chunk, since the image before it has more")
        match kind:
            case "config":
                self._configure(request.config)
            case "image":
                await self._add(request.image)
            case "chunk":
                await self._continue(request.chunk)
            case _:
                raise InvalidInput("message: is neither a config nor an image nor a chunk")

    def _configure(self, config: ocr_pb2.StreamConfig) -> None:
        if self._options is not None:
            raise InvalidInput("config: was sent twice")
        ordered = convert.meaning(config.order, _ORDERS, ocr_pb2.StreamOrder, "config.order")
        options = convert.job_options(config.options, "config.options")
        self._options = replace(options, sends_lines=not config.omit_line_events, sends_pages=config.page_events)
        self.session.ordered = ordered

    async def _add(self, image: ocr_pb2.StreamImage) -> None:
        entry = self.session.enter(image.id)
        with self.session.refusing(entry):
            if self._options is None:
                raise InvalidInput("config: must be the first message of a stream")
            self._ids.add(image.id)
            if image.more:
                await self._begin(entry, image)
            else:
                self._admit(entry, image, convert.image_source(image.image))

    def _admit(
        self, entry: Entry, image: ocr_pb2.StreamImage, source: ImageSource, held: Reservation | None = None
    ) -> None:
        assert self._options is not None
        options, remaining = self._options, None
        if image.HasField("document"):
            options = replace(options, document=convert.document_options(image.document, "image.document"))
        if self._deadline is not None:
            remaining = self._deadline - time.monotonic()
        seconds = convert.timeout_seconds(image.timeout_seconds, "image.timeout_seconds", remaining)
        self.session.admit(entry, source, options, seconds, in_chunks=image.more, held=held)

    async def _begin(self, entry: Entry, image: ocr_pb2.StreamImage) -> None:
        is_raw, first = image.image.WhichOneof("source") == "raw", image.image.encoded
        image.ClearField("image")
        begun = self._begun = ChunkedImage(self._admission, self._caller, entry, image, self.session.refuse)
        if is_raw:
            begun.refuse(InvalidInput("image.more: is for encoded images only"))
            return
        await begun.add(first)

    async def _continue(self, chunk: ocr_pb2.ImageChunk) -> None:
        if (begun := self._begun) is None:
            raise InvalidInput("chunk: there is no image that it continues")
        await begun.add(chunk.data, last=chunk.last)
        if not chunk.last:
            return
        self._begun = None
        if begun.refused:
            return
        with self.session.refusing(begun.entry):
            data, held = begun.hand_over()
            with self.session.refusing(begun.entry, held):
                self._admit(begun.entry, begun.image, EncodedImage(data), held)
