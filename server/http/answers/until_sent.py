"""Responses that hold resources until they are sent."""

from contextlib import AsyncExitStack

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from edgeocr.server.errors import Cancelled


class UntilSent(Response):
    """A response with resources that are closed when it is sent or the caller has gone."""

    def __init__(self, answer: Response, held: AsyncExitStack) -> None:
        """Takes the response and the resources."""
        super().__init__(status_code=answer.status_code)
        self.raw_headers = answer.raw_headers
        self._answer = answer
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the response."""
        try:
            async with self._held:
                await self._answer(scope, receive, send)
        except Cancelled:
            return
