"""Bearer authentication of guarded paths."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from edgeocr.server.access.tokens import Tokens, carried_token
from edgeocr.server.access.watched_files import WatchedFiles
from edgeocr.server.errors import Unauthenticated
from edgeocr.server.http.answers.problems import problem, problem_response
from edgeocr.server.http.call import note_error

UNAUTHENTICATED = "a token is needed: one header `Authorization: Bearer …` with a known one"


class RequireToken:
    """Answers 401 to calls of the API and the metrics without a valid token; the page and probes need none."""

    def __init__(self, app: ASGIApp, tokens: WatchedFiles[Tokens], guards: Callable[[str], bool]) -> None:
        """Takes the inner application, the tokens, and the guarded paths."""
        self._app = app
        self._tokens = tokens
        self._guards = guards

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the call on, or refuses it before its body is read."""
        if scope["type"] != "http" or not self._guards(scope["path"]) or self._is_known(scope):
            await self._app(scope, receive, send)
            return
        error = Unauthenticated(UNAUTHENTICATED)
        note_error(scope, error)
        answer = problem_response(problem(error), scope["path"])
        answer.headers["WWW-Authenticate"] = "Bearer"
        await answer(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        token = carried_token(Headers(scope=scope).getlist("authorization"))
        return token is not None and self._tokens.current().has(token)
