"""A server that keeps the contract but reads nothing: an image's bytes say what its answer is to be.

    some text          a document with one line for every line of the text, pages separated by form feeds
    error CODE text    an error for this image
    full SECONDS       a refusal that says when to ask again
    wait SECONDS text  the document, after a while
    hang               no answer

It runs on a thread of its own, so that synchronous clients can be tested as well.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer

from edgeocr.client.loop_thread import LoopThread
from edgeocr.client.streaming.retry import RetryPolicy
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc

SERVICE = "edgeocr.v1.OcrService"


@dataclass
class Stream:
    """What one stream is to do, and what was seen of it."""

    break_after: int | None = None
    """Ends the stream once so many completions were sent."""
    break_after_page: int | None = None
    """Ends the stream once the page of that place was sent."""
    loses: bool = False
    """Ends it then, once an image has come, as a connection to a server that is gone ends: without a reason."""
    break_code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE
    refuse: bool = False
    """Completes every image with UNAVAILABLE, and ends well when the client has no more."""
    full: bool = False
    """Refuses every image for now."""
    repeat: bool = False
    """Sends every completion twice."""
    config: ocr_pb2.StreamConfig | None = None
    ids: list[str] = field(default_factory=list)
    images: list[bytes] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)
    half_closed: bool = False
    over: bool = False


class FakeOcr(ocr_pb2_grpc.OcrServiceServicer):
    """Answers as the images say; `plans` holds for the streams to come, `streams` shows those that came."""

    def __init__(self) -> None:
        self.info = ocr_pb2.GetServerInfoResponse(version="1.2.3", limits=ocr_pb2.Limits(stream_images=4))
        self.unary_failures: list[grpc.StatusCode] = []
        self.unary_calls = 0
        self.options: list[ocr_pb2.RecognizeOptions] = []
        self.timeouts: list[tuple[float, float | None]] = []
        self.plans: list[Stream] = []
        self.streams: list[Stream] = []

    async def GetServerInfo(self, request, context):
        return self.info

    async def Recognize(self, request, context):
        self.unary_calls += 1
        self.options.append(request.options)
        self.timeouts.append((request.timeout_seconds, context.time_remaining()))
        if self.unary_failures:
            await leave(context, self.unary_failures.pop(0), lost=request.image.encoded.startswith(b"poison"))
        completion = await complete("", request.image)
        if completion.HasField("error"):
            await context.abort(code_of(completion.error), completion.error.message)
        return ocr_pb2.RecognizeResponse(document=completion.document, timings=completion.timings)

    async def RecognizeStream(self, requests, context) -> AsyncIterator[ocr_pb2.RecognizeStreamResponse]:
        stream = self.plans.pop(0) if self.plans else Stream()
        self.streams.append(stream)
        completions: asyncio.Queue[asyncio.Task | None] = asyncio.Queue()
        receiver = asyncio.create_task(self._receive(requests, stream, completions))
        sent = 0
        try:
            while True:
                if stream.break_after == sent:
                    while stream.loses and not stream.images:
                        await asyncio.sleep(0.005)
                    await leave(context, stream.break_code, lost=stream.loses)
                task = await completions.get()
                if task is None:
                    return
                completion = await task
                if not stream.config.omit_line_events:
                    for index, line in enumerate(
                        completion.document.pages[0].lines if completion.document.pages else []
                    ):
                        event = ocr_pb2.LineEvent(image_id=completion.image_id, line_index=index, line=line)
                        yield ocr_pb2.RecognizeStreamResponse(line=event)
                if stream.config.page_events:
                    pages = completion.document.pages
                    for page in pages:
                        event = ocr_pb2.PageEvent(image_id=completion.image_id, page=page, page_count=len(pages))
                        yield ocr_pb2.RecognizeStreamResponse(page=event)
                        if stream.break_after_page == page.index:
                            stream.break_after_page = None
                            await leave(context, stream.break_code)
                    pages.clear()
                for _ in range(2 if stream.repeat else 1):
                    yield ocr_pb2.RecognizeStreamResponse(completion=completion)
                sent += 1
        finally:
            stream.over = True
            receiver.cancel()

    async def _receive(self, requests, stream, completions) -> None:
        ordered = True
        tasks = []
        async for request in requests:
            if request.HasField("config"):
                stream.config = request.config
                ordered = request.config.order != ocr_pb2.STREAM_ORDER_AS_COMPLETED
                continue
            stream.ids.append(request.image.id)
            stream.images.append(request.image.image.encoded)
            stream.timeouts.append(request.image.timeout_seconds)
            image = request.image.image
            if stream.refuse or stream.full:
                image = ocr_pb2.Image(encoded=b"full 0.01" if stream.full else b"error UNAVAILABLE drains")
            task = asyncio.create_task(complete(request.image.id, image))
            tasks.append(task)
            if ordered:
                completions.put_nowait(task)
            else:
                task.add_done_callback(completions.put_nowait)
        stream.half_closed = True
        await asyncio.gather(*tasks)
        completions.put_nowait(None)


async def leave(context, code: grpc.StatusCode, *, lost: bool = False) -> None:
    """Ends a call, with a reason of the server's own unless its connection is lost."""
    status = status_pb2.Status(code=code.value[0], message="as planned")
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason="draining"))
    details = () if lost else (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(code, "as planned", details)


async def complete(image_id: str, image: ocr_pb2.Image) -> ocr_pb2.ImageCompletion:
    """The completion that the image asks for."""
    completion = ocr_pb2.ImageCompletion(image_id=image_id, timings=ocr_pb2.Timings(total_seconds=0.5))
    text = image.encoded.decode()
    verb, _, rest = text.partition(" ")
    if verb == "hang":
        await asyncio.Event().wait()
    if verb == "wait":
        seconds, _, text = rest.partition(" ")
        await asyncio.sleep(float(seconds))
    if verb == "error":
        name, _, message = rest.partition(" ")
        completion.error.CopyFrom(status_pb2.Status(code=grpc.StatusCode[name].value[0], message=message))
        return completion
    if verb == "full":
        completion.error.CopyFrom(status_pb2.Status(code=grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], message="full"))
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromNanoseconds(round(float(rest) * 1e9))
        completion.error.details.add().Pack(retry)
        return completion
    corners = [ocr_pb2.Point(x=x, y=y) for x, y in ((0.04, 0), (20, 0), (20, 10), (0, 10))]
    for index, content in enumerate(text.split("\f")):
        page = completion.document.pages.add(index=index, width_pixels=20, height_pixels=10, text=content)
        if content.startswith("damaged"):
            page.ClearField("text")
            page.error.CopyFrom(status_pb2.Status(code=3, message=content))
            continue
        for row, line in enumerate(content.splitlines()):
            page.lines.append(ocr_pb2.Line(text=line, confidence=0.912345, polygon=corners, row=row))
    return completion


