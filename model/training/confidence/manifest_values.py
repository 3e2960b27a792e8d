"""Writes measured values of weights into their manifest."""

import json
from collections.abc import Mapping
from pathlib import Path

from edgeocr.model.networks.manifest import FILE_NAME, checksum


def put(folder: Path, name: str, value: Mapping[str, float] | float, recogniser: str = "recogniser") -> None:
    """Set a value of a recogniser ("recogniser" or "fast_recogniser") in a folder's manifest, and its checksum."""
    path = folder / FILE_NAME
    values = json.loads(path.read_text("utf-8"))
    values[recogniser][name] = value if isinstance(value, float) else dict(value)
    values["sha256"] = checksum(values)
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", "utf-8")
