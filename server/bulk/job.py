"""A bulk job: the files to read, minus those that an earlier run has read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgeocr.server.bulk.errors import BulkError
from edgeocr.server.bulk.inputs import expand
from edgeocr.server.bulk.parquet import Parts
from edgeocr.server.bulk.worker import Work


@dataclass(frozen=True)
class Job:
    """Attributes:
    files: number of files in total.
    left: files that are in no part of the output yet, sorted.
    """

    files: int
    left: list[str]


def prepare(places: Sequence[str], lists: Sequence[Path], work: Work) -> Job:
    """Lists the files, and creates or inspects the output folder.

    Raises:
        BulkError: an input does not exist, or the output cannot be created or was started with other settings.
    """
    files = expand(places, lists)
    parts = Parts(work.output)
    document = work.options.document
    settings = {
        "mode": work.options.mode.value,
        "dpi": document.dots_per_inch,
        "text_layer": document.text_layer.value,
        "aligned_tables": work.options.preparation.aligned_tables,
        "reading": work.options.reading,
    }
    try:
        parts.create()
        parts.settle(json.dumps(settings))
        done = parts.done()
    except OSError as error:
        raise BulkError(f"{work.output}: {error}") from None
    return Job(len(files), [file for file in files if file not in done])
