"""Limits on HTTP connections: their number, and the time that one may be idle."""

import asyncio
from collections.abc import Callable
from typing import Any

import h11
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 30.0
"""Time limit for receiving a request's head, from the connection's start or the head's first byte."""


class Connection(H11Protocol):
    """uvicorn's connection with a time limit for heads, which uvicorn lacks."""

    _late: asyncio.TimerHandle | None = None
    _refused = False

    def __init__(
        self,
        *arguments: Any,
        most: int,
        deliver: Callable[[ASGIApp, Callable[[], None]], ASGIApp],
        **keywords: Any,
    ) -> None:
        """Takes the maximum number of connections, of which one address may have half, and a function that wraps the
        application for a connection that it can close."""
        super().__init__(*arguments, **keywords)
        self._most = most
        self.app = deliver(self.app, lambda: self.transport.abort())

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Starts the time limit of the first head."""
        super().connection_made(transport)
        # Closes after everything written earlier has been sent.
        transport.set_write_buffer_limits(high=1, low=0)
        if self._is_beyond():
            self._refused = True
            transport.abort()
            return
        self._expect_head()

    def _is_beyond(self) -> bool:
        host = self.client[0] if self.client is not None else None
        of_host = sum(
            isinstance(other, H11Protocol) and other.client is not None and other.client[0] == host
            for other in self.connections
        )
        return len(self.connections) > self._most or of_host > max(1, self._most // 2)

    def data_received(self, data: bytes) -> None:
        """Updates the time limit."""
        if self._refused:
            return
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Updates the time limit for data that arrived during the answer."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the time limit."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Starts the time limit if a head has begun, and stops it when the head is complete."""
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._late is None and self.conn.trailing_data[0]:
            self._expect_head()

    def _expect_head(self) -> None:
        self._late = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()
