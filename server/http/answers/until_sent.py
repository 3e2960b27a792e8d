"""Answers that hold something until they are sent."""

from contextlib import AsyncExitStack

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from edgeocr.server.errors import Cancelled


class UntilSent(Response):
    """An answer, and what is closed once it is sent, or nobody is there any more."""

    def __init__(self, answer: Response, held: AsyncExitStack) -> None:
        """Takes both."""
        super().__init__(status_code=answer.status_code)
        self.raw_headers = answer.raw_headers
        self._answer = answer
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the answer."""
        try:
            async with self._held:
                await self._answer(scope, receive, send)
        except Cancelled:
            return
