"""The parts of the API description that types cannot express: streams, and answers with examples."""

from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter

from edgeocr.server.http.answers.json_results import Answer
from edgeocr.server.http.answers.problems import MEDIA_TYPE as PROBLEM
from edgeocr.server.http.answers.problems import Problem
from edgeocr.server.http.answers.sse import MEDIA_TYPE as EVENTS
from edgeocr.server.http.bodies.raw import RAW_TYPES
from edgeocr.server.http.options import Options

_PIXELS = "Qk1mAAAAAAAAADYAAAAoAAAABAAAAAQAAAABABgAAAAAADAAAAAAAAAAAAAAAAAAAAAAAAAA" + "/" * 64
"""A BMP file of 4×4 white pixels, a small valid example."""
_FILE = {"type": "string", "format": "binary", "description": "an image or a PDF file"}
_BASE64 = {
    "type": "string",
    "format": "byte",
    "minLength": 1,
    "description": "a file in base64, or a data: URL of it",
}
_OPTIONS: dict[str, Any] = {
    name: schema for name, schema in Options.model_json_schema()["properties"].items() if name != "stream"
}


def _object(image: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["image"],
        "additionalProperties": False,
        "properties": {**_OPTIONS, "image": image},
    }


OCR_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": _object({"type": "array", "items": _FILE, "minItems": 1}),
            },
            "application/json": {
                "schema": _object({"anyOf": [_BASE64, {"type": "array", "items": _BASE64, "minItems": 1}]}),
                "examples": {
                    "one": {"summary": "one image", "value": {"image": _PIXELS}},
                    "batch": {"summary": "two, as single lines", "value": {"image": [_PIXELS] * 2, "mode": "line"}},
                },
            },
            **{media_type: {"schema": _FILE} for media_type in RAW_TYPES},
        },
    },
}

_EVENTS_SCHEMA = {
    "type": "object",
    "description": "Server-sent events; `done` or `error` is an image's last.",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["queued", "picture", "line", "page", "done", "error"]},
        "data": {
            "type": "string",
            "description": "JSON: `image` from 0; for a line `page`, `index`, `line` and `elapsed_seconds`; for a page "
            "`page`, `page_count` and `elapsed_seconds`; for a picture `page`, `page_count`, the page's `width` and "
            "`height`, `jpeg` in base64, and `elapsed_seconds`; for what is queued `ahead`, how many wait before it; "
            "at the end `name`, `timings`, and `pages` or `error`.",
        },
    },
}
_DESCRIPTIONS = {
    400: "A parameter or the image is invalid.",
    403: "A page of another site sent it.",
    408: "The body stopped arriving.",
    413: "An image permanently exceeds a limit.",
    415: "The type of the body or the image is not supported.",
    421: "The host name is not the server's.",
    422: "An encrypted PDF needs its password.",
    429: "There is no room now; Retry-After says when to ask again.",
    500: "An unexpected error; its cause is in the server's log.",
    503: "The server is shutting down.",
    504: "Time ran out.",
}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with inlined definitions, which OpenAPI keeps elsewhere."""
    definitions = schema.pop("$defs", {})

    def resolve(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return resolve(definitions[part["$ref"].rpartition("/")[2]])
            return {key: resolve(value) for key, value in part.items()}
        return [resolve(value) for value in part] if isinstance(part, list) else part

    resolved: dict[str, Any] = resolve(schema)
    return resolved


def problem_answer(status: int, description: str) -> dict[str, Any]:
    """The description of a problem response."""
    content = {PROBLEM: {"schema": _inlined(TypeAdapter(Problem).json_schema())}}
    found: dict[str, Any] = {"description": description, "content": content}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        found["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}
    return found


OCR_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What was read.",
        "content": {
            "application/json": {"schema": _inlined(TypeAdapter(Answer).json_schema())},
            EVENTS: {"schema": _EVENTS_SCHEMA},
        },
    },
    **{status: problem_answer(status, text) for status, text in _DESCRIPTIONS.items()},
}
