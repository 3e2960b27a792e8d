"""Errors of calls to a server, as one exception with the canonical code.

An error comes from the transport (a failed call), from the server's answer for an image (a google.rpc.Status), or from
the client itself (an unreadable file); callers handle all of them in the same way.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Self, cast

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from edgeocr.client.printable import printable
from edgeocr.errors import ReadingError

_MOST_CHARACTERS = 4096
"""Maximum length of a server's message."""
SPEAKS_HTTP = "SPEAKS_HTTP"
"""The reason of errors from a target that answers in HTTP/1."""
_HTTP_SIGN = "http1.x server"
"""The message of gRPC core in this case."""
_STATUS_KEY = "grpc-status-details-bin"
_CODES = {code.value[0]: code for code in grpc.StatusCode}


class OcrError(ReadingError):
    """An image was not read, or the server did not answer.

    `code` is the canonical gRPC code, `message` a text for people, and `retry_seconds` the server's hint when to call
    again, if any. If the server lacked room, `reason` names the resource (see RESOURCE_EXHAUSTED in the contract) and
    `limit` the exceeded field of its Limits; both are empty otherwise. `reason` is SPEAKS_HTTP if the target is not a
    gRPC port.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        retry_seconds: float | None = None,
        *,
        reason: str = "",
        limit: str = "",
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self._message = message
        self.retry_seconds = retry_seconds
        self.reason = reason
        self.limit = limit

    @property
    def message(self) -> str:
        """The text for people, without the code."""
        return self._message

    @property
    def code_name(self) -> str:
        """The name of its code."""
        return self.code.name

    def __str__(self) -> str:
        """The code's name and the message."""
        return f"{self.code.name}: {self.message}"

    @classmethod
    def from_rpc_error(cls, error: grpc.RpcError) -> Self:
        """Converts the error of a call, synchronous or asynchronous."""
        if isinstance(error, grpc.aio.AioRpcError | grpc.Call):
            status = status_pb2.Status()
            metadata = cast("Iterable[tuple[str, str | bytes]]", error.trailing_metadata() or ())
            for key, value in metadata:
                if key == _STATUS_KEY and isinstance(value, bytes):
                    with suppress(DecodeError):
                        status.ParseFromString(value)
            if _HTTP_SIGN in (error.details() or ""):
                return cls(
                    error.code(),
                    "the target speaks HTTP, not gRPC; name the server's gRPC port (--listen, 50051 by default), not "
                    "that of --http",
                    reason=SPEAKS_HTTP,
                )
            return cls._with_details(error.code(), error.details() or "", status)
        return cls(grpc.StatusCode.UNKNOWN, str(error))

    @classmethod
    def from_status(cls, status: status_pb2.Status) -> Self:
        """Converts an error in a server's message; an unknown code becomes UNKNOWN."""
        return cls._with_details(_CODES.get(status.code, grpc.StatusCode.UNKNOWN), status.message, status)

    @classmethod
    def _with_details(cls, code: grpc.StatusCode, message: str, status: status_pb2.Status) -> Self:
        retry_seconds, info = None, error_details_pb2.ErrorInfo()
        for detail in status.details:
            retry = error_details_pb2.RetryInfo()
            with suppress(DecodeError):
                if detail.Unpack(retry):
                    retry_seconds = max(0.0, retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9)
                detail.Unpack(info)
        reason, limit = printable(info.reason), printable(info.metadata.get("limit", ""))
        return cls(code, printable(message[:_MOST_CHARACTERS]), retry_seconds, reason=reason, limit=limit)
