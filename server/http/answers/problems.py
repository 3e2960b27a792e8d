"""Errors over HTTP: a status, and an `application/problem+json` body (RFC 9457)."""

import json
import math
from http import HTTPStatus
from typing import Any, NotRequired

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from edgeocr.model.errors import INTERNAL_TEXT, Code, EdgeOcrError, InvalidInput, TooLarge, UnknownFormat
from edgeocr.server.errors import SlowUpload, UnsupportedMedia
from edgeocr.server.http.call import note_error

MEDIA_TYPE = "application/problem+json"
_INFERENCE = "/v2"

_STATUSES = {
    Code.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    Code.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.RESOURCE_EXHAUSTED: HTTPStatus.TOO_MANY_REQUESTS,
    Code.DEADLINE_EXCEEDED: HTTPStatus.GATEWAY_TIMEOUT,
    Code.CANCELLED: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.FAILED_PRECONDITION: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    Code.UNIMPLEMENTED: HTTPStatus.NOT_FOUND,
}


class LimitObject(TypedDict):
    """The exceeded limit: its name, its value, and the requested value."""

    name: str
    value: float
    asked: float


class Problem(TypedDict):
    """An error.

    `code` is the canonical code of the gRPC service, `reason` the lacking resource. `retry_seconds` is when a retry may
    succeed; without it, none will. `results` has the outcome of each image if there were several and none could be
    read.
    """

    title: str
    status: int
    detail: str
    code: NotRequired[str]
    reason: NotRequired[str]
    limit: NotRequired[LimitObject]
    retry_seconds: NotRequired[float]
    results: NotRequired[list[Any]]


def status_of(error: EdgeOcrError) -> HTTPStatus:
    """The error's status."""
    match error:
        case UnknownFormat() | UnsupportedMedia():
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        case TooLarge():
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        case SlowUpload():
            return HTTPStatus.REQUEST_TIMEOUT
        case _:
            return _STATUSES[error.code]


def code_of(status: HTTPStatus) -> Code:
    """The canonical code that is closest to a status."""
    return next((code for code, known in _STATUSES.items() if known is status), Code.INVALID_ARGUMENT)


def problem(error: EdgeOcrError) -> Problem:
    """The error as a JSON object."""
    status = status_of(error)
    found = Problem(title=status.phrase, status=status.value, detail=str(error), code=error.code)
    if error.reason:
        found["reason"] = error.reason
    if (limit := error.limit) is not None:
        found["limit"] = LimitObject(name=limit.name, value=limit.value, asked=limit.asked)
    if error.retry_seconds is not None:
        found["retry_seconds"] = round(error.retry_seconds, 3)
    return found


def problem_response(found: Problem, path: str = "") -> Response:
    """The response for a problem; clients of the inference protocol expect the text under `error`."""
    headers = {}
    if (seconds := found.get("retry_seconds")) is not None:
        # The header has whole seconds.
        headers["Retry-After"] = str(max(1, math.ceil(seconds)))
    if found["status"] == HTTPStatus.REQUEST_TIMEOUT:
        # Otherwise uvicorn would wait for the rest of the body.
        headers["Connection"] = "close"
    content = {**found, "error": found["detail"]} if path.startswith(_INFERENCE) else found
    body = json.dumps(content, ensure_ascii=False).encode()
    return Response(body, found["status"], headers, MEDIA_TYPE)


async def on_error(request: Request, error: Exception) -> Response:
    """Answers an error whose text callers may see."""
    assert isinstance(error, EdgeOcrError)
    note_error(request.scope, error)
    return problem_response(problem(error), request.url.path)


async def on_invalid(request: Request, error: Exception) -> Response:
    """Answers invalid query parameters."""
    assert isinstance(error, RequestValidationError)
    return await on_error(request, InvalidInput(complaint(error.errors())))


async def on_http(request: Request, error: Exception) -> Response:
    """Answers requests without a route: an unknown path, or another method."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    found = Problem(title=status.phrase, status=status.value, detail=str(error.detail))
    answer = problem_response(found, request.url.path)
    answer.headers.update(error.headers or {})
    return answer


async def on_bug(request: Request, _: Exception) -> Response:
    """Answers an unexpected error, whose traceback is logged."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    found = Problem(title=status.phrase, status=status.value, detail=INTERNAL_TEXT, code=Code.INTERNAL)
    return problem_response(found, request.url.path)


def complaint(errors: object) -> str:
    """The first validation error of pydantic, as `field: complaint`, without the value, which may be a password."""
    assert isinstance(errors, list | tuple), "pydantic gives a list, FastAPI a sequence"
    field = ".".join(str(part) for part in errors[0]["loc"] if part not in ("query", "body"))
    return f"{field}: {errors[0]['msg']}"
