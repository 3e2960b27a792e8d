"""Folders of weights for tests."""

import json
import shutil
from pathlib import Path

from edgeocr.model.networks.manifest import DEFAULT_FOLDER, FILE_NAME, checksum


def rewrite(folder: Path, **changed: object) -> None:
    """Changes values of a folder's manifest, or removes them if they are None."""
    values = {**json.loads((folder / FILE_NAME).read_text()), **changed}
    values = {name: value for name, value in values.items() if value is not None}
    (folder / FILE_NAME).write_text(json.dumps({**values, "sha256": checksum(values)}))


def with_fast_recogniser(folder: Path, keep_above: float = 0.9, **changed: object) -> Path:
    """Copies the served weights to a folder, the recogniser's files as those of a fast one as well."""
    shutil.copytree(DEFAULT_FOLDER, folder)
    values = json.loads((folder / FILE_NAME).read_text())
    rewrite(folder, fast_recogniser={**values["recogniser"], "keep_above": keep_above, **changed})
    return folder


def without_fast_recogniser(folder: Path) -> Path:
    """Copies the served weights to a folder, without a fast recogniser."""
    shutil.copytree(DEFAULT_FOLDER, folder)
    rewrite(folder, fast_recogniser=None)
    return folder
