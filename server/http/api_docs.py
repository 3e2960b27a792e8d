"""The OpenAPI document as an HTML page without external resources."""

import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

_CODE = re.compile(r"`([^`]+)`")
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title} {version}: API</title>
<link rel="stylesheet" href="/page/docs.css">
<link rel="icon" href="/page/icon.svg">
</head>
<body>
<h1>{title} {version}</h1>
<p>{summary} <a href="/">The page</a> · <a href="/api/openapi.json">OpenAPI</a></p>
{operations}
</body>
</html>
"""


def docs_page(description: Mapping[str, Any]) -> str:
    """The page, as HTML.

    Args:
        description: an OpenAPI document with inlined schemas.
    """
    operations = [
        _operation(path, method, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    info = description["info"]
    return _PAGE.format(
        title=escape(info["title"]),
        version=escape(info["version"]),
        summary=escape(info.get("summary", "")),
        operations="\n".join(operations),
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    parts = [f"<section>\n<h2><code>{method.upper()} {escape(path)}</code></h2>"]
    parts += [f"<p>{_text(text)}</p>" for text in operation.get("description", "").split("\n\n") if text]
    if parameters := operation.get("parameters"):
        rows = [
            (parameter["name"], _kind(schema := parameter["schema"]), _default(schema), _about(parameter, schema))
            for parameter in parameters
        ]
        parts.append(_table("In the query", ("name", "type", "default", ""), rows))
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(_body(media_type, content))
    answers = operation["responses"].items()
    parts.append(_table("Answers", ("status", ""), [(status, answer["description"]) for status, answer in answers]))
    for status, answer in answers:
        for media_type, content in answer.get("content", {}).items():
            if "properties" in content.get("schema", {}) and status == "200":
                parts.append(_body(f"{status}, {media_type}", content))
    return "\n".join([*parts, "</section>"])


def _body(media_type: str, content: Mapping[str, Any]) -> str:
    schema = content.get("schema", {})
    required = schema.get("required", ())
    rows = [
        (name, _kind(part), "required" if name in required else _default(part), _about(part, part))
        for name, part in schema.get("properties", {}).items()
    ]
    parts = [f"<h3>Body: <code>{escape(media_type)}</code></h3>"]
    if rows:
        parts.append(_table("", ("name", "type", "default", ""), rows))
    elif about := schema.get("description"):
        parts.append(f"<p>{_text(about)}</p>")
    for example in content.get("examples", {}).values():
        text = json.dumps(example["value"], ensure_ascii=False, indent=2)
        parts.append(f"<p>{_text(example.get('summary', ''))}</p>\n<pre>{escape(text)}</pre>")
    return "\n".join(parts)


def _kind(schema: Mapping[str, Any]) -> str:
    if choices := schema.get("enum"):
        return " | ".join(map(str, choices))
    if variants := schema.get("anyOf"):
        return " or ".join(_kind(variant) for variant in variants)
    if "items" in schema:
        return f"list of {_kind(schema['items'])}"
    return str(schema.get("format") or schema.get("type", ""))


def _default(schema: Mapping[str, Any]) -> str:
    default = schema.get("default", "")
    return default if isinstance(default, str) else json.dumps(default)


def _about(*holders: Mapping[str, Any]) -> str:
    return next((str(holder["description"]) for holder in holders if "description" in holder), "")


def _table(title: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    heading = f"<h3>{escape(title)}</h3>\n" if title else ""
    return f"{heading}<table>\n<tr>{names}</tr>\n{cells}</table>"


def _text(text: str) -> str:
    """The text escaped, with backticks as code elements."""
    return _CODE.sub(r"<code>\1</code>", escape(text))
