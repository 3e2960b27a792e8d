"""The client for programs without asyncio: an AsyncClient that runs on its own thread."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from typing import Any, Self, TypeVar, Unpack, cast, overload

from edgeocr.client.aio import AsyncClient
from edgeocr.client.connection.channel import ChannelOption
from edgeocr.client.connection.targets import DEFAULT_TARGET
from edgeocr.client.connection.tls import Tls
from edgeocr.client.images import ImageSource
from edgeocr.client.keywords import LineKeywords, ManyKeywords, ReadKeywords
from edgeocr.client.loop_thread import LoopThread
from edgeocr.client.streaming.results import ImageResult, KeyT, LineEvent
from edgeocr.client.streaming.retry import DEFAULT_RETRY, RetryPolicy
from edgeocr.client.streaming.stream import Pair, check_several
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.results.document import Document

T = TypeVar("T")

_END = object()


class Client:
    """Reads text through a server; may be shared by any number of threads. Close it, or use it in `with`.

    Arguments, results and errors are those of `AsyncClient`. After `close`, every call raises RuntimeError.
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
        """Takes the arguments of `AsyncClient`; connects at the first call."""

        async def make() -> AsyncClient:
            return AsyncClient(
                target,
                timeout_seconds=timeout_seconds,
                tls=tls,
                token=token,
                insecure_token=insecure_token,
                options=options,
                retry=retry,
            )

        self._thread = LoopThread("edgeocr-client")
        try:
            self._client = self._thread.run(make())
        except BaseException:
            self._thread.close()
            raise

    def __enter__(self) -> Self:
        """Returns the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the client."""
        self.close()

    def close(self) -> None:
        """Cancels the calls of all threads, closes the connection and joins the client's thread."""
        if not self._thread.closed:
            try:
                self._thread.run(self._client.close())
            finally:
                self._thread.close()

    def read(self, image: ImageSource, **keywords: Unpack[ReadKeywords]) -> Document:
        """Reads one image, or a document, see `AsyncClient.read`."""
        return self._thread.run(self._client.read(image, **keywords))

    @overload
    def read_many(
        self, images: Iterable[Pair[KeyT]], **keywords: Unpack[ManyKeywords[KeyT]]
    ) -> Iterator[ImageResult[KeyT]]: ...

    @overload
    def read_many(
        self, images: Iterable[ImageSource], **keywords: Unpack[ManyKeywords[int]]
    ) -> Iterator[ImageResult[int]]: ...

    def read_many(
        self, images: Iterable[Pair[Any]] | Iterable[ImageSource], **keywords: Unpack[ManyKeywords[Any]]
    ) -> Iterator[ImageResult[Any]]:
        """Reads images, or (key, image) pairs, over one stream, see `AsyncClient.read_many`.

        `images` is iterated on other threads than the caller's, one step at a time; `on_page` and `on_line` are called
        on the client's thread.
        """
        check_several(images)
        # The overloads select the result type for the type checker.
        pairs = cast("Iterable[Pair[Any]]", images)

        async def begin() -> AsyncGenerator[ImageResult[Any], None]:
            return self._client.read_many(_pulled_by_a_thread(pairs), **keywords)

        return self._thread.iterate(self._thread.run(begin()))

    def read_lines(self, image: ImageSource, **keywords: Unpack[LineKeywords]) -> Iterator[LineEvent]:
        """Yields an image's lines as they are read, see `AsyncClient.read_lines`."""
        return self._thread.iterate(self._client.read_lines(image, **keywords))

    def info(self, *, timeout_seconds: float | None = None) -> ocr_pb2.GetServerInfoResponse:
        """Describes the server, see `AsyncClient.info`."""
        return self._thread.run(self._client.info(timeout_seconds=timeout_seconds))

    def is_serving(self, *, timeout_seconds: float | None = None) -> bool:
        """Whether the server reports that it is ready to read, see `AsyncClient.is_serving`."""
        return self._thread.run(self._client.is_serving(timeout_seconds=timeout_seconds))

    def why_not_serving(self, *, timeout_seconds: float | None = None) -> str:
        """Why the server is not ready, see `AsyncClient.why_not_serving`."""
        return self._thread.run(self._client.why_not_serving(timeout_seconds=timeout_seconds))

    def wait_until_serving(self, timeout_seconds: float) -> None:
        """Waits until the server is ready to read, see `AsyncClient.wait_until_serving`."""
        self._thread.run(self._client.wait_until_serving(timeout_seconds))


async def _pulled_by_a_thread(items: Iterable[T]) -> AsyncGenerator[T, None]:
    iterator = iter(items)
    while (item := await asyncio.to_thread(next, iterator, _END)) is not _END:
        yield item  # type: ignore[misc]
