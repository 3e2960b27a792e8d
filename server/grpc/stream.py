"""One RecognizeStream call: images come in while answers go out, and neither side holds a worker.

    receive: window → request → admission         respond: inbox → order → response → window

An image takes a place in the window before it is read from the connection and gives it back once its completion was
sent. So a client that does not read its answers stops being read itself, and nothing grows.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from edgeocr.model.errors import EdgeOcrError, InvalidInput
from edgeocr.model.image import Mode
from edgeocr.model.preparation import EVERYTHING
from edgeocr.model.results import LineRead
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.admission import Admission
from edgeocr.server.grpc import convert
from edgeocr.server.grpc.inbox import Inbox
from edgeocr.server.jobs import Finished, Job, Timings
from edgeocr.server.metrics import Metrics
from edgeocr.server.tracing import CallTrace

METHOD = "RecognizeStream"
IMAGE_ID_BYTES = 128
REMEMBERED_IMAGE_IDS = 4096
_ORDERS = {
    ocr_pb2.STREAM_ORDER_UNSPECIFIED: True,
    ocr_pb2.STREAM_ORDER_ORDERED: True,
    ocr_pb2.STREAM_ORDER_AS_COMPLETED: False,
}


@dataclass(slots=True, eq=False)
class Entry:
    """One image of the stream, from its receipt until its completion was sent."""

    image_id: str
    sequence: int
    received: float = field(default_factory=time.monotonic)
    job: Job | None = None
    has_line: bool = False
    held: list[LineRead | Finished] = field(default_factory=list)


class StreamCall:
    """The state of one call; `receive` and `respond` run side by side in one event loop."""

    def __init__(
        self,
        admission: Admission,
        metrics: Metrics,
        trace: CallTrace,
        *,
        flow: str,
        window_images: int,
        deadline: float | None,
    ) -> None:
        self._admission = admission
        self._trace = trace
        self._flow = flow
        self._metrics = metrics
        self._window = asyncio.Semaphore(window_images)
        self._deadline = deadline
        self._inbox: Inbox[Entry] = Inbox()
        self._open: deque[Entry] = deque()
        self._recent_ids: deque[str] = deque(maxlen=REMEMBERED_IMAGE_IDS)
        self._known_ids: set[str] = set()
        self._received_all = False
        self._sequence = 0
        self._config: ocr_pb2.StreamConfig | None = None
        self._mode = Mode.PAGE
        self._preparation = EVERYTHING
        self._ordered = True

    async def receive(self, requests: AsyncIterator[ocr_pb2.RecognizeStreamRequest]) -> None:
        """Admits images until the client has no more.

        Raises:
            InvalidInput: the stream is not as the contract says; images admitted before are answered all the same.
        """
        try:
            while True:
                await self._window.acquire()
                try:
                    # No name holds a message while the next one is waited for.
                    self._take(await anext(requests))
                except StopAsyncIteration:
                    break
            if self._config is None:
                raise InvalidInput("config: must be the first message of a stream")
        finally:
            self._received_all = True
            self._inbox.put(None)

    async def respond(self) -> AsyncIterator[ocr_pb2.RecognizeStreamResponse]:
        """Yields answers until every received image has its completion and no more will come."""
        while self._open or not self._received_all:
            if (arrival := await self._inbox.get()) is None:
                continue
            entry, event = arrival
            if self._ordered and entry is not self._open[0]:
                entry.held.append(event)
                continue
            for response in self._responses(entry, event):
                yield response
            while self._ordered and self._open and self._open[0].held:
                head = self._open[0]
                events, head.held = head.held, []
                for event in events:
                    for response in self._responses(head, event):
                        yield response

    def cancel(self) -> None:
        """Ends the work for images that have no completion yet."""
        for entry in self._open:
            if entry.job is not None:
                self._admission.cancel(entry.job)
            self._metrics.request(METHOD, "CANCELLED", time.monotonic() - entry.received)
            self._trace.image(entry.received, entry.job, None)
        self._open.clear()

    def _take(self, request: ocr_pb2.RecognizeStreamRequest) -> None:
        match request.WhichOneof("message"):
            case "config":
                self._configure(request.config)
                self._window.release()
            case "image":
                self._add(request.image)
            case _:
                raise InvalidInput("message: is neither a config nor an image")

    def _configure(self, config: ocr_pb2.StreamConfig) -> None:
        if self._config is not None:
            raise InvalidInput("config: was sent twice")
        if config.order not in _ORDERS:
            known = convert.names(ocr_pb2.StreamOrder, _ORDERS)
            raise InvalidInput(f"config.order: {config.order} is unknown, known are {known}")
        self._mode = convert.mode(config.options, "config.options")
        self._preparation = convert.preparation(config.options, "config.options")
        self._ordered = _ORDERS[config.order]
        self._config = config

    def _add(self, image: ocr_pb2.StreamImage) -> None:
        entry = Entry(image.id, self._sequence)
        self._sequence += 1
        self._open.append(entry)
        try:
            if self._config is None:
                raise InvalidInput("config: must be the first message of a stream")
            self._remember(image.id)
            entry.job = self._admission.admit(
                self._flow,
                convert.image_source(image.image),
                self._mode,
                self._inbox.deliver(entry),
                convert.timeout_seconds(image.timeout_seconds, "image.timeout_seconds", self._call_seconds()),
                self._config.options.allow_partial,
                preparation=self._preparation,
            )
        except EdgeOcrError as error:
            timings = Timings(total_seconds=time.monotonic() - entry.received)
            self._inbox.put((entry, Finished((), error.bare(), timings)))

    def _remember(self, image_id: str) -> None:
        if not 0 < len(image_id.encode()) <= IMAGE_ID_BYTES:
            raise InvalidInput(f"image.id: must have 1 to {IMAGE_ID_BYTES} bytes (image_id_bytes)")
        if image_id in self._known_ids:
            raise InvalidInput(
                "image.id: was used before in this stream, "
                f"it must differ from the last {REMEMBERED_IMAGE_IDS} (remembered_image_ids)"
            )
        if len(self._recent_ids) == REMEMBERED_IMAGE_IDS:
            self._known_ids.discard(self._recent_ids[0])
        self._recent_ids.append(image_id)
        self._known_ids.add(image_id)

    def _call_seconds(self) -> float | None:
        return None if self._deadline is None else self._deadline - time.monotonic()

    def _responses(self, entry: Entry, event: LineRead | Finished) -> Iterator[ocr_pb2.RecognizeStreamResponse]:
        """The messages of one event; the entry closes when the message after its completion is asked for."""
        config = self._config or ocr_pb2.StreamConfig()
        with_characters = config.options.include_characters
        if isinstance(event, LineRead):
            if not entry.has_line:
                entry.has_line = True
                self._metrics.first_line(time.monotonic() - entry.received)
            if not config.omit_line_events:
                yield ocr_pb2.RecognizeStreamResponse(line=_line_event(entry, event, with_characters=with_characters))
            return
        yield ocr_pb2.RecognizeStreamResponse(completion=_completion(entry, event, with_characters=with_characters))
        self._metrics.request(METHOD, event.error.code if event.error else "OK", time.monotonic() - entry.received)
        self._trace.image(entry.received, entry.job, event)
        self._open.remove(entry)
        self._window.release()


def _line_event(entry: Entry, event: LineRead, *, with_characters: bool) -> ocr_pb2.LineEvent:
    return ocr_pb2.LineEvent(
        image_id=entry.image_id,
        sequence=entry.sequence,
        page_index=event.page_index,
        line_index=event.line_index,
        line=convert.line_message(event.line, with_characters=with_characters),
        elapsed_seconds=time.monotonic() - entry.received,
    )


def _completion(entry: Entry, event: Finished, *, with_characters: bool) -> ocr_pb2.ImageCompletion:
    completion = ocr_pb2.ImageCompletion(
        image_id=entry.image_id,
        sequence=entry.sequence,
        timings=convert.timings_message(event.timings),
    )
    if event.error is not None:
        completion.error.CopyFrom(convert.status_message(event.error))
    else:
        completion.document.CopyFrom(convert.document_message(event.pages, with_characters=with_characters))
    return completion
