"""Reads one image: by a unary call, or over a stream if it exceeds a message or its lines are requested."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import grpc

from edgeocr.client.answers import check_limits, document_of, line_of
from edgeocr.client.errors import OcrError
from edgeocr.client.options import make_stream_config
from edgeocr.client.streaming.call import StreamCall
from edgeocr.client.streaming.chunks import in_messages, needs_chunks
from edgeocr.client.streaming.loading import fitted
from edgeocr.client.streaming.results import LineEvent
from edgeocr.client.streaming.retry import Attempts, Contact, RetryPolicy
from edgeocr.client.streaming.server_info import server_info
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc
from edgeocr.results.document import Document

_ID = "0"
_SMALL_BYTES = 1 << 18
"""Any server accepts messages of this size, so its limits need not be requested."""
_GRACE_SECONDS = 1.0
_LEAST_SECONDS = 0.001


class SingleImage:
    """An image and its options; `timeout_seconds` covers all attempts together."""

    def __init__(
        self,
        stub: "ocr_pb2_grpc.OcrServiceAsyncStub",
        image: ocr_pb2.Image,
        options: ocr_pb2.RecognizeOptions,
        *,
        timeout_seconds: float | None,
        retry: RetryPolicy,
        contact: Contact,
    ) -> None:
        """Starts the image's deadline."""
        self._stub = stub
        self._image = image
        self._options = options
        self._retry = retry
        self._contact = contact
        self._end = None if timeout_seconds is None else time.monotonic() + timeout_seconds

    async def read(self) -> Document:
        """Reads the document.

        Retries if the server is unavailable, and at the time that a server without room asks for.

        Raises:
            OcrError: the image was not read.
        """
        attempts = Attempts(self._retry, self._contact, self._end)
        image, limits = await self._sendable()
        in_chunks = needs_chunks(image, limits)
        while True:
            try:
                answer = await (self._over_a_stream(image, limits) if in_chunks else self._in_one_call(image))
            except OcrError as error:
                delay_seconds = attempts.delay_of_one(error)
                if delay_seconds is None:
                    raise
            else:
                self._contact.made = True
                return document_of(answer.document, answer.timings)
            await asyncio.sleep(delay_seconds)

    async def lines(self) -> AsyncGenerator[LineEvent, None]:
        """Yields its lines as they are read.

        Raises:
            OcrError: the image was not read completely. UNAVAILABLE, and refusals with a retry hint, are retried only
                before the first line.
        """
        attempts = Attempts(self._retry, self._contact, self._end)
        image, limits = await self._sendable()
        begun = False
        while True:
            try:
                async with aclosing(self._responses(image, limits, line_events=True)) as responses:
                    async for response in responses:
                        if response.HasField("line"):
                            event = response.line
                            line = line_of(event.line)
                            begun = True
                            yield LineEvent(event.page_index, event.line_index, line, event.elapsed_seconds)
                return
            except OcrError as error:
                delay_seconds = None if begun else attempts.delay_of_one(error)
                if delay_seconds is None:
                    raise
            await asyncio.sleep(delay_seconds)

    async def _sendable(self) -> tuple[ocr_pb2.Image, ocr_pb2.Limits]:
        """The image in a form that the server accepts, and the server's limits, which are not requested for a small
        image."""
        if self._image.ByteSize() <= _SMALL_BYTES:
            return self._image, ocr_pb2.Limits()
        limits = check_limits((await server_info(self._stub, self._contact, self._seconds()[1])).limits)
        return await fitted(self._image, limits), limits

    def _seconds(self) -> tuple[float, float | None]:
        """Time limits of the work (0 for none) and of the call."""
        if self._end is None:
            return 0.0, None
        remaining_seconds = max(0.0, self._end - time.monotonic())
        if not self._options.allow_partial:
            return 0.0, remaining_seconds
        # A call past its deadline gets no answer, so the work must end earlier.
        return max(remaining_seconds, _LEAST_SECONDS), remaining_seconds + _GRACE_SECONDS

    async def _in_one_call(self, image: ocr_pb2.Image) -> ocr_pb2.RecognizeResponse:
        work_seconds, call_seconds = self._seconds()
        request = ocr_pb2.RecognizeRequest(options=self._options, image=image, timeout_seconds=work_seconds)
        try:
            return await self._stub.Recognize(request, timeout=call_seconds)
        except grpc.aio.AioRpcError as error:
            raise OcrError.from_rpc_error(error) from error

    async def _over_a_stream(self, image: ocr_pb2.Image, limits: ocr_pb2.Limits) -> ocr_pb2.RecognizeResponse:
        async with aclosing(self._responses(image, limits, line_events=False)) as responses:
            async for response in responses:
                if response.HasField("completion"):
                    completion = response.completion
                    return ocr_pb2.RecognizeResponse(document=completion.document, timings=completion.timings)
        raise AssertionError("the last response is the completion")

    async def _responses(
        self, image: ocr_pb2.Image, limits: ocr_pb2.Limits, *, line_events: bool
    ) -> AsyncGenerator[ocr_pb2.RecognizeStreamResponse, None]:
        """Yields the server's messages for the image, up to its completion; raises OcrError if that is an error."""
        work_seconds, call_seconds = self._seconds()
        config = make_stream_config(self._options, "ordered", line_events=line_events)
        stream_image = ocr_pb2.StreamImage(id=_ID, image=image, timeout_seconds=work_seconds)
        request = ocr_pb2.RecognizeStreamRequest(image=stream_image)
        with StreamCall(self._stub, call_seconds) as call:
            # A server may refuse a large file before all of it is sent.
            sending = asyncio.create_task(_send(call, config, request, limits))
            try:
                async with aclosing(call.responses()) as responses:
                    async for response in responses:
                        if response.completion.HasField("error"):
                            raise OcrError.from_status(response.completion.error)
                        yield response
                        if response.HasField("completion"):
                            return
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        raise OcrError(grpc.StatusCode.INTERNAL, "the server ended the stream before its last answer")


async def _send(
    call: StreamCall,
    config: ocr_pb2.RecognizeStreamRequest,
    request: ocr_pb2.RecognizeStreamRequest,
    limits: ocr_pb2.Limits,
) -> None:
    going_on = await call.send(config)
    for message in in_messages(request, limits):
        going_on = going_on and await call.send(message)
    if going_on:
        await call.finish_sending()
