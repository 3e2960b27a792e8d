"""The service of ocr.proto: validates and converts requests, admits images, and converts results."""

import itertools
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeAlias

from grpc.aio import ServicerContext

from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc
from edgeocr.server.grpc.call import current
from edgeocr.server.grpc.messages import convert
from edgeocr.server.grpc.messages.result_messages import set_document, set_timings
from edgeocr.server.grpc.stream import METHOD, StreamCall
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.sender import Sender
from edgeocr.server.scheduling.session import Session

SERVICE = ocr_pb2.DESCRIPTOR.services_by_name["OcrService"].full_name
Context: TypeAlias = "ServicerContext[Any, Any]"


class OcrServicer(ocr_pb2_grpc.OcrServiceServicer):
    """Implements OcrService."""

    def __init__(
        self,
        admission: Admission,
        metrics: Metrics,
        info: Callable[[], ocr_pb2.GetServerInfoResponse],
        lifecycle: Lifecycle,
    ) -> None:
        self._admission = admission
        self._metrics = metrics
        self._info = info
        self._lifecycle = lifecycle
        self._stream_numbers = itertools.count()

    async def GetServerInfo(
        self, request: ocr_pb2.GetServerInfoRequest, context: Context
    ) -> ocr_pb2.GetServerInfoResponse:
        """Describes the server."""
        return self._info()

    async def Recognize(self, request: ocr_pb2.RecognizeRequest, context: Context) -> ocr_pb2.RecognizeResponse:
        """Reads one image."""
        with self._lifecycle.open(f"{SERVICE}/Recognize", context.invocation_metadata()) as trace:
            call = current()
            sender = Sender(call.caller, record=call.record)
            session = Session(self._admission, self._metrics, trace, method="Recognize", sender=sender)
            call.until_sent.append(session.close)
            with session.refusing(entry := session.enter()):
                options = convert.job_options(request.options, "options", sends_lines=False)
                seconds = convert.timeout_seconds(request.timeout_seconds, "timeout_seconds", context.time_remaining())
                session.admit(entry, convert.image_source(request.image), options, seconds)
            # The job releases the image as soon as possible; the message would keep it.
            del request
            (finished,) = await session.results()
            response = ocr_pb2.RecognizeResponse()
            set_document(response.document, finished.pages)
            set_timings(response.timings, finished.timings)
            return response

    async def RecognizeStream(
        self, requests: AsyncIterator[ocr_pb2.RecognizeStreamRequest], context: Context
    ) -> AsyncIterator[ocr_pb2.RecognizeStreamResponse]:
        """Reads any number of images."""
        remaining = context.time_remaining()
        deadline = None if remaining is None else time.monotonic() + remaining
        with self._lifecycle.open(f"{SERVICE}/{METHOD}", context.invocation_metadata()) as trace:
            call = StreamCall(
                self._admission,
                self._metrics,
                trace,
                call=current(),
                stream=f"stream {next(self._stream_numbers)}",
                window_images=self._info().limits.stream_images,
                deadline=deadline,
            )
            try:
                async with self._lifecycle.receiving(call.receive(requests)) as received:
                    with self._metrics.open_stream():
                        async for response in call.respond():
                            yield response
                        await received()
            finally:
                call.cancel()
