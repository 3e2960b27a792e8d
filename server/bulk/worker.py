"""The work of one process: reads some files, and writes them as a part of the output."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgeocr.model.errors import EdgeOcrError, InvalidInput, expected
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import ReadOptions
from edgeocr.model.pipeline import Models
from edgeocr.model.reading import TextReader
from edgeocr.server.bulk.errors import BulkError
from edgeocr.server.bulk.inputs import read_bytes
from edgeocr.server.bulk.parquet import Parts, error_row, page_rows
from edgeocr.server.decoder.patient import PatientDecoder
from edgeocr.server.host import heap

_DECODER_BYTES, _DECODE_SECONDS = 512 << 20, 60.0
"""Limits for opening an image or page; generous, since no one else waits."""


@dataclass(frozen=True)
class Work:
    """Settings that all processes share.

    Attributes:
        output: folder or URL of the parts.
        options: how files are read.
        models: folder of the weights, on each machine.
    """

    output: str
    options: ReadOptions = field(default_factory=ReadOptions)
    models: Path = DEFAULT_FOLDER


@dataclass(frozen=True, slots=True)
class FileDone:
    """The outcome of a file: the number of pages read, and the first error of a page or of the file."""

    path: str
    pages: int
    code: str | None
    error: str | None


class Worker:
    """Reads files with its own networks on one thread, while another thread fetches the next file."""

    def __init__(self, work: Work) -> None:
        heap.tune()
        self._reader = TextReader(Models.load(work.models), PatientDecoder(_DECODER_BYTES, _DECODE_SECONDS))
        self._options = work.options
        self._parts = Parts(work.output)

    def read(self, paths: Sequence[str]) -> list[FileDone]:
        """Reads the files and writes them as a part.

        Raises:
            OSError: the part cannot be written; all of its files remain to be read.
        """
        rows: list[dict[str, Any]] = []
        done = []
        for path, data in _fetched(paths):
            file_rows = self._rows(path, data)
            rows += file_rows
            faults = [row for row in file_rows if row["error_code"] is not None]
            code, error = (faults[0]["error_code"], faults[0]["error"]) if faults else (None, None)
            done.append(FileDone(path, len(file_rows) - len(faults), code, error))
        self._parts.write(rows)
        return done

    def _rows(self, path: str, data: bytes | EdgeOcrError) -> list[dict[str, Any]]:
        try:
            if isinstance(data, EdgeOcrError):
                raise data
            return page_rows(path, self._reader.read(data, self._options))
        except Exception as error:
            return [error_row(path, expected(error).bare())]


def parts(paths: Sequence[str], workers: int, part_files: int) -> Iterator[Sequence[str]]:
    """Splits the work into parts of limited size, which become smaller towards the end.

    So all workers finish at about the same time, and large files are spread among them (guided self-scheduling:
    Polychronopoulos and Kuck, 1987, with half of the remainder distributed at a time).
    """
    first = 0
    while first < len(paths):
        left = len(paths) - first
        size = min(part_files, max(1, left // (2 * workers)))
        yield paths[first : first + size]
        first += size


def _fetched(paths: Sequence[str]) -> Iterator[tuple[str, bytes | EdgeOcrError]]:
    """Yields each file's bytes or its error; prefetches one file."""
    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(_fetch, paths[0]) if paths else None
        for number, path in enumerate(paths):
            assert ahead is not None
            data = ahead.result()
            ahead = pool.submit(_fetch, paths[number + 1]) if number + 1 < len(paths) else None
            yield path, data


def _fetch(path: str) -> bytes | EdgeOcrError:
    try:
        return read_bytes(path)
    except (OSError, BulkError) as error:
        return InvalidInput(f"the file cannot be fetched: {error}")
