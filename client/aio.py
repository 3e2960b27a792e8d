"""The client for asyncio programs."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from typing import Any, Self, Unpack, overload

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from edgeocr.choices import DocumentChoice, Mode, Order, Preparation, Reading
from edgeocr.client.answers import check_info
from edgeocr.client.connection.channel import ChannelOption, make_channel
from edgeocr.client.connection.service_config import SERVICE
from edgeocr.client.connection.targets import DEFAULT_TARGET
from edgeocr.client.connection.tls import Tls
from edgeocr.client.connection.token import authorize, check_token
from edgeocr.client.errors import OcrError
from edgeocr.client.images import ImageSource
from edgeocr.client.keywords import ManyKeywords
from edgeocr.client.options import make_options, make_stream_config
from edgeocr.client.streaming.hedge import hedged
from edgeocr.client.streaming.loading import load
from edgeocr.client.streaming.results import ImageResult, KeyT, LineEvent, LineTaker, PageTaker, Takers
from edgeocr.client.streaming.retry import DEFAULT_RETRY, Contact, RetryPolicy
from edgeocr.client.streaming.server_info import server_info
from edgeocr.client.streaming.single import SingleImage
from edgeocr.client.streaming.stream import Images, ImageStream, Pair, check_several
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc
from edgeocr.results.document import Document
from edgeocr.sources import ChannelOrder

_POLL_SECONDS = 0.1
_NOT_SERVING = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.DEADLINE_EXCEEDED}


class AsyncClient:
    """Reads text through a server. Create it in the running event loop; close it, or use it in `async with`.

    `timeout_seconds` is the default deadline of images and calls; None means no deadline. Two errors are retried:
    UNAVAILABLE, and a refusal for lack of room that says when to try again.
    """

    def __init__(
        self,
        target: str = DEFAULT_TARGET,
        *,
        timeout_seconds: float | None = None,
        tls: Tls | None = None,
        token: str | None = None,
        insecure_token: bool = False,
        options: Sequence[ChannelOption] = (),
        retry: RetryPolicy = DEFAULT_RETRY,
    ) -> None:
        """Takes the arguments of `make_channel`, and the bearer token for servers that require one.

        It connects at the first call. Without TLS the token is sent to this machine only (loopback, unix sockets),
        unless `insecure_token` is set.

        Raises:
            OSError: a file of `tls` cannot be read.
            ValueError: the target or `tls` is invalid (see `make_channel`), the token is malformed, or it would be sent
                unencrypted.
        """
        if token is not None:
            check_token(token, target, encrypted=tls is not None, insecure=insecure_token)
        self._channel = make_channel(target, tls=tls, options=options)
        self._stub = ocr_pb2_grpc.OcrServiceStub(self._channel)
        if token is not None:
            authorize(self._stub, token)
        self._health = health_pb2_grpc.HealthStub(self._channel)
        self._timeout_seconds = timeout_seconds
        self._retry = retry
        self._contact = Contact()

    async def __aenter__(self) -> Self:
        """Returns the client itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Closes the client."""
        await self.close()

    async def close(self) -> None:
        """Cancels the calls in progress and closes the connection."""
        await self._channel.close(None)

    async def read(
        self,
        image: ImageSource,
        *,
        mode: Mode = "page",
        characters: bool = False,
        partial: bool = False,
        document: DocumentChoice | None = None,
        omit: Iterable[Preparation] = (),
        alternatives: bool = False,
        aligned_tables: bool = False,
        reading: Reading | None = None,
        channel_order: ChannelOrder = "BGR",
        timeout_seconds: float | None = None,
        hedge_seconds: float | None = None,
    ) -> Document:
        """Reads one image or document; `document` selects pages and how they are read.

        With `partial`, a page whose time runs out is returned with the lines read so far (Page.partial); the call's
        deadline is then slightly longer than the image's. `omit` disables corrections of turned, skewed or faint pages.
        With `alternatives`, lines carry their characters, and doubtful ones their alternatives; with `aligned_tables`,
        tables without rulings are detected too. `reading` names the recognisers, by default the
        server's own. `channel_order` is that of arrays.

        With `hedge_seconds`, an image without an answer by then is sent a second time, to the next server if there are
        several, and the first answer is used. The extra work is small if few images take that long.

        Raises:
            OcrError: the image was not read.
            OSError, TypeError, ValueError: the image could not be loaded, see `make_image`.
        """
        options = make_options(
            mode=mode,
            characters=characters,
            partial=partial,
            document=document,
            omit=omit,
            alternatives=alternatives,
            aligned_tables=aligned_tables,
            reading=reading,
        )
        single = await self._single(options, image, channel_order, timeout_seconds)
        return await (single.read() if hedge_seconds is None else hedged(single.read, hedge_seconds))

    @overload
    def read_many(
        self, images: Iterable[Pair[KeyT]] | AsyncIterable[Pair[KeyT]], **keywords: Unpack[ManyKeywords[KeyT]]
    ) -> AsyncGenerator[ImageResult[KeyT], None]: ...

    @overload
    def read_many(
        self, images: Iterable[ImageSource] | AsyncIterable[ImageSource], **keywords: Unpack[ManyKeywords[int]]
    ) -> AsyncGenerator[ImageResult[int], None]: ...

    def read_many(
        self,
        images: Images[Any],
        *,
        mode: Mode = "page",
        characters: bool = False,
        partial: bool = False,
        omit: Iterable[Preparation] = (),
        alternatives: bool = False,
        aligned_tables: bool = False,
        reading: Reading | None = None,
        channel_order: ChannelOrder = "BGR",
        order: Order = "ordered",
        in_flight: int | None = None,
        document: DocumentChoice | None = None,
        on_page: PageTaker[Any] | None = None,
        on_line: LineTaker[Any] | None = None,
        timeout_seconds: float | None = None,
    ) -> AsyncGenerator[ImageResult[Any], None]:
        """Reads images, or (key, image) pairs, over one stream; yields exactly one result for each.

        Without a key, an image's key is its position, from 0. Images are pulled and loaded only when they may be sent:
        at most `in_flight` (by default the server's Limits.stream_images) are loaded whose results have not been taken.
        An image that fails, also on the client's side, has the error in its result; an OcrError given in place of an
        image becomes its result. `timeout_seconds` is each image's deadline, counted from its receipt by the server;
        with `partial`, the lines read by then are the result.

        `on_page` is called with the image's key for each page as soon as it is read, `on_line` for each line. If a
        document is sent again, they are called again from its first page.

        If the stream breaks with UNAVAILABLE, images without an answer are sent again for as long as the client's
        RetryPolicy allows; after that, or if the stream ends with another error, all remaining images get that error.

        Raises:
            TypeError, ValueError: an argument is invalid (raised by the call itself).
        """
        check_several(images)
        if in_flight is not None and in_flight < 1:
            raise ValueError(f"in_flight must be at least 1, got {in_flight}")
        options = make_options(
            mode=mode,
            characters=characters,
            partial=partial,
            document=document,
            omit=omit,
            alternatives=alternatives,
            aligned_tables=aligned_tables,
            reading=reading,
        )
        stream = ImageStream[Any](
            self._stub,
            make_stream_config(
                options,
                order,
                line_events=on_line is not None,
                page_events=on_page is not None,
            ),
            in_flight=in_flight,
            timeout_seconds=self._deadline(timeout_seconds),
            retry=self._retry,
            contact=self._contact,
            channel_order=channel_order,
            takers=Takers(on_page, on_line),
        )
        return stream.results(images)

    async def read_lines(
        self,
        image: ImageSource,
        *,
        mode: Mode = "page",
        characters: bool = False,
        document: DocumentChoice | None = None,
        omit: Iterable[Preparation] = (),
        alternatives: bool = False,
        aligned_tables: bool = False,
        reading: Reading | None = None,
        channel_order: ChannelOrder = "BGR",
        timeout_seconds: float | None = None,
    ) -> AsyncGenerator[LineEvent, None]:
        """Yields an image's lines as they are read, each with its page and its position in reading order.

        Raises:
            OcrError: the image was not read completely; lines yielded before remain valid.
            OSError, TypeError, ValueError: the image could not be loaded, see `make_image`.
        """
        options = make_options(
            mode=mode,
            characters=characters,
            document=document,
            omit=omit,
            alternatives=alternatives,
            aligned_tables=aligned_tables,
            reading=reading,
        )
        lines = (await self._single(options, image, channel_order, timeout_seconds)).lines()
        try:
            async for line in lines:
                yield line
        finally:
            await lines.aclose()

    async def _single(
        self,
        options: ocr_pb2.RecognizeOptions,
        image: ImageSource,
        channel_order: ChannelOrder,
        timeout_seconds: float | None,
    ) -> SingleImage:
        return SingleImage(
            self._stub,
            await load(image, channel_order),
            options,
            timeout_seconds=self._deadline(timeout_seconds),
            retry=self._retry,
            contact=self._contact,
        )

    async def info(self, *, timeout_seconds: float | None = None) -> ocr_pb2.GetServerInfoResponse:
        """Describes the server; raises OcrError if it does not answer."""
        return check_info(await server_info(self._stub, self._contact, self._deadline(timeout_seconds)))

    async def is_serving(self, *, timeout_seconds: float | None = None) -> bool:
        """Whether the server reports that it is ready to read; False if there is no answer."""
        return not await self.why_not_serving(timeout_seconds=timeout_seconds)

    async def why_not_serving(self, *, timeout_seconds: float | None = None) -> str:
        """Why the server is not ready, such as a refused connection or a failed TLS handshake; empty if it is ready."""
        return await self._check_health(self._deadline(timeout_seconds), wait_for_ready=False)

    async def wait_until_serving(self, timeout_seconds: float) -> None:
        """Waits until the server is ready to read; raises OcrError DEADLINE_EXCEEDED with the reason if it is not in
        time."""
        end = time.monotonic() + timeout_seconds
        while (remaining_seconds := end - time.monotonic()) > 0:
            if not await self._check_health(remaining_seconds, wait_for_ready=True):
                return
            await asyncio.sleep(min(_POLL_SECONDS, max(0.0, end - time.monotonic())))
        # A call that waits for a connection does not say why there is none.
        why = await self._check_health(_POLL_SECONDS, wait_for_ready=False)
        text = f"the server was not serving within {timeout_seconds:g} s"
        raise OcrError(grpc.StatusCode.DEADLINE_EXCEEDED, f"{text}: {why}" if why else text)

    async def _check_health(self, timeout_seconds: float | None, *, wait_for_ready: bool) -> str:
        request = health_pb2.HealthCheckRequest(service=SERVICE)
        try:
            answer = await self._health.Check(request, timeout=timeout_seconds, wait_for_ready=wait_for_ready)
        except grpc.aio.AioRpcError as error:
            if error.code() in _NOT_SERVING:
                return f"{error.code().name}: {error.details()}"
            raise OcrError.from_rpc_error(error) from error
        serves = answer.status == health_pb2.HealthCheckResponse.SERVING
        return "" if serves else "it reports that it is not serving: it is starting or draining, or a worker is stuck"

    def _deadline(self, timeout_seconds: float | None) -> float | None:
        return self._timeout_seconds if timeout_seconds is None else timeout_seconds
