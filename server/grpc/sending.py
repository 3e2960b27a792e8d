"""Time limits for sending: gRPC keeps a message until its caller reads it, for as long as the connection lives.

gRPC cannot end a call whose message is not read, since even the status waits behind it. So the connection of a caller
that does not read is closed, except those of trusted proxies and unix sockets, which others may share.
"""

import asyncio
import logging
import time
from typing import Any

from edgeocr.server.access.callers import Callers, peer_endpoint
from edgeocr.server.grpc.call import Call
from edgeocr.server.host.connections import shut_down

_log = logging.getLogger(__name__)


class Sending:
    """Wraps a call's context to limit the time to send each message."""

    def __init__(self, context: Any, call: Call, callers: Callers, most_seconds: float) -> None:
        """Takes the context, the call, and the time limit of a message."""
        self._context = context
        self._call = call
        self._callers = callers
        self._most_seconds = most_seconds
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        # gRPC sends the last message and the status after the handler has returned, in the same task.
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        task.add_done_callback(self._close)

    def __getattr__(self, name: str) -> Any:
        """Delegates everything else to the context."""
        return getattr(self._context, name)

    async def write(self, message: Any) -> None:
        """Sends a message; returns when it has been handed to the network."""
        self.begin()
        try:
            await self._context.write(message)
        finally:
            self.end()

    def last(self, message: Any) -> Any:
        """Returns the message of a unary call, which gRPC sends together with the status once it is returned."""
        self.begin()
        self.succeed()
        return message

    def succeed(self) -> None:
        """Records that the call ends well, unless its caller is cut off."""
        self._call.record.code = "OK"

    def begin(self) -> None:
        """Records that sending a message begins."""
        self._since = time.monotonic()
        # One timer serves all messages that are sent before it fires.
        if self._timer is None:
            self._wait(self._most_seconds)

    def end(self) -> None:
        """Records that a message was sent, or never will be; may be called again."""
        self._call.touch()
        self._since = None

    def _close(self, _: object) -> None:
        self.end()
        if self._timer is not None:
            self._timer.cancel()
        self._call.close()
        self._context = None

    def _wait(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._since is None:
            return
        if (left_seconds := self._since + self._most_seconds - time.monotonic()) > 0:
            self._wait(left_seconds)
        else:
            self._cut_off()

    def _cut_off(self) -> None:
        address, port = peer_endpoint(self._context.peer())
        if address and not self._callers.is_trusted(address) and shut_down({(address, port)}):
            # Otherwise gRPC would log that sending failed, with a traceback.
            self._task.cancel()
            self._call.record.code = ""
            _log.warning("a caller did not read its answer within %g s (answer_seconds): cut off", self._most_seconds)
