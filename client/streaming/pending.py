"""The images of one `read_many` and their state, which outlives connections.

An image is admitted when the caller provides it, posted when it is loaded, and settled by exactly one result. Images
that are posted but not settled are sent again over the next connection; images that a server had no room for, at the
time it asked for. Images in flight on a connection that broke are sent first, one at a time. Results are delivered in
the order of admission, or at once.
"""

import asyncio
from typing import Generic

from edgeocr.client.answers import ReceivedPage, line_of, next_page_of
from edgeocr.client.errors import OcrError
from edgeocr.client.streaming.breaks import MOST_BREAKS, given_up
from edgeocr.client.streaming.results import (
    ImageFailed,
    ImageResult,
    KeyT,
    LineEvent,
    PageEvent,
    Takers,
    result_of,
)
from edgeocr.client.streaming.retry import RetryPolicy
from edgeocr.proto.edgeocr.v1 import ocr_pb2

Outbox = asyncio.Queue[ocr_pb2.RecognizeStreamRequest | None]
"""Messages to send over one connection; None follows the last."""


class PendingImages(Generic[KeyT]):
    """The images of one stream by number, from 0; for use on one event loop only."""

    def __init__(
        self,
        *,
        ordered: bool,
        timeout_seconds: float | None,
        retry: RetryPolicy,
        takers: Takers[KeyT],
    ) -> None:
        """Takes whether results keep the order, the deadline of each image in seconds, the retry policy, and the
        callbacks for pages and lines."""
        self.results: asyncio.Queue[ImageResult[KeyT] | None] = asyncio.Queue()
        self.answered_images = 0
        self.failure: OcrError | None = None
        self._ordered = ordered
        self._timeout_seconds = timeout_seconds or 0.0
        self._retry = retry
        self._takers = takers
        self._pages: dict[int, list[ReceivedPage]] = {}
        self._refusals: dict[int, int] = {}
        self._resting: set[int] = set()
        self._on_their_way: set[int] = set()
        self._breaks: dict[int, int] = {}
        self._keys: dict[int, KeyT] = {}
        self._posted: dict[int, ocr_pb2.RecognizeStreamRequest] = {}
        self._held_back: dict[int, ImageResult[KeyT]] = {}
        self._next_to_admit = 0
        self._next_to_release = 0
        self._outbox: Outbox = asyncio.Queue()
        self._complete = False

    @property
    def done(self) -> bool:
        """Whether all images are settled and no more will be admitted."""
        return self._complete and not self._keys

    def admit(self, key: KeyT) -> int:
        """Admits an image; returns its number."""
        number = self._next_to_admit
        self._next_to_admit += 1
        self._keys[number] = key
        return number

    def post(self, number: int, image: ocr_pb2.Image) -> None:
        """Posts an admitted image, or fails it if the stream has failed."""
        if self.failure is not None:
            self.settle_with_error(number, self.failure)
            return
        stream_image = ocr_pb2.StreamImage(id=str(number), image=image, timeout_seconds=self._timeout_seconds)
        self._posted[number] = ocr_pb2.RecognizeStreamRequest(image=stream_image)
        if not self._breaks:
            self._outbox.put_nowait(self._posted[number])

    def complete(self) -> None:
        """Records that no further image will be admitted."""
        self._complete = True
        self._finish_if_done()

    def open_outbox(self) -> Outbox:
        """Opens the outbox of a new connection with all images without an answer, in order."""
        self._outbox = asyncio.Queue()
        self._resting.clear()
        # A document whose pages arrived in part is read again.
        self._pages.clear()
        self._send_posted()
        self._finish_if_done()
        return self._outbox

    def _send_posted(self) -> None:
        """Sends every image without an answer, but only one of those in flight when a connection broke."""
        alone = next(iter(self._breaks), None)
        self._on_their_way.clear()
        for number, message in self._posted.items():
            if (alone is None or number == alone) and number not in self._resting:
                self._outbox.put_nowait(message)

    def sent(self, message: ocr_pb2.RecognizeStreamRequest) -> None:
        """Records that an image has been sent completely: from now on a server may read it."""
        number = self._number(message.image.id)
        if number is not None:
            self._on_their_way.add(number)

    def break_off(self, error: OcrError) -> None:
        """Records that the connection broke: any image in flight may be the cause."""
        for number in sorted(self._on_their_way):
            self._breaks[number] = self._breaks.get(number, 0) + 1
            if self._breaks[number] >= MOST_BREAKS:
                self.answered_images += 1
                self.settle_with_error(number, given_up(error))
        self._on_their_way.clear()

    def _finish_if_done(self) -> None:
        # Only now: an image refused for lack of room may have to be sent again over this connection.
        if self.done:
            self._outbox.put_nowait(None)

    def take_page(self, event: ocr_pb2.PageEvent) -> None:
        """Keeps a page until its document is complete."""
        number = self._number(event.image_id)
        if number is None:
            return
        pages = self._pages.setdefault(number, [])
        try:
            page = next_page_of(event.page, pages)
        except OcrError as error:
            self.settle_with_error(number, error)
            return
        pages.append((page, event.page))
        if self._takers.page is not None:
            self._takers.page(self._keys[number], PageEvent(page, event.page_count, event.elapsed_seconds))

    def take_line(self, event: ocr_pb2.LineEvent) -> None:
        """Reports a line."""
        number = self._number(event.image_id)
        if number is None or self._takers.line is None:
            return
        try:
            line = line_of(event.line)
        except OcrError as error:
            self.settle_with_error(number, error)
            return
        self._takers.line(
            self._keys[number], LineEvent(event.page_index, event.line_index, line, event.elapsed_seconds)
        )

    def settle(self, completion: ocr_pb2.ImageCompletion) -> None:
        """Handles the server's answer; answers that no image waits for are ignored."""
        number = self._number(completion.image_id)
        if number is None:
            return
        self.answered_images += 1
        pages = self._pages.pop(number, [])
        result = result_of(self._keys[number], completion, pages)
        if not self._rests(number, result.error):
            self._release(number, result)

    def _number(self, image_id: str) -> int | None:
        """The number of the image that waits for an answer under this id."""
        number, _, _ = image_id.partition("/")
        waiting = self._posted.get(int(number)) if number.isdecimal() else None
        return int(number) if waiting is not None and waiting.image.id == image_id else None

    def _rests(self, number: int, error: OcrError | None) -> bool:
        """Schedules an image to be sent again, under another id, if the server asked for that; False if it is final."""
        if error is None or error.retry_seconds is None:
            return False
        refusals = self._refusals[number] = self._refusals.get(number, 0) + 1
        delay_seconds = self._retry.next_delay_seconds(error, refusals)
        if delay_seconds is None:
            return False
        self._posted[number].image.id = f"{number}/{refusals}"
        self._resting.add(number)
        self._on_their_way.discard(number)
        asyncio.get_running_loop().call_later(delay_seconds, self._wake, number)
        return True

    def _wake(self, number: int) -> None:
        # Meanwhile a new connection may have sent all posted images.
        if number in self._resting:
            self._resting.remove(number)
            self._outbox.put_nowait(self._posted[number])

    def settle_with_error(self, number: int, error: OcrError) -> None:
        """Settles one image with an error."""
        self._release(number, ImageFailed(self._keys[number], error))

    def fail(self, error: OcrError) -> None:
        """Settles all pending and later images with this error."""
        self.failure = error
        for number in list(self._posted):
            self.settle_with_error(number, error)

    def _release(self, number: int, result: ImageResult[KeyT]) -> None:
        del self._keys[number]
        self._posted.pop(number, None)
        self._pages.pop(number, None)
        self._refusals.pop(number, None)
        self._resting.discard(number)
        self._on_their_way.discard(number)
        if self._breaks.pop(number, None) is not None:
            self._send_posted()
        self._finish_if_done()
        if not self._ordered:
            self.results.put_nowait(result)
            return
        self._held_back[number] = result
        while self._next_to_release in self._held_back:
            self.results.put_nowait(self._held_back.pop(self._next_to_release))
            self._next_to_release += 1
