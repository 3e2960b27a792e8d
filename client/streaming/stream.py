"""Reads many images over one stream, which is replaced if the connection breaks.

Three tasks share the pending images. The loader takes a slot, pulls the next image from the caller and posts it; the
conversation sends posted images and settles those with answers, over one connection after another; the caller's
generator yields results and frees their slots. So no image is loaded before it may be sent, and a caller that does not
take results stops the loading.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import aclosing
from typing import Generic, cast

import grpc

from edgeocr.client.answers import check_limits
from edgeocr.client.errors import OcrError
from edgeocr.client.images import ImageSource
from edgeocr.client.streaming.breaks import broke
from edgeocr.client.streaming.call import StreamCall
from edgeocr.client.streaming.chunks import in_messages
from edgeocr.client.streaming.loading import load_within
from edgeocr.client.streaming.pending import Outbox, PendingImages
from edgeocr.client.streaming.results import ImageResult, KeyT, Takers
from edgeocr.client.streaming.retry import Attempts, Contact, RetryPolicy
from edgeocr.client.streaming.server_info import server_info
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc
from edgeocr.sources import ChannelOrder

Pair = tuple[KeyT, ImageSource | OcrError]
"""The caller's key and an image; an OcrError in place of an image that could not be loaded."""

Images = Iterable[Pair[KeyT] | ImageSource] | AsyncIterable[Pair[KeyT] | ImageSource]
"""Pairs of key and image; the key of an image alone is its position, from 0."""

_UNAVAILABLE = grpc.StatusCode.UNAVAILABLE.value[0]

# After a call whose status was lost, the next call waits this long for an error before it writes more.
_PAUSE_SECONDS = 0.25


