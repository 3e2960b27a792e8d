"""One RecognizeStream call: images come in while answers go out, and neither side holds a worker.

    receive: window → request → admission         respond: results → order → response → window

An image takes a place in the window before it is read from the connection and gives it back once its completion was
sent. So a client that does not read its answers stops being read itself, and nothing grows.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator

from edgeocr.model.errors import EdgeOcrError, InvalidInput, expected
from edgeocr.model.files.document_options import ALL_PAGES
from edgeocr.model.files.image import EncodedImage, ImageSource
from edgeocr.model.options import EVERYTHING, Mode
from edgeocr.model.results import LineRead, PageRead
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.errors import Draining
from edgeocr.server.grpc import convert, events
from edgeocr.server.grpc.call import Call
from edgeocr.server.grpc.chunked_image import ChunkedImage
from edgeocr.server.grpc.events import Entry
from edgeocr.server.grpc.image_ids import ImageIds
from edgeocr.server.memory.previews import PageDrawn
from edgeocr.server.memory.reservation import Reservation
from edgeocr.server.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.delivery import ResultQueue
from edgeocr.server.scheduling.events import Event, Finished, Timings
from edgeocr.server.tracing.tracer import CallTrace

METHOD = "RecognizeStream"
_ORDERS = {
    ocr_pb2.STREAM_ORDER_UNSPECIFIED: True,
    ocr_pb2.STREAM_ORDER_ORDERED: True,
    ocr_pb2.STREAM_ORDER_AS_COMPLETED: False,
}


class StreamCall:
    """The state of one call; `receive` and `respond` run side by side in one event loop."""

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
        self._admission = admission
        self._trace = trace
        self._caller = call.caller
        self._stream = stream
        call.is_busy = lambda: bool(self._open)
        self._metrics = metrics
        self._window = asyncio.Semaphore(window_images)
        self._deadline = deadline
        self._result_queue: ResultQueue[Entry] = ResultQueue()
        self._open: deque[Entry] = deque()
        self._ids = ImageIds()
        self._begun: ChunkedImage | None = None
        self._received_all = False
        self._sequence = 0
        self._config: ocr_pb2.StreamConfig | None = None
        self._mode = Mode.PAGE
        self._document = ALL_PAGES
        self._preparation = EVERYTHING
        self._ordered = True

    async def receive(self, requests: AsyncIterator[ocr_pb2.RecognizeStreamRequest]) -> None:
        """Admits images until the client has no more.

        Raises:
            InvalidInput: the stream is not as the contract says; images admitted before are answered all the same.
        """
        cut_off: EdgeOcrError = InvalidInput("image: ended before its last chunk")
        try:
            while True:
                # An image that is begun has its place.
                if self._begun is None:
                    await self._window.acquire()
                try:
                    # No name holds a message while the next one is waited for.
                    await self._take(await anext(requests))
                except StopAsyncIteration:
                    break
            if self._config is None:
                raise InvalidInput("config: must be the first message of a stream")
        except asyncio.CancelledError:
            cut_off = Draining("the server is shutting down; the image was not read")
            raise
        finally:
            if self._begun is not None:
                self._begun.refuse(cut_off)
            self._received_all = True
            self._result_queue.put(None)

    async def respond(self) -> AsyncIterator[ocr_pb2.RecognizeStreamResponse]:
        """Yields answers until every received image has its completion and no more will come."""
        while self._open or not self._received_all:
            if (arrival := await self._result_queue.get()) is None:
                continue
            entry, event = arrival
            if self._ordered and entry is not self._open[0]:
                entry.held.append(event)
                continue
            for response in self._responses(entry, event):
                yield response
            self._sent(entry, event)
            while self._ordered and self._open and self._open[0].held:
                head = self._open[0]
                events, head.held = head.held, []
                for event in events:
                    for response in self._responses(head, event):
                        yield response
                    self._sent(head, event)

    def _sent(self, entry: Entry, event: Event) -> None:
        if entry.job is not None:
            entry.job.took(event)

    def cancel(self) -> None:
        """Ends the work for images that have no completion yet."""
        if self._begun is not None:
            self._begun.drop()
        for entry in self._open:
            if entry.job is not None:
                self._admission.cancel(entry.job)
            self._metrics.request(METHOD, "CANCELLED", time.monotonic() - entry.received)
            self._trace.image(entry.received, entry.job, None)
        self._open.clear()

    async def _take(self, request: ocr_pb2.RecognizeStreamRequest) -> None:
        kind = request.WhichOneof("message")
        if self._begun is not None and kind != "chunk":
            raise InvalidInput("message: a chunk was to come, since the image before it has more")
        match kind:
            case "config":
                self._configure(request.config)
                self._window.release()
            case "image":
                await self._add(request.image)
            case "chunk":
                await self._continue(request.chunk)
            case _:
                raise InvalidInput("message: is neither a config nor an image nor a chunk")

    def _configure(self, config: ocr_pb2.StreamConfig) -> None:
        if self._config is not None:
            raise InvalidInput("config: was sent twice")
        if config.order not in _ORDERS:
            known = convert.names(ocr_pb2.StreamOrder, _ORDERS)
            raise InvalidInput(f"config.order: {config.order} is unknown, known are {known}")
        self._mode = convert.mode(config.options, "config.options")
        self._document = convert.document_options(config.options.document, "config.options.document")
        self._preparation = convert.preparation(config.options, "config.options")
        self._ordered = _ORDERS[config.order]
        self._config = config

    async def _add(self, image: ocr_pb2.StreamImage) -> None:
        entry = Entry(image.id, self._sequence)
        self._sequence += 1
        self._open.append(entry)
        try:
            if self._config is None:
                raise InvalidInput("config: must be the first message of a stream")
            self._ids.add(image.id)
            if image.more:
                await self._begin(entry, image)
            else:
                self._admit(entry, image, convert.image_source(image.image))
        except Exception as error:
            # An image without an end would keep its stream from ending.
            self._end(entry, expected(error))

    def _admit(
        self, entry: Entry, image: ocr_pb2.StreamImage, source: ImageSource, held: Reservation | None = None
    ) -> None:
        assert self._config is not None
        document = self._document
        if image.HasField("document"):
            document = convert.document_options(image.document, "image.document")
        entry.job = self._admission.admit(
            self._caller,
            source,
            self._mode,
            self._result_queue.deliver(entry),
            convert.timeout_seconds(image.timeout_seconds, "image.timeout_seconds", self._call_seconds()),
            self._config.options.allow_partial,
            document=document,
            preparation=self._preparation,
            with_characters=self._config.options.include_characters,
            sends_lines=not self._config.omit_line_events,
            sends_pages=self._config.page_events,
            in_chunks=image.more,
            held=held,
            stream=self._stream,
        )

    def _end(self, entry: Entry, error: EdgeOcrError) -> None:
        timings = Timings(total_seconds=time.monotonic() - entry.received)
        self._result_queue.put((entry, Finished((), error.bare(), timings)))

    async def _begin(self, entry: Entry, image: ocr_pb2.StreamImage) -> None:
        is_raw, first = image.image.WhichOneof("source") == "raw", image.image.encoded
        image.ClearField("image")
        begun = self._begun = ChunkedImage(self._admission, self._caller, entry, image, self._end)
        if is_raw:
            begun.refuse(InvalidInput("image.more: is for encoded images only"))
            return
        await begun.add(first)

    async def _continue(self, chunk: ocr_pb2.ImageChunk) -> None:
        if (begun := self._begun) is None:
            raise InvalidInput("chunk: no image was begun")
        await begun.add(chunk.data, last=chunk.last)
        if not chunk.last:
            return
        self._begun = None
        if begun.refused:
            return
        data, held = begun.hand_over()
        try:
            self._admit(begun.entry, begun.image, EncodedImage(data), held)
        except Exception as error:
            held.release()
            self._end(begun.entry, expected(error))

    def _call_seconds(self) -> float | None:
        return None if self._deadline is None else self._deadline - time.monotonic()

    def _responses(self, entry: Entry, event: Event) -> Iterator[ocr_pb2.RecognizeStreamResponse]:
        """The messages of one event; the entry closes when the message after its completion is asked for."""
        config = self._config or ocr_pb2.StreamConfig()
        with_characters = config.options.include_characters
        if isinstance(event, PageDrawn):
            return
        if isinstance(event, LineRead):
            if not entry.has_line:
                entry.has_line = True
                self._metrics.first_line(time.monotonic() - entry.received)
            yield ocr_pb2.RecognizeStreamResponse(
                line=events.line_event_message(entry, event, with_characters=with_characters)
            )
            return
        if isinstance(event, PageRead):
            yield ocr_pb2.RecognizeStreamResponse(
                page=events.page_event_message(entry, event, with_characters=with_characters)
            )
            return
        yield ocr_pb2.RecognizeStreamResponse(
            completion=events.completion_message(entry, event, with_characters=with_characters)
        )
        self._metrics.request(METHOD, event.error.code if event.error else "OK", time.monotonic() - entry.received)
        self._trace.image(entry.received, entry.job, event)
        self._open.remove(entry)
        self._window.release()
