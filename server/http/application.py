"""The ASGI application: the API, the page, and the middleware."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from edgeocr.model.errors import EdgeOcrError
from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.http.answers import problems
from edgeocr.server.http.api_docs import docs_page
from edgeocr.server.http.inference.routes import is_guarded, known_paths, make_inference_router
from edgeocr.server.http.middleware.auth import RequireToken
from edgeocr.server.http.middleware.cors import SharedOrigins
from edgeocr.server.http.middleware.counting import CountAnswers
from edgeocr.server.http.middleware.head import HeadAnswers
from edgeocr.server.http.middleware.headers import BrowserHeaders
from edgeocr.server.http.middleware.origins import OwnPages
from edgeocr.server.http.routes import GUARDED, PATHS, make_router
from edgeocr.server.inference.model import InferenceModel
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission

_PAGE = Path(__file__).parent / "page"
_DESCRIPTION_PATH, _DOCS_PATH = "/api/openapi.json", "/docs"
_FILES_PATH, _LANGUAGES_PATH, _SAMPLES_PATH = "/page", "/page/languages", "/page/samples"
_PATHS = (*PATHS, _DESCRIPTION_PATH, _DOCS_PATH, "/")
"""Paths that metrics name; all others are counted as other."""


def make_application(
    admission: Admission, lifecycle: Lifecycle, metrics: Metrics, access: AccessPolicy, inference: InferenceModel
) -> ASGIApp:
    """Makes the application that answers everything over HTTP."""
    app = FastAPI(
        title="edgeocr",
        version=inference.version,
        summary="Reads text out of images.",
        openapi_url=_DESCRIPTION_PATH,
        # FastAPI's own documentation pages load from other hosts.
        docs_url=None,
        redoc_url=None,
        exception_handlers={
            EdgeOcrError: problems.on_error,
            RequestValidationError: problems.on_invalid,
            HTTPException: problems.on_http,
            Exception: problems.on_bug,
        },
    )
    app.include_router(make_router(admission, lifecycle, metrics, inference.most_images))
    app.include_router(make_inference_router(inference, admission, lifecycle))

    @app.get(_DOCS_PATH, include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi()))

    @app.get(_LANGUAGES_PATH, include_in_schema=False)
    async def languages() -> list[str]:
        """The language codes of the page, which has a file for each."""
        return sorted(path.stem for path in (_PAGE / "languages").glob("*.js"))

    # Pictures are compressed already.
    app.mount(_SAMPLES_PATH, StaticFiles(directory=_PAGE / "samples"), name="samples")
    app.router.routes.append(Route("/", GZipMiddleware(_page), methods=["GET"]))
    app.mount(_FILES_PATH, GZipMiddleware(StaticFiles(directory=_PAGE)), name="page")
    guarded: ASGIApp = app
    if access.tokens is not None:
        guarded = RequireToken(guarded, access.tokens, lambda path: path.startswith(GUARDED) or is_guarded(path))
    shared = SharedOrigins(guarded, access.origins)
    own = OwnPages(HeadAnswers(shared), access)
    named = {path: path for path in _PATHS} | known_paths(inference.version)
    return CountAnswers(BrowserHeaders(own), metrics, named, access.callers, lifecycle.access_log)


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    await FileResponse(_PAGE / "index.html", headers={"Cache-Control": "no-cache"})(scope, receive, send)
