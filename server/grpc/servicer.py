"""The service of ocr.proto: it validates, converts, hands to admission, and converts back."""

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from grpc import StatusCode
from grpc.aio import ServicerContext

from edgeocr.model.errors import INTERNAL_TEXT, Code, EdgeOcrError
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc
from edgeocr.server.admission import Admission
from edgeocr.server.grpc import convert
from edgeocr.server.grpc.inbox import Ending
from edgeocr.server.grpc.stream import StreamCall
from edgeocr.server.jobs import Draining, Finished
from edgeocr.server.metrics import Metrics

Context: TypeAlias = "ServicerContext[Any, Any]"

_LULL_SECONDS = 0.1
_MOST_LULLS = 10
_STATUS_KEY = "grpc-status-details-bin"
_log = logging.getLogger(__name__)


class OcrServicer(ocr_pb2_grpc.OcrServiceServicer):
    """Answers OcrService calls from an admission's jobs."""

    def __init__(self, admission: Admission, metrics: Metrics, info: ocr_pb2.GetServerInfoResponse) -> None:
        self._admission = admission
        self._metrics = metrics
        self._info = info
        self._draining = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._calls = 0
        self._opened = 0
        self._stream_numbers = itertools.count()

    def drain(self) -> None:
        """Ends every stream's reception; what was admitted is answered."""
        self._draining.set()

    async def idle(self) -> None:
        """Returns once no call is open, and none came for a moment.

        Who does not know yet that the server drains gets told so, while gRPC, once stopped, would cancel a call that
        is on its way: clients take UNAVAILABLE for a reason to ask another server, but not CANCELLED.
        """
        for _ in range(_MOST_LULLS):
            await self._idle.wait()
            opened = self._opened
            await asyncio.sleep(_LULL_SECONDS)
            if opened == self._opened:
                break
        await self._idle.wait()

    async def GetServerInfo(
        self, request: ocr_pb2.GetServerInfoRequest, context: Context
    ) -> ocr_pb2.GetServerInfoResponse:
        """Describes the server."""
        return self._info

    async def Recognize(self, request: ocr_pb2.RecognizeRequest, context: Context) -> ocr_pb2.RecognizeResponse:
        """Reads one image."""
        async with self._call(context):
            start = time.monotonic()
            code = str(Code.CANCELLED)
            try:
                finished = await self._read(request, context)
                code = "OK"
            except EdgeOcrError as error:
                code = error.code
                raise
            except Exception:
                code = Code.INTERNAL
                raise
            finally:
                self._metrics.request("Recognize", code, time.monotonic() - start)
            with_characters = request.options.include_characters
            return ocr_pb2.RecognizeResponse(
                document=convert.document_message(finished.pages, with_characters=with_characters),
                timings=convert.timings_message(finished.timings),
            )
        raise AssertionError("a call that failed was aborted")

    async def _read(self, request: ocr_pb2.RecognizeRequest, context: Context) -> Finished:
        mode = convert.mode(request.options, "options")
        source = convert.image_source(request.image)
        ending = Ending()
        job = self._admission.admit(context.peer(), source, mode, ending.deliver, context.time_remaining())
        try:
            finished = await ending.finished()
        except asyncio.CancelledError:
            self._admission.cancel(job)
            raise
        if finished.error is not None:
            raise finished.error
        return finished

    async def RecognizeStream(
        self, requests: AsyncIterator[ocr_pb2.RecognizeStreamRequest], context: Context
    ) -> AsyncIterator[ocr_pb2.RecognizeStreamResponse]:
        """Reads any number of images."""
        remaining = context.time_remaining()
        deadline = None if remaining is None else time.monotonic() + remaining
        async with self._call(context):
            call = StreamCall(
                self._admission,
                self._metrics,
                # Callers behind one proxy share its connection: each stream takes turns for itself, while the single
                # calls over a connection are one caller together.
                flow=f"{context.peer()} stream {next(self._stream_numbers)}",
                window_images=self._info.limits.stream_images,
                deadline=deadline,
            )
            receiving = asyncio.create_task(call.receive(requests))
            draining = asyncio.create_task(self._cancel_on_drain(receiving))
            try:
                with self._metrics.open_stream():
                    async for response in call.respond():
                        yield response
                    await asyncio.wait({receiving})
                if receiving.cancelled():
                    raise Draining("the server is shutting down; images without a completion were not read")
                receiving.result()
            finally:
                call.cancel()
                receiving.cancel()
                draining.cancel()

    async def _cancel_on_drain(self, receiving: asyncio.Task[None]) -> None:
        await self._draining.wait()
        receiving.cancel()

    @asynccontextmanager
    async def _call(self, context: Context) -> AsyncIterator[None]:
        """Counts a call while it is open, and ends it with the code of the error that its block raises."""
        self._calls += 1
        self._opened += 1
        self._idle.clear()
        try:
            yield
        except EdgeOcrError as error:
            # What gRPC's own code and text have no place for goes where clients look for a google.rpc.Status.
            details = ((_STATUS_KEY, convert.status_message(error).SerializeToString()),)
            await context.abort(convert.status_code(error), str(error), details)
        except Exception:
            # gRPC would send the exception's own text.
            _log.exception("a call failed")
            await context.abort(StatusCode.INTERNAL, INTERNAL_TEXT)
        finally:
            self._calls -= 1
            if not self._calls:
                self._idle.set()
