"""Answers on their way: in pieces, so that what is not sent yet stays where it is accounted for, and in time."""

import asyncio
import logging
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edgeocr.server.lifecycle.calls import Lifecycle

_PIECE_BYTES = 64 * 1024
_log = logging.getLogger(__name__)


class Delivery:
    """An application on one connection; a call of it is open until the last byte of its answer is written."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle, most_seconds: float, cut_off: Callable[[], None]) -> None:
        """Takes the application, for how long a caller may take to read an answer or an event, and what ends the
        connection."""
        self._app = app
        self._lifecycle = lifecycle
        self._most_seconds = most_seconds
        self._cut_off = cut_off

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a call."""

        async def send_in_pieces(message: Message) -> None:
            timer = asyncio.get_running_loop().call_later(self._most_seconds, self._give_up)
            try:
                if message["type"] == "http.response.body":
                    await _send_body(message, send)
                else:
                    await send(message)
            finally:
                timer.cancel()

        end = self._lifecycle.begin()
        try:
            await self._app(scope, receive, send_in_pieces)
        finally:
            end()

    def _give_up(self) -> None:
        _log.warning("a caller did not read its answer within %g s (answer_seconds): cut off", self._most_seconds)
        self._cut_off()


async def _send_body(message: Message, send: Send) -> None:
    """Each piece leaves once the one before it has; so has the last one when the empty end leaves."""
    body, more = message.get("body", b""), message.get("more_body", False)
    for place in range(0, len(body), _PIECE_BYTES):
        await send({**message, "body": body[place : place + _PIECE_BYTES], "more_body": True})
    if not more:
        await send({**message, "body": b"", "more_body": False})
