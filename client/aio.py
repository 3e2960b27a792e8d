"""The client for asyncio programs."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from types import TracebackType
from typing import Any, Self, Unpack, overload

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from edgeocr.choices import DocumentChoice, Mode, Order, Preparation
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
    """Reads text through a server; make it where the event loop runs, and close it or use it in `async with`.

    `timeout_seconds` is the deadline of every image and call that is not given its own; None means none. Only
    UNAVAILABLE is retried, and what a server without room asks to be sent again.
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
        """Takes what `make_channel` takes, and a token for servers that ask for one.

        Nothing is connected before the first call. Without TLS a token goes to this machine only (loopback, unix
        sockets), unless `insecure_token` allows more.

        Raises:
            OSError: a file of `tls` cannot be read.
            ValueError: the target or its `tls` is wrong (see `make_channel`), the token is none, or others could read
                it on its way.
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

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the client."""
        await self.close()

    async def close(self) -> None:
        """Closes the connection; calls that are under way are cancelled."""
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
        channel_order: ChannelOrder = "BGR",
        timeout_seconds: float | None = None,
        hedge_seconds: float | None = None,
    ) -> Document:
        """Reads one image, or a document as `document` says.

        With `partial`, a page of which only some lines are read when time runs out is answered with these, and says
        so (Page.partial); the call itself then has a little more time than the work. What is in `omit` is not done
        for an image that is not upright and clean. With `alternatives`, lines have their characters, and doubtful ones
        what else they may be; with `aligned_tables`, tables without rulings are looked for. `channel_order` is that of
        arrays.

        With `hedge_seconds`, an image without an answer by then is sent once more, to the next server where there are
        several; the first answer counts. That costs work: give it a time that few images take.

        Raises:
            OcrError: the image was not read.
            OSError, TypeError, ValueError: the image could not be loaded, see `make_image`.
        """
        single = await self._single(
            make_options(
                mode,
                characters,
                partial,
                document,
                omit,
                alternatives=alternatives,
                aligned_tables=aligned_tables,
            ),
            image,
            channel_order,
            timeout_seconds,
        )
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
        channel_order: ChannelOrder = "BGR",
        order: Order = "ordered",
        in_flight: int | None = None,
        document: DocumentChoice | None = None,
        on_page: PageTaker[Any] | None = None,
        on_line: LineTaker[Any] | None = None,
        timeout_seconds: float | None = None,
    ) -> AsyncGenerator[ImageResult[Any], None]:
        """Reads images, or (key, image) pairs, over one stream, and yields exactly one result for each.

        The key of an image that comes alone is its place, from 0. Images are pulled and loaded only when they may be
        sent: at most `in_flight` (by default as many as the server's Limits.stream_images) are loaded and without a
        result taken. An image that fails, be it on this side, has its error in its result. A pair's image may be an
        OcrError, which then is its result. `timeout_seconds` is each image's deadline, counted by the server from its
        receipt; with `partial`, lines that were read by then are the result.

        Where `on_page` is given, it is called for every page of every image as soon as that is read, with the image's
        key; for a document that is sent again, from its first page again. `on_line`, likewise, for every line.

        Where the stream breaks with UNAVAILABLE, images without an answer are sent again, for as long as the client's
        RetryPolicy waits for a server that restarts; after that, or if the stream ends with another error, all
        remaining images get that error.

        Raises:
            TypeError, ValueError: an argument is wrong (at once).
        """
        check_several(images)
        if in_flight is not None and in_flight < 1:
            raise ValueError(f"in_flight is at least 1, not {in_flight}")
        stream = ImageStream[Any](
            self._stub,
            make_stream_config(
                make_options(
                    mode,
                    characters,
                    partial,
                    document,
                    omit,
                    alternatives=alternatives,
                    aligned_tables=aligned_tables,
                ),
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
        channel_order: ChannelOrder = "BGR",
        timeout_seconds: float | None = None,
    ) -> AsyncGenerator[LineEvent, None]:
        """Yields an image's lines as they are read, each with its page and its place in the reading order.

        Raises:
            OcrError: the image was not read to its end; lines that were yielded stand.
            OSError, TypeError, ValueError: the image could not be loaded, see `make_image`.
        """
        options = make_options(
            mode, characters, document=document, omit=omit, alternatives=alternatives, aligned_tables=aligned_tables
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
        """Whether the server says that it is ready to read; False as well if nobody answers."""
        return not await self.why_not_serving(timeout_seconds=timeout_seconds)

    async def why_not_serving(self, *, timeout_seconds: float | None = None) -> str:
        """What keeps the server from reading, such as that nobody listens or TLS fails; empty if it is ready."""
        return await self._check_health(self._deadline(timeout_seconds), wait_for_ready=False)

    async def wait_until_serving(self, timeout_seconds: float) -> None:
        """Waits until the server is ready to read; raises OcrError DEADLINE_EXCEEDED, and says why, if it is not in
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
        if answer.status == health_pb2.HealthCheckResponse.SERVING:
            return ""
        return "it says that it is not serving: it starts, drains, or a worker is stuck"

    def _deadline(self, timeout_seconds: float | None) -> float | None:
        return self._timeout_seconds if timeout_seconds is None else timeout_seconds
