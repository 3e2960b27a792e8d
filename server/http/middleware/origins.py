"""Whom browsers speak for: a page of anybody's, in the browser of somebody who reaches the server, is kept out.

Such a page can have a name of its own point to the server's address once it is loaded, and then be of the same origin
for its browser. It cannot change the name that it was asked for, nor become an address: the `Host` of its requests
tells. And without such a name it can still send forms, of which browsers say where they come from (Fetch Metadata, and
`Origin` in RFC 6454).
"""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from edgeocr.model.errors import Code
from edgeocr.server.access.policy import AccessPolicy, host_name
from edgeocr.server.http.answers.misdirected import misdirected_page, wants_page
from edgeocr.server.http.answers.problems import Problem, problem_response
from edgeocr.server.http.middleware.cors import shares

_SHOWN_CHARACTERS = 64
_CHANGES_NOTHING = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"same-origin", "none"})
"""What browsers say of a page's calls to its own server, and of what nobody's page asked for."""


class OwnPages:
    """Answers 421 to calls by names that are not the server's, and 403 to those that change something for other pages.

    Addresses are nobody's names. What is no browser says nothing of pages, and is let through.
    """

    def __init__(self, app: ASGIApp, access: AccessPolicy) -> None:
        """Takes what comes behind, and what knows the server's names."""
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the call through, or refuses it before its body is read."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (self._app if refusal is None else refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        # Only HTTP/1.0 has calls without one, and browsers speak it no more.
        host = headers.get("host")
        if host is not None and not self._access.is_own_host(host):
            if wants_page(headers):
                return misdirected_page(host_name(host)[:_SHOWN_CHARACTERS], HTTPStatus.MISDIRECTED_REQUEST)
            shown = host[:_SHOWN_CHARACTERS]
            return _refused(
                scope,
                HTTPStatus.MISDIRECTED_REQUEST,
                f"Host: {shown!r} is no name of this server; its names besides localhost and its addresses are "
                "a setting of its own (http_hosts)",
                Code.INVALID_ARGUMENT,
            )
        if scope["method"] not in _CHANGES_NOTHING and not self._is_own_page(headers, host):
            return _refused(
                scope,
                HTTPStatus.FORBIDDEN,
                "Origin: a page of another site may not send images; which may is a setting of the server "
                "(cors_origins)",
                "PERMISSION_DENIED",
            )
        return None

    def _is_own_page(self, headers: Headers, host: str | None) -> bool:
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site in _OWN_SITES or (site is None and origin is None):
            return True
        if origin is not None and shares(self._access.origins, origin):
            return True
        authority = (origin or "").partition("://")[2]
        # Without TLS browsers send other machines the origin only. A proxy may have put another name into Host.
        return (site is None and authority == host) or host_name(authority) in self._access.hosts


def _refused(scope: Scope, status: HTTPStatus, detail: str, code: str) -> Response:
    found = Problem(title=status.phrase, status=status.value, detail=detail, code=code)
    return problem_response(found, scope["path"])
