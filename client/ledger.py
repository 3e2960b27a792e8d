"""Who has been answered: the memory of one `read_many`, which outlives its connections.

An image is admitted when the caller names it, posted once it is loaded, and settled by exactly one result. What is
posted but not settled goes out again over the next connection. Results leave in the order of admission, or at once.
"""

import asyncio
from typing import Generic

from edgeocr.client.errors import OcrError
from edgeocr.client.results import ImageResult, KeyT
from edgeocr.proto.edgeocr.v1 import ocr_pb2

Outbox = asyncio.Queue[ocr_pb2.RecognizeStreamRequest | None]
"""Messages to be sent over one connection; None comes after the last."""


class Ledger(Generic[KeyT]):
    """The images of one stream, by their number from 0; used from one event loop only."""

    def __init__(self, *, ordered: bool, timeout_seconds: float | None) -> None:
        """Takes whether results keep the order, and every image's deadline in seconds."""
        self.results: asyncio.Queue[ImageResult[KeyT] | None] = asyncio.Queue()
        self.answered_images = 0
        self.failure: OcrError | None = None
        self._ordered = ordered
        self._timeout_seconds = timeout_seconds or 0.0
        self._keys: dict[int, KeyT] = {}
        self._posted: dict[int, ocr_pb2.RecognizeStreamRequest] = {}
        self._held_back: dict[int, ImageResult[KeyT]] = {}
        self._next_to_admit = 0
        self._next_to_release = 0
        self._outbox: Outbox = asyncio.Queue()
        self._complete = False

    @property
    def done(self) -> bool:
        """Whether no image is left, nor will come."""
        return self._complete and not self._keys

    def admit(self, key: KeyT) -> int:
        """Takes up an image, and returns its number."""
        number = self._next_to_admit
        self._next_to_admit += 1
        self._keys[number] = key
        return number

    def post(self, number: int, image: ocr_pb2.Image) -> None:
        """Has an admitted image sent, or fails it if the stream has failed meanwhile."""
        if self.failure is not None:
            self.settle_with_error(number, self.failure)
            return
        stream_image = ocr_pb2.StreamImage(id=str(number), image=image, timeout_seconds=self._timeout_seconds)
        self._posted[number] = ocr_pb2.RecognizeStreamRequest(image=stream_image)
        self._outbox.put_nowait(self._posted[number])

    def complete(self) -> None:
        """Notes that no further image will be admitted."""
        self._complete = True
        self._outbox.put_nowait(None)

    def open_outbox(self) -> Outbox:
        """Starts the outbox of a new connection with everything that has no answer yet, in order."""
        self._outbox = asyncio.Queue()
        for message in self._posted.values():
            self._outbox.put_nowait(message)
        if self._complete:
            self._outbox.put_nowait(None)
        return self._outbox

    def settle(self, completion: ocr_pb2.ImageCompletion) -> None:
        """Takes the server's answer; one for an image that is not waiting for it is ignored."""
        number = int(completion.image_id) if completion.image_id.isdecimal() else -1
        if number in self._posted:
            self.answered_images += 1
            self._release(number, ImageResult.from_completion(self._keys[number], completion))

    def settle_with_error(self, number: int, error: OcrError) -> None:
        """Gives one image an error for its result."""
        self._release(number, ImageResult.from_error(self._keys[number], error))

    def fail(self, error: OcrError) -> None:
        """Gives up: what is posted gets this error, and so does what is admitted later."""
        self.failure = error
        for number in list(self._posted):
            self.settle_with_error(number, error)

    def _release(self, number: int, result: ImageResult[KeyT]) -> None:
        del self._keys[number]
        self._posted.pop(number, None)
        if not self._ordered:
            self.results.put_nowait(result)
            return
        self._held_back[number] = result
        while self._next_to_release in self._held_back:
            self.results.put_nowait(self._held_back.pop(self._next_to_release))
            self._next_to_release += 1
