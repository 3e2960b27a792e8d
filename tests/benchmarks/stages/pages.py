"""The pages whose work is measured: those of folders, or some that are rendered here."""

import json
from collections.abc import Sequence
from pathlib import Path

from tests.support.pictures import PAGES
from tests.support.rendering import encoded

_RENDERED = ("receipt", "article", "table")
"""Of the project's own pictures, those that are small."""


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
    for name, path in zip(_RENDERED, paths, strict=True):
        path.write_bytes(encoded(PAGES[name](), ".jpg"))
    return paths
