"""docs/python-reference.md: what programs call, from signatures and docstrings."""

from collections.abc import Iterator
from functools import cache

import griffe

_HEAD = """# Python reference

What `edgeocr`, `edgeocr.client` and `edgeocr.model` export; `help(edgeocr.Client)` prints the same.
[From Python](python.md) is the guide. This page is made of signatures and docstrings by `make reference`."""
_MODULES = {
    "edgeocr": ("read",),
    "edgeocr.client": (
        *("Client", "AsyncClient", "Tls", "RetryPolicy", "make_image", "ImageRead", "ImageFailed", "LineEvent"),
        *("PageEvent", "OcrError", "DocumentChoice", "Url", "FetchError"),
        *("Document", "Page", "Line", "Character", "Alternative", "Block", "Table", "Cell", "Timings"),
        *("table_rows", "table_csv", "table_html"),
    ),
    "edgeocr.model": ("load", "TextReader"),
}
_SECTIONS = {"parameters": "Arguments", "attributes": "Attributes", "raises": "Raises"}


def page() -> str:
    """The page as it should be."""
    return "\n".join([_HEAD, *_modules()]) + "\n"


def _modules() -> Iterator[str]:
    for name, exports in _MODULES.items():
        yield f"\n## {name}"
        for export in exports:
            found = _target(_package()[f"{name}.{export}".removeprefix("edgeocr.")])
            yield f"\n### {export}\n"
            yield from _described(found, export)


@cache
def _package() -> griffe.Module:
    package = griffe.load("edgeocr", docstring_parser="google", submodules=True)
    assert isinstance(package, griffe.Module)
    return package


def _target(found: griffe.Object | griffe.Alias) -> griffe.Object:
    return found.final_target if isinstance(found, griffe.Alias) else found


def _described(found: griffe.Object, name: str) -> Iterator[str]:
    if isinstance(found, griffe.Class):
        if "__init__" in found.members:
            yield from _code(_signature(found["__init__"], name))
        yield from _text(found.docstring)
        if "__init__" in found.members:
            yield from _text(found["__init__"].docstring, only_sections=True)
        for member in found.all_members.values():
            if not member.name.startswith("_") and member.has_docstring:
                yield from _member(_target(member))
    else:
        yield from _code(_signature(found, name))
        yield from _text(found.docstring)


def _member(member: griffe.Object) -> Iterator[str]:
    if isinstance(member, griffe.Function):
        yield f"\n#### {member.parent.name}.{member.name}\n" if member.parent is not None else ""
        yield from _code(_signature(member, member.name))
        yield from _text(member.docstring)
    elif "property" in member.labels or isinstance(member, griffe.Attribute):
        assert member.docstring is not None
        yield f"- `{member.name}`: {_line(str(member.docstring.value))}"


def _code(text: str) -> Iterator[str]:
    yield f"```text\n{text}\n```\n"


def _signature(function: griffe.Object, name: str) -> str:
    """A function's signature, an argument a line where it is long."""
    assert isinstance(function, griffe.Function)
    given, parts, keywords = [each for each in function.parameters if each.name != "self"], [], False
    for each in given:
        if each.kind is griffe.ParameterKind.keyword_only and not keywords:
            keywords = True
            parts.append("*")
        star = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}.get(each.kind, "")
        default = "" if each.default is None or star else f" = {each.default}"
        parts.append(f"{star}{each.name}: {_plain(each.annotation)}{default}")
    returns = "" if function.returns is None or name[:1].isupper() else f" -> {_plain(function.returns)}"
    prefix = "async " if "async" in function.labels else ""
    short = f"{prefix}{name}({', '.join(parts)}){returns}"
    if len(short) <= 100:
        return short
    return f"{prefix}{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){returns}"


def _plain(annotation: object) -> str:
    return str(annotation).strip("\"'")


def _text(docstring: griffe.Docstring | None, *, only_sections: bool = False) -> Iterator[str]:
    """A docstring as Markdown: its text, then its sections as lists."""
    if docstring is None:
        return
    for section in docstring.parsed:
        kind = section.kind.value
        if kind == "text":
            if not only_sections:
                yield f"{str(section.value).strip()}\n"
        elif kind in _SECTIONS:
            yield f"**{_SECTIONS[kind]}**\n"
            yield from (f"- `{_item(kind, one)}`: {_line(one.description)}" for one in section.value)
            yield ""
        elif kind == "returns":
            yield f"**Returns** {' '.join(_line(one.description) for one in section.value)}\n"


def _item(kind: str, one: object) -> str:
    return str(getattr(one, "annotation" if kind == "raises" else "name")).strip("()")


def _line(text: str) -> str:
    return " ".join(text.split())
