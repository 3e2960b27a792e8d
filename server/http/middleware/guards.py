"""What stands before every path: who may come in, what browsers are told, and how calls are counted."""

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edgeocr.server.access.tokens import Tokens, carried_token
from edgeocr.server.access.watched_files import WatchedFiles
from edgeocr.server.http.problems import Problem, problem_response
from edgeocr.server.metrics import Metrics

UNAUTHENTICATED = "a token is needed: one header `Authorization: Bearer …` with a known one"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


_OTHER, _GONE = "other", "gone"
"""For metrics: a path that is none of those that they name, and the end of a call whose caller had gone."""


class RequireToken:
    """Answers 401 to calls of the API and the metrics that carry no known token; the page and probes stay open."""

    def __init__(self, app: ASGIApp, tokens: WatchedFiles[Tokens], guarded: tuple[str, ...]) -> None:
        """Takes what comes behind, the tokens, and how guarded paths begin."""
        self._app = app
        self._tokens = tokens
        self._guarded = guarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the call through, or refuses it before its body is read."""
        if scope["type"] != "http" or not scope["path"].startswith(self._guarded) or self._is_known(scope):
            await self._app(scope, receive, send)
            return
        refusal = Problem(title="Unauthorized", status=401, detail=UNAUTHENTICATED, code="UNAUTHENTICATED")
        answer = problem_response(refusal)
        answer.headers["WWW-Authenticate"] = "Bearer"
        await answer(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        token = carried_token(Headers(scope=scope).getlist("authorization"))
        return token is not None and self._tokens.current().has(token)


class BrowserHeaders:
    """Tells browsers what the page may do, which is to talk to its own server and nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the headers to every answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class CountAnswers:
    """Counts calls by the status of their answer, on the paths that there are; all others are one."""

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: Collection[str]) -> None:
        self._app = app
        self._metrics = metrics
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts once the answer begins, or its caller turns out to be gone."""
        status = ""

        async def receive_or_notice() -> Message:
            nonlocal status
            message = await receive()
            if message["type"] == "http.disconnect":
                status = status or _GONE
            return message

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = status or str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive_or_notice, send_and_note)
        finally:
            if scope["type"] == "http":
                path = scope["path"] if scope["path"] in self._paths else _OTHER
                self._metrics.http_answer(path, status or _GONE)