def code_of(status: status_pb2.Status) -> grpc.StatusCode:
    """The code that a status names by number."""
    return next(code for code in grpc.StatusCode if code.value[0] == status.code)


class FakeServer:
    """FakeOcr and health on a unix socket or a port; `start` and `stop` any number of times."""

    def __init__(self, target: str, thread: LoopThread) -> None:
        self.target = target
        self.ocr = FakeOcr()
        self._thread = thread

    def start(self, *, serving: bool = True) -> None:
        self._thread.run(self._start(serving))

    def stop(self) -> None:
        self._thread.run(self._server.stop(None))

    def set_serving(self, serving: bool) -> None:
        self._thread.run(self._set_serving(serving))

    async def _start(self, serving: bool) -> None:
        self._server = grpc.aio.server(options=[("grpc.max_receive_message_length", -1)])
        self._health = HealthServicer()
        ocr_pb2_grpc.add_OcrServiceServicer_to_server(self.ocr, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        port = self._server.add_insecure_port(self.target)
        self.target = self.target.replace(":0", f":{port}") if self.target.endswith(":0") else self.target
        await self._set_serving(serving)
        await self._server.start()

    async def _set_serving(self, serving: bool) -> None:
        statuses = health_pb2.HealthCheckResponse
        await self._health.set(SERVICE, statuses.SERVING if serving else statuses.NOT_SERVING)


@pytest.fixture
def stopped_server(tmp_path: Path) -> Iterator[FakeServer]:
    """A server that does not run yet."""
    thread = LoopThread("fake-server")
    yield FakeServer(f"unix:{tmp_path}/ocr.sock", thread)
    thread.close()


@pytest.fixture
def server(stopped_server: FakeServer) -> Iterator[FakeServer]:
    """A server that runs."""
    with ExitStack() as stack:
        stopped_server.start()
        stack.callback(stopped_server.stop)
        yield stopped_server


@pytest.fixture
def stream_plan() -> Callable[..., Stream]:
    """Makes the plan of one stream."""
    return Stream


@pytest.fixture
def quick_retry() -> RetryPolicy:
    """Four attempts without much delay."""
    return RetryPolicy(initial_seconds=0.02, max_seconds=0.05, patience_seconds=0)
