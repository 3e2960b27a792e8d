"""Sends answers in pieces, so that unsent data stays where it is accounted for, and within a time limit."""

import asyncio
import logging
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edgeocr.server.lifecycle.calls import Lifecycle

_PIECE_BYTES = 64 * 1024
_log = logging.getLogger(__name__)


class Delivery:
    """An application on one connection, whose calls stay open until the last byte of the answer is written."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle, most_seconds: float, cut_off: Callable[[], None]) -> None:
        """Takes the application, the time limit for a caller to read an answer or event, and a function that closes the
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
    """Sends each piece after the previous one has been written; when the empty end is sent, so has the last piece."""
    body, more = message.get("body", b""), message.get("more_body", False)
    for place in range(0, len(body), _PIECE_BYTES):
        await send({**message, "body": body[place : place + _PIECE_BYTES], "more_body": True})
    if not more:
        await send({**message, "body": b"", "more_body": False})
