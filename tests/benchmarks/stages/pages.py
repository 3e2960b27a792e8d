"""The pages whose work is measured: those of folders, or some that are rendered here."""

import json
from collections.abc import Sequence
from pathlib import Path

from tests.support.pictures import PAGES
from tests.support.rendering import Pixels, encoded, page, table

_FIELDS = (
    ("Surname", "Okafor"),
    ("Given name", "Adaeze"),
    ("Date of birth", "14.03.1986"),
    ("Street and number", "Mill Lane 27"),
    ("Postcode, town", "SW1A 2AA London"),
    ("Telephone", "+44 20 7946 0018"),
)


def form() -> Pixels:
    """Names of fields, each beside its value, in boxes."""
    texts = [("Application for a library card", (60, 40)), ("Signature: Adaeze Okafor", (60, 540))]
    cells = {(row, column): text for row, field in enumerate(_FIELDS) for column, text in enumerate(field)}
    return table((60, 320, 740), [120 + 60 * row for row in range(len(_FIELDS) + 1)], cells, on=page(texts))


_RENDERED = {**{name: PAGES[name] for name in ("receipt", "photograph", "article", "letter", "table")}, "form": form}
"""Two receipts, two documents and two forms."""


def images(folders: Sequence[Path]) -> list[Path]:
    """The image files of folders, labelled ones (`recall.read_pages`) or any, in order.

    Raises:
        ValueError: a folder has none.
    """
    found: list[Path] = []
    for folder in folders:
        labels = folder / "lines.json"
        if labels.exists():
            pages = [folder / row["image"] for row in json.loads(labels.read_text("utf-8"))]
        else:
            pages = sorted(path for path in folder.iterdir() if path.is_file())
        if not pages:
            raise ValueError(f"{folder}: has no images")
        found += pages
    return found


def rendered(folder: Path) -> list[Path]:
    """Pages of the project's own, written into a folder as JPEG files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.jpg" for name in _RENDERED]
    for draw, path in zip(_RENDERED.values(), paths, strict=True):
        path.write_bytes(encoded(draw(), ".jpg"))
    return paths
