"""A fake server for tests of programs that use the client: it implements the contract with answers given by the test.

with FakeServer({b"first image": "Milk 31.80"}) as server, Client(server.target) as client:
    assert client.read(b"first image").text == "Milk 31.80"
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Self

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from edgeocr.client.connection.service_config import SERVICE
from edgeocr.client.errors import OcrError
from edgeocr.client.loop_thread import LoopThread
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc

Answer = str | OcrError
"""A document's text, with form feeds between pages and newlines between lines, or its error."""

_WIDTH, _LINE_HEIGHT = 1000, 20
_UNKNOWN = OcrError(grpc.StatusCode.INVALID_ARGUMENT, "the fake server has no answer for this image")


class FakeServer:
    """Serves on this machine from its own thread while its `with` block runs.

    Attributes:
        target: for clients.
        images: the images received, in order: encoded files, or the bytes of pixels.
    """

    def __init__(self, answers: Mapping[bytes, Answer] | Callable[[bytes], Answer]) -> None:
        """`answers` maps images to answers, or is a function that returns them or raises an OcrError."""
        self.target = "127.0.0.1:0"
        self.images: list[bytes] = []
        self._answers = answers if callable(answers) else lambda image: answers.get(image, _UNKNOWN)
        self._thread = LoopThread("edgeocr-fake-server")

    def __enter__(self) -> Self:
        """Starts serving."""
        try:
            self._thread.run(self._start())
        except BaseException:
            self._thread.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Ends all calls."""
        try:
            self._thread.run(self._server.stop(None))
        finally:
            self._thread.close()

    async def _start(self) -> None:
        self._server = grpc.aio.server(options=[("grpc.max_receive_message_length", -1)])
        servicer = health.aio.HealthServicer()  # type: ignore[attr-defined]  # the stubs lack aio
        ocr_pb2_grpc.add_OcrServiceServicer_to_server(_Service(self._completion), self._server)
        health_pb2_grpc.add_HealthServicer_to_server(servicer, self._server)
        self.target = f"127.0.0.1:{self._server.add_insecure_port(self.target)}"
        await servicer.set(SERVICE, health_pb2.HealthCheckResponse.SERVING)
        await self._server.start()

    def _completion(self, image_id: str, image: ocr_pb2.Image) -> ocr_pb2.ImageCompletion:
        content = image.encoded or image.raw.data
        self.images.append(content)
        try:
            answer = self._answers(content)
        except OcrError as error:
            answer = error
        if isinstance(answer, OcrError):
            return ocr_pb2.ImageCompletion(image_id=image_id, error=_status(answer))
        pages = [_page(index, text) for index, text in enumerate(answer.split("\f"))]
        return ocr_pb2.ImageCompletion(image_id=image_id, document=ocr_pb2.Document(pages=pages))


class _Service(ocr_pb2_grpc.OcrServiceServicer):
    """Implements the contract's methods."""

    def __init__(self, complete: Callable[[str, ocr_pb2.Image], ocr_pb2.ImageCompletion]) -> None:
        self._complete = complete

    async def GetServerInfo(self, request: Any, context: Any) -> ocr_pb2.GetServerInfoResponse:
        """Describes a server that states no limits."""
        return ocr_pb2.GetServerInfoResponse(version="fake", limits=ocr_pb2.Limits(stream_images=8))

    async def Recognize(self, request: ocr_pb2.RecognizeRequest, context: Any) -> ocr_pb2.RecognizeResponse:
        """Answers one image."""
        completion = self._complete("", request.image)
        if completion.HasField("error"):
            error = completion.error
            code = next(code for code in grpc.StatusCode if code.value[0] == error.code)
            details = (("grpc-status-details-bin", error.SerializeToString()),)
            await context.abort(code, error.message, details)
        return ocr_pb2.RecognizeResponse(document=completion.document)

    async def RecognizeStream(
        self,
        requests: AsyncIterator[ocr_pb2.RecognizeStreamRequest],
        context: Any,
    ) -> AsyncIterator[ocr_pb2.RecognizeStreamResponse]:
        """Answers images in order, with the events that the caller requested."""
        config = ocr_pb2.StreamConfig()
        async for request in requests:
            if request.HasField("config"):
                config = request.config
                continue
            completion = self._complete(request.image.id, request.image.image)
            for event in _events(completion, config):
                yield event
            yield ocr_pb2.RecognizeStreamResponse(completion=completion)


def _events(completion: ocr_pb2.ImageCompletion, config: ocr_pb2.StreamConfig) -> list[ocr_pb2.RecognizeStreamResponse]:
    """The events before a completion; pages that were sent are removed from the completion."""
    if completion.HasField("error"):
        return []
    pages = completion.document.pages
    events = []
    for page in pages:
        if not config.omit_line_events:
            for place, line in enumerate(page.lines):
                event = ocr_pb2.LineEvent(
                    image_id=completion.image_id, page_index=page.index, line_index=place, line=line
                )
                events.append(ocr_pb2.RecognizeStreamResponse(line=event))
        if config.page_events:
            read = ocr_pb2.PageEvent(image_id=completion.image_id, page=page, page_count=len(pages))
            events.append(ocr_pb2.RecognizeStreamResponse(page=read))
    if config.page_events:
        completion.document.ClearField("pages")
    return events


def _page(index: int, text: str) -> ocr_pb2.Page:
    texts = [line for line in text.splitlines() if line]
    page = ocr_pb2.Page(
        index=index, width_pixels=_WIDTH, height_pixels=_LINE_HEIGHT * max(1, len(texts)), text="\n".join(texts)
    )
    for row, line in enumerate(texts):
        top, bottom = row * _LINE_HEIGHT, (row + 1) * _LINE_HEIGHT
        corners = ((0, top), (_WIDTH, top), (_WIDTH, bottom), (0, bottom))
        polygon = [ocr_pb2.Point(x=x, y=y) for x, y in corners]
        page.lines.append(ocr_pb2.Line(text=line, confidence=1, min_confidence=1, polygon=polygon, row=row))
    return page


def _status(error: OcrError) -> status_pb2.Status:
    status = status_pb2.Status(code=error.code.value[0], message=error.message)
    if error.retry_seconds is not None:
        delay = Duration()
        delay.FromNanoseconds(round(error.retry_seconds * 1e9))
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    if error.reason:
        info = error_details_pb2.ErrorInfo(reason=error.reason, metadata={"limit": error.limit})
        status.details.add().Pack(info)
    return status
