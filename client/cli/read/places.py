"""The output files of `--output-dir`: one for each input, in a tree like the inputs'.

The tree begins at the folder that all inputs share. A suffix is appended to the input's whole name, so that no two
inputs have the same output: a.jpg and a.pdf become a.jpg.txt and a.pdf.txt.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from edgeocr.client.cli.paths import STANDARD_INPUT, Inputs
from edgeocr.commands import UsageError

_MOST_BYTES = 200
"""Maximum length of a name made from a URL; file systems take 255."""
_KEPT_BYTES = 120


def output_places(inputs: Inputs, folder: str, suffix: str) -> dict[str, Path]:
    """The output file of each input that exists, by the input's path.

    Raises:
        UsageError: an input has no name.
    """
    shared = os.path.commonpath(inputs.folders) if inputs.folders else ""
    places: dict[str, Path] = {}
    for one in inputs.images:
        if one.path == STANDARD_INPUT:
            raise UsageError("--output-dir: standard input has no name; write it to --output")
        if one.error is None:
            name = _url_name(one.path) if one.url else os.path.relpath(os.path.abspath(one.path), shared)
            places[one.path] = Path(folder, name + suffix)
    return places


def check_places(inputs: Inputs, places: Iterable[Path]) -> None:
    """Raises UsageError if an output file is an input, also through links."""
    existing = [(found, place) for place in places if (found := _file(place)) is not None]
    read = {_file(Path(one.path)): one.path for one in inputs.images if one.url is None} if existing else {}
    for found, place in existing:
        if found in read:
            raise UsageError(f"--output-dir: {place} is a file to be read ({read[found]}); write elsewhere")


def without_doubles(inputs: Inputs) -> None:
    """Removes inputs that were named before, also under another path.

    Raises:
        UsageError: two different inputs would have the same output file.
    """
    seen: dict[str, str] = {}
    kept = []
    for one in inputs.images:
        name = one.path if one.url or one.error else os.path.abspath(one.path)
        if name not in seen:
            seen[name] = one.path
            kept.append(one)
            continue
        before = seen[name]
        # Behind a symbolic link, '..' leads to another folder than the path suggests.
        if before != one.path and _file(Path(before)) != _file(Path(one.path)):
            raise UsageError(f"--output-dir: {before} and {one.path} have the same output file; name them without '..'")
    inputs.images = kept


def _file(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _url_name(url: str) -> str:
    written = os.fsencode(url)
    name = quote(written, safe="")
    if len(name) > _MOST_BYTES:
        return f"{name[:_KEPT_BYTES]}-{hashlib.sha256(written).hexdigest()}"
    return name
