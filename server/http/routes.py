"""The routes of the API: reading images, probes, metrics."""

import asyncio
import json
from contextlib import AsyncExitStack, closing
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from edgeocr.server.errors import Draining
from edgeocr.server.http.answers import sse
from edgeocr.server.http.answers.json_results import Answer, answer
from edgeocr.server.http.answers.problems import problem_response
from edgeocr.server.http.answers.until_sent import UntilSent
from edgeocr.server.http.bodies.admitting import admit_all
from edgeocr.server.http.bodies.negotiation import images_of
from edgeocr.server.http.call import CALL, Call
from edgeocr.server.http.openapi import OCR_BODY, OCR_RESPONSES
from edgeocr.server.http.options import QueryOptions
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.sender import Sender
from edgeocr.server.scheduling.session import Session

OCR_PATH = "/api/ocr"
_ALIVE_PATH, _READY_PATH, _METRICS_PATH = "/healthz", "/readyz", "/metrics"
_MOST_IMAGES = 1000
PATHS = (OCR_PATH, _ALIVE_PATH, _READY_PATH, _METRICS_PATH)
GUARDED = ("/api/", _METRICS_PATH)
"""Prefixes of paths that require a token, if the server uses tokens."""


def make_router(admission: Admission, lifecycle: Lifecycle, metrics: Metrics, window_images: int) -> APIRouter:
    """Makes the router; `window_images` images of a request are read at a time."""
    router = APIRouter()

    @router.post(OCR_PATH, openapi_extra=OCR_BODY, responses=OCR_RESPONSES, response_model=None, tags=["reading"])
    async def recognize(request: Request, options: Annotated[QueryOptions, Query()]) -> Response:
        """Reads images: one, or a batch.

        The answer's `text` has the lines of all images; `results` has one entry per image. An image of a batch
        that cannot be read has its `error` there and harms no other. For a single image, or if none could be read,
        the error is the answer's.
        """
        call: Call = request.scope[CALL]
        images = images_of(request, options, admission, call.caller)
        async with AsyncExitStack() as stack:
            metadata = request.headers.items()
            trace = stack.enter_context(lifecycle.open(f"POST {OCR_PATH}", metadata))
            session = Session(
                admission,
                metrics,
                trace,
                method="HttpRecognizeStream" if options.stream else "HttpRecognize",
                sender=Sender(call.caller, record=call.record),
                window_images=window_images,
                sends_events=options.stream,
                ordered=False,
            )
            stack.enter_context(closing(session))
            most = (window_images, "stream_images") if options.stream else (_MOST_IMAGES, "batch_images")
            received = await stack.enter_async_context(lifecycle.receiving(admit_all(session, images, *most)))
            if options.stream:
                stack.enter_context(metrics.open_stream())
                await received()
                if (error := session.refusal()) is not None:
                    raise error
                return UntilSent(sse.EventStream(session, with_places=options.places), stack.pop_all())
            ends = asyncio.create_task(session.ends())
            try:
                await received()
                found = answer(await sse.while_there(request.receive, ends))
            finally:
                ends.cancel()
            return UntilSent(_answer_response(found), stack.pop_all())

    @router.get(_ALIVE_PATH, tags=["probes"])
    async def healthz() -> dict[str, str]:
        """Reports that the process is alive."""
        return {"status": "alive"}

    @router.get(
        _READY_PATH,
        responses={503: {"description": "Not ready: the server is draining, or a worker is stuck."}},
        tags=["probes"],
    )
    async def readyz() -> dict[str, str]:
        """Reports whether the server accepts images."""
        if not lifecycle.ready:
            raise Draining("the server accepts no images now")
        return {"status": "ready"}

    @router.get(
        _METRICS_PATH,
        response_class=Response,
        responses={200: {"content": {"text/plain": {}, "application/openmetrics-text": {}}}},
        tags=["probes"],
    )
    async def exposition(request: Request) -> Response:
        """The metrics, in Prometheus's text format or as OpenMetrics, which has traces as exemplars."""
        asked = request.headers.get
        body, more = await metrics.scrape(asked("accept", ""), asked("accept-encoding", ""))
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        return Response(body, headers={**headers, "Cache-Control": "no-store"})

    return router


def _answer_response(found: Answer) -> Response:
    """The answer, with its first error's status if no image could be read."""
    results = found["results"]
    errors = [result["error"] for result in results if "error" in result]
    if len(errors) == len(results):
        refusal = errors[0].copy()
        if len(results) > 1:
            refusal["results"] = [*results]
        return problem_response(refusal)
    return _Json(found, headers={"Cache-Control": "no-store"})


class _Json(JSONResponse):
    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
