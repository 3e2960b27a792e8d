"""One image whose lines are wanted as they are read."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import grpc

from edgeocr.client.answers import check_line
from edgeocr.client.errors import OcrError
from edgeocr.client.options import make_stream_config
from edgeocr.client.streaming.call import StreamCall
from edgeocr.client.streaming.retry import RetryPolicy
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc


async def stream_lines(
    stub: "ocr_pb2_grpc.OcrServiceAsyncStub",
    image: ocr_pb2.Image,
    options: ocr_pb2.RecognizeOptions,
    *,
    timeout_seconds: float | None,
    retry: RetryPolicy,
) -> AsyncGenerator[ocr_pb2.LineEvent, None]:
    """Yields an image's lines as they are read; `timeout_seconds` holds for all attempts together.

    Raises:
        OcrError: the image was not read to its end. UNAVAILABLE, and a refusal that says when to ask again, are retried
            only while no line was yielded, and within the time.
    """
    config = make_stream_config(options, "ordered", line_events=True)
    request = ocr_pb2.RecognizeStreamRequest(image=ocr_pb2.StreamImage(id="0", image=image))
    end = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    failures = 0
    begun = False
    while True:
        remaining_seconds = None if end is None else max(0.0, end - time.monotonic())
        try:
            with StreamCall(stub, remaining_seconds) as call:
                async with aclosing(_converse(call, config, request)) as lines:
                    async for line in lines:
                        begun = True
                        yield line
            return
        except OcrError as error:
            failures += 1
            delay = None if begun else _delay_seconds(error, failures, retry)
            if delay is None or (end is not None and time.monotonic() + delay >= end):
                raise
        await asyncio.sleep(delay)


def _delay_seconds(error: OcrError, failures: int, retry: RetryPolicy) -> float | None:
    """How long to wait after the `failures`-th failure in a row; None to give up."""
    if error.retry_seconds is not None:
        return retry.hinted_delay_seconds(error.retry_seconds, failures)
    if error.code is not grpc.StatusCode.UNAVAILABLE or failures >= retry.attempts:
        return None
    return retry.delay_seconds(failures)


async def _converse(
    call: StreamCall, config: ocr_pb2.RecognizeStreamRequest, request: ocr_pb2.RecognizeStreamRequest
) -> AsyncGenerator[ocr_pb2.LineEvent, None]:
    if await call.send(config) and await call.send(request):
        await call.finish_sending()
    async with aclosing(call.responses()) as responses:
        async for response in responses:
            if response.HasField("line"):
                check_line(response.line.line)
                yield response.line
            elif response.completion.HasField("error"):
                raise OcrError.from_status(response.completion.error)
            else:
                return
    raise OcrError(grpc.StatusCode.INTERNAL, "the server ended the stream before its last answer")
