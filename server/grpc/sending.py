"""Answers on their way: gRPC keeps a message until its caller reads it, for as long as the connection lives.

Nothing in gRPC ends a call whose message does not leave: even its status would wait behind that. So the connection of
a caller who does not read is ended. That of a trusted proxy, and a unix socket, is not: others share it.
"""

import asyncio
import logging
from typing import Any, Self

import grpc

from edgeocr.server.access.callers import Callers, peer_endpoint
from edgeocr.server.grpc.call import Call
from edgeocr.server.host.connections import shut_down

_log = logging.getLogger(__name__)


class Sending:
    """A call's context, of which each message has to leave in time."""

    def __init__(self, context: Any, call: Call, callers: Callers, most_seconds: float) -> None:
        """Takes the context, whom the call is of, and for how long a message may wait."""
        self._context = context
        self._call = call
        self._callers = callers
        self._most_seconds = most_seconds
        self._timer: asyncio.TimerHandle | None = None
        self._is_cut_off = False

    def __getattr__(self, name: str) -> Any:
        """All else is the context's own."""
        return getattr(self._context, name)

    async def write(self, message: Any) -> None:
        """Sends a message, and returns once it was handed to the network."""
        self.begin()
        try:
            await self._context.write(message)
        except grpc.aio.BaseError:
            if self._is_cut_off:
                raise asyncio.CancelledError from None
            raise
        finally:
            self.end()

    def succeed(self) -> None:
        """All of the answer has left."""
        self._call.record.code = "OK"

    def begin(self) -> None:
        """A message is about to leave."""
        self._timer = asyncio.get_running_loop().call_later(self._most_seconds, self._cut_off)

    def end(self) -> None:
        """It has left, or never will; may be called again."""
        self._call.touch()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """The call is over."""
        self.end()
        self._call.until_sent.close()
        self._context = None

    def _cut_off(self) -> None:
        address, port = peer_endpoint(self._context.peer())
        if address and not self._callers.is_trusted(address) and shut_down({(address, port)}):
            self._is_cut_off = True
            _log.warning("a caller did not read its answer within %g s (answer_seconds): cut off", self._most_seconds)