class ImageStream(Generic[KeyT]):
    """The state of one `read_many`; for a single use."""

    def __init__(
        self,
        stub: "ocr_pb2_grpc.OcrServiceAsyncStub",
        config: ocr_pb2.RecognizeStreamRequest,
        *,
        in_flight: int | None,
        timeout_seconds: float | None,
        retry: RetryPolicy,
        contact: Contact,
        channel_order: ChannelOrder = "BGR",
        takers: Takers[KeyT],
    ) -> None:
        """Takes the stream's first message, the maximum number of images in flight (None: the server's limit), and the
        callbacks for pages and lines."""
        self._stub = stub
        self._config = config
        self._in_flight = in_flight
        self._timeout_seconds = timeout_seconds
        self._attempts = Attempts(retry, contact)
        self._contact = contact
        self._channel_order = channel_order
        self._pending = PendingImages[KeyT](
            ordered=config.config.order != ocr_pb2.STREAM_ORDER_AS_COMPLETED,
            timeout_seconds=timeout_seconds,
            retry=retry,
            takers=takers,
        )
        self._pause_seconds = 0.0
        self._slots = asyncio.Semaphore(0)
        self._limits: asyncio.Future[ocr_pb2.Limits] = asyncio.get_running_loop().create_future()

    async def results(self, images: Images[KeyT]) -> AsyncGenerator[ImageResult[KeyT], None]:
        """Yields one result for every image; raises only what `images` raises, after the results of the images
        before."""
        run = asyncio.create_task(self._run(images))
        try:
            while (result := await self._pending.results.get()) is not None:
                self._slots.release()
                yield result
            await run
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)

    async def _run(self, images: Images[KeyT]) -> None:
        loader = asyncio.create_task(self._load_all(images))
        try:
            await self._converse_until_done()
            await loader
        finally:
            loader.cancel()
            await asyncio.gather(loader, return_exceptions=True)
            self._pending.results.put_nowait(None)

    async def _load_all(self, images: Images[KeyT]) -> None:
        limits = await self._limits
        for _ in range(self._in_flight or max(1, limits.stream_images)):
            self._slots.release()
        try:
            async with aclosing(_pairs(images)) as pairs:
                await self._slots.acquire()
                async for key, source in pairs:
                    await self._load(self._pending.admit(key), source, limits)
                    await self._slots.acquire()
        finally:
            self._pending.complete()

    async def _load(self, number: int, source: ImageSource | OcrError, limits: ocr_pb2.Limits) -> None:
        if self._pending.failure is not None:
            self._pending.settle_with_error(number, self._pending.failure)
            return
        try:
            image = await load_within(source, limits, self._channel_order)
        except OcrError as error:
            self._pending.settle_with_error(number, error)
        else:
            self._pending.post(number, image)

    async def _converse_until_done(self) -> None:
        while not self._pending.done:
            answered_before = self._pending.answered_images
            try:
                error = await self._converse()
            except OcrError as broken:
                error = broken
                if broke(error):
                    self._pending.break_off(error)
            if self._pending.answered_images > answered_before:
                self._attempts.progress()
            delay_seconds = self._attempts.delay_seconds(error)
            if delay_seconds is None:
                self._pending.fail(error)
                break
            await asyncio.sleep(delay_seconds)
        if not self._limits.done():
            self._limits.set_result(ocr_pb2.Limits())

    async def _converse(self) -> OcrError:
        """Runs one call to its end; returns the error for images that have no answer nevertheless."""
        if not self._limits.done():
            self._limits.set_result(await self._ask_limits())
        reason = OcrError(grpc.StatusCode.INTERNAL, "the server ended the stream before its last answer")
        outbox = self._pending.open_outbox()
        # Opens no call while there is nothing to send: a source may pause for longer than a connection lasts.
        first = await outbox.get()
        if first is None:
            return reason
        with StreamCall(self._stub) as call:
            sender = asyncio.create_task(self._send(call, first, outbox))
            try:
                async with aclosing(call.responses()) as responses:
                    async for response in responses:
                        if response.completion.error.code == _UNAVAILABLE:
                            # The server is shutting down: its remaining answers are taken, other images wait for the
                            # next call.
                            reason = OcrError.from_status(response.completion.error)
                            outbox.put_nowait(None)
                        elif response.HasField("line"):
                            self._pending.take_line(response.line)
                        elif response.HasField("page"):
                            self._pending.take_page(response.page)
                        elif response.HasField("completion"):
                            self._pending.settle(response.completion)
            finally:
                self._pause_seconds = _PAUSE_SECONDS if call.lost_status else 0.0
                sender.cancel()
                await asyncio.gather(sender, return_exceptions=True)
        return reason

    async def _send(self, call: StreamCall, first: ocr_pb2.RecognizeStreamRequest, outbox: Outbox) -> None:
        going_on = await call.send(self._config)
        await asyncio.sleep(self._pause_seconds)
        going_on = going_on and await self._send_image(call, first)
        await asyncio.sleep(self._pause_seconds)
        while going_on and (message := await outbox.get()) is not None:
            going_on = await self._send_image(call, message)
        await call.finish_sending()

    async def _send_image(self, call: StreamCall, request: ocr_pb2.RecognizeStreamRequest) -> bool:
        limits = await self._limits
        for message in in_messages(request, limits):
            if not await call.send(message):
                return False
        self._pending.sent(request)
        return True

    async def _ask_limits(self) -> ocr_pb2.Limits:
        return check_limits((await server_info(self._stub, self._contact, self._timeout_seconds)).limits)


def check_several(images: object) -> None:
    """Raises TypeError for a single image, which is iterable too."""
    if isinstance(images, str | bytes | bytearray | memoryview):
        raise TypeError(f"images must be an iterable of images, got one {type(images).__name__}")


async def _pairs(images: Images[KeyT]) -> AsyncGenerator[Pair[KeyT], None]:
    place = 0
    async for item in _items(images):
        # By the callers' types, keys are positions if none are given.
        yield item if isinstance(item, tuple) else cast("Pair[KeyT]", (place, item))
        place += 1


async def _items(images: Images[KeyT]) -> AsyncGenerator[Pair[KeyT] | ImageSource, None]:
    if isinstance(images, AsyncIterable):
        async for item in images:
            yield item
    else:
        for item in images:
            yield item
