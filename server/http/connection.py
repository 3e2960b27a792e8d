"""Connections: how many there may be, and that none may be silent for ever."""

import asyncio
from collections.abc import Callable
from typing import Any

import h11
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 30.0
"""How long the head of a request may take to come, from its connection's start or the first of its bytes on."""


class Connection(H11Protocol):
    """uvicorn's connection, which by default waits for a request's head without a limit."""

    _late: asyncio.TimerHandle | None = None
    _refused = False

    def __init__(
        self,
        *arguments: Any,
        most: int,
        deliver: Callable[[ASGIApp, Callable[[], None]], ASGIApp],
        **keywords: Any,
    ) -> None:
        """Takes how many connections there may be, of which one address may have half, and what makes the application
        deliver its answers over a connection that it can end."""
        super().__init__(*arguments, **keywords)
        self._most = most
        self.app = deliver(self.app, lambda: self.transport.abort())

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begins to wait for the first head."""
        super().connection_made(transport)
        # The client learns of it after everything written earlier has been sent.
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
        """Looks what there is now."""
        if self._refused:
            return
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Looks what came while the answer went."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Waits for a head if its first bytes are there, and for none once it is whole."""
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
