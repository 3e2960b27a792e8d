"""CORS (Fetch, section 3.2): pages of other sites that may call the API."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANY = "*"
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "authorization, content-type, inference-header-content-length",
    "Access-Control-Max-Age": "600",
}
_NETWORK = "access-control-request-private-network"
"""The preflight header of browsers before a public page calls a machine on a private network."""


class SharedOrigins:
    """Adds CORS headers for allowed origins, and answers preflight requests."""

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        """Takes the inner application, and the allowed origins; "*" allows all."""
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the headers to the answer, or answers a preflight request."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origin = headers.get("origin")
        if origin is None or not shares(self._origins, origin):
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            answer = Response(status_code=204, headers=_PREFLIGHT)
            if _NETWORK in headers:
                answer.headers["Access-Control-Allow-Private-Network"] = "true"
            _allow(answer.headers, origin)
            await answer(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _allow(MutableHeaders(scope=message), origin)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def shares(origins: frozenset[str], origin: str) -> bool:
    """Whether an origin is allowed."""
    return origin in origins or ANY in origins


def _allow(headers: MutableHeaders, origin: str) -> None:
    headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Expose-Headers"] = "Retry-After, Inference-Header-Content-Length"
    headers.add_vary_header("Origin")
