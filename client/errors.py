"""What a call to the server can end with, as one exception that carries the canonical code.

An error comes from the transport (a failed call), from the server's answer for one image (a google.rpc.Status), or
from the client itself (a file that cannot be read); whoever handles it need not know which.
"""

from typing import Self

import grpc
from google.rpc import status_pb2

_CODES = {code.value[0]: code for code in grpc.StatusCode}


class OcrError(Exception):
    """An image was not read, or the server did not answer.

    `code` is the canonical gRPC code, `message` a text for people.
    """

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        """Takes the code and the text."""
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        """The code's name, then the text."""
        return f"{self.code.name}: {self.message}"

    @classmethod
    def from_rpc_error(cls, error: grpc.RpcError) -> Self:
        """The error that ended a call, synchronous or asynchronous."""
        if isinstance(error, grpc.aio.AioRpcError | grpc.Call):
            return cls(error.code(), error.details() or "")
        return cls(grpc.StatusCode.UNKNOWN, str(error))

    @classmethod
    def from_status(cls, status: status_pb2.Status) -> Self:
        """The error that a message of the server carries; a code that nobody knows becomes UNKNOWN."""
        return cls(_CODES.get(status.code, grpc.StatusCode.UNKNOWN), status.message)
