"""docs/rest.md: the paths of HTTP, from the OpenAPI description."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, cast

import httpx

from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.http.application import make_application
from edgeocr.server.inference.model import InferenceModel
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.tracing.tracer import NoTracing

_HEAD = """# REST reference

A server with `--http` describes itself: `/docs` shows it in a browser, `/api/openapi.json` has it for programs.
[The page and the REST call](web.md) is the guide. This page is made of that description by `make reference`.
"""


def page() -> str:
    """The page as it should be."""
    return "\n".join([_HEAD, *_paths(_described())]).rstrip("\n") + "\n"


def _described() -> dict[str, Any]:
    # Its admission is not asked for anything.
    nobody = cast("Any", None)
    metrics = Metrics()
    application = make_application(
        nobody, Lifecycle(NoTracing()), metrics, AccessPolicy(), InferenceModel("1", nobody, metrics, 1)
    )

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://localhost") as client:
            return await client.get("/api/openapi.json")

    described: dict[str, Any] = asyncio.run(ask()).json()
    return described


def _paths(described: dict[str, Any]) -> Iterator[str]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"## {method.upper()} {path}\n"
            yield f"{operation.get('description') or operation['summary']}\n"
            parameters = operation.get("parameters", [])
            yield from _table("parameter", ((one["name"], one["schema"], _text(one)) for one in parameters))
            yield from _bodies(operation.get("requestBody", {}).get("content", {}))
            yield "| status | answer |\n| --- | --- |"
            for status, answer in operation["responses"].items():
                kinds = " or ".join(f"`{kind}`" for kind in answer.get("content", {}))
                yield f"| {status} | {_line(answer['description'])}{kinds and ' ' + kinds} |"
            yield ""
            for status, answer in operation["responses"].items():
                if members := list(_members(answer.get("content", {}).get("application/json", {}).get("schema", {}))):
                    yield f"Members of the answer {status}:\n"
                    yield from _table("member", members)


def _members(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every member of an object and of what is within it: its path, its schema, and what it means."""
    for name, member in schema.get("properties", {}).items():
        at = f"{path}{name}"
        yield at, member, _text(member) or _text(member.get("items") or {})
        inner, several = member, ""
        while inner.get("type") == "array":
            inner, several = inner.get("items") or {}, several + "[]"
        yield from _members(inner, f"{at}{several}.")


def _bodies(content: dict[str, Any]) -> Iterator[str]:
    """What the body may be, and the members of the first kind that has some."""
    if not content:
        return
    yield f"The body is {', '.join(f'`{kind}`' for kind in content)}.\n"
    properties = next((kind["schema"]["properties"] for kind in content.values() if "properties" in kind["schema"]), {})
    yield from _table("field", ((name, schema, _text(schema)) for name, schema in properties.items()))


def _table(what: str, rows: Iterable[tuple[str, dict[str, Any], str]]) -> Iterator[str]:
    if lines := [f"| `{name}` | {_type(schema)} | {meaning} |" for name, schema, meaning in rows]:
        yield f"| {what} | type | meaning |\n| --- | --- | --- |"
        yield from lines
        yield ""


def _type(schema: dict[str, Any]) -> str:
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return ", ".join(dict.fromkeys(_type(one) for one in schema[several]))
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items') or {})}"
    return str(schema.get("type", "any"))


def _text(described: dict[str, Any]) -> str:
    return _line(described.get("description", ""))


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
