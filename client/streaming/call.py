"""One RecognizeStream call, whose errors are OcrErrors.

If a server ends a stream while the client is writing, grpc.aio replaces the server's status with INTERNAL
(https://github.com/grpc/grpc/issues/36066). The server's status is then lost, and the call counts as broken.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Self, cast

import grpc

from edgeocr.client.errors import OcrError
from edgeocr.client.streaming.breaks import STATUS_LOST
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc

_RESET = re.compile(r"Received RST_STREAM with error code \d+")


class StreamCall:
    """A call that starts at once, and is cancelled at the end of its `with` block unless it has ended.

    `lost_status` says, after an error, whether the server's status may have been another one than UNAVAILABLE.
    """

    def __init__(self, stub: "ocr_pb2_grpc.OcrServiceAsyncStub", timeout_seconds: float | None = None) -> None:
        """Takes the deadline of the whole call; None means no deadline."""
        self.lost_status = False
        self._write_failed = False
        self._call = stub.RecognizeStream(None, timeout=timeout_seconds)

    def __enter__(self) -> Self:
        """Returns the call itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Cancels the call."""
        self._call.cancel()

    async def send(self, message: ocr_pb2.RecognizeStreamRequest) -> bool:
        """Sends a message when flow control permits; returns False if the call has ended, for which `responses` raises
        the reason."""
        try:
            await self._call.write(message)
        except grpc.aio.AioRpcError:
            self._write_failed = True
            return False
        except asyncio.InvalidStateError:
            return False
        return True

    async def finish_sending(self) -> None:
        """Half-closes the call: there are no more messages."""
        with suppress(grpc.aio.InternalError):
            await self._call.done_writing()

    async def responses(self) -> AsyncGenerator[ocr_pb2.RecognizeStreamResponse, None]:
        """Yields the server's messages; raises OcrError if the call ends with an error."""
        # Unlike read(), iteration yields the messages that arrived before the status.
        messages = cast(AsyncGenerator[ocr_pb2.RecognizeStreamResponse, None], aiter(self._call))
        try:
            async with aclosing(messages):
                async for message in messages:
                    yield message
        except grpc.aio.AioRpcError as error:
            if self._write_failed and error.code() is grpc.StatusCode.INTERNAL:
                self.lost_status = True
                raise OcrError(grpc.StatusCode.UNAVAILABLE, STATUS_LOST) from error
            if _RESET.search(error.details() or ""):
                raise OcrError(grpc.StatusCode.UNAVAILABLE, "the stream was reset in transit") from error
            raise OcrError.from_rpc_error(error) from error
