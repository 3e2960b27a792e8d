"""Protection against foreign pages in the browser of a user who can reach the server: DNS rebinding and CSRF.

A foreign page can point its own name to the server's address after it is loaded, and then counts as same-origin; but
the `Host` header of its requests has that name, which is neither the server's nor an IP address. It can also send
forms, whose origin browsers state (Fetch Metadata, and `Origin` in RFC 6454).
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
"""Values of Sec-Fetch-Site for a page's calls to its own server, and for requests that no page made."""


class OwnPages:
    """Answers 421 to host names that are not the server's, and 403 to unsafe requests from pages of other sites.

    IP addresses are allowed as hosts. Other clients than browsers send none of these headers, and are allowed.
    """

    def __init__(self, app: ASGIApp, access: AccessPolicy) -> None:
        """Takes the inner application, and the access policy with the server's names."""
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the call on, or refuses it before its body is read."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (self._app if refusal is None else refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        # Only HTTP/1.0, which browsers no longer use, permits requests without Host.
        host = headers.get("host")
        if host is not None and not self._access.is_own_host(host):
            if wants_page(headers):
                return misdirected_page(host_name(host)[:_SHOWN_CHARACTERS], HTTPStatus.MISDIRECTED_REQUEST)
            shown = host[:_SHOWN_CHARACTERS]
            return _refused(
                scope,
                HTTPStatus.MISDIRECTED_REQUEST,
                f"Host: {shown!r} is not a name of this server; names other than localhost and IP addresses "
                "are set by http_hosts",
                Code.INVALID_ARGUMENT,
            )
        if scope["method"] not in _CHANGES_NOTHING and not self._is_own_page(headers, host):
            return _refused(
                scope,
                HTTPStatus.FORBIDDEN,
                "Origin: pages of this site may not send images; allowed sites are set by cors_origins",
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
        # Without TLS, browsers send only Origin to other machines. A proxy may have replaced Host.
        return (site is None and authority == host) or host_name(authority) in self._access.hosts


def _refused(scope: Scope, status: HTTPStatus, detail: str, code: str) -> Response:
    found = Problem(title=status.phrase, status=status.value, detail=detail, code=code)
    return problem_response(found, scope["path"])
