"""Destinations of results: one output for all, or a file for each."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from edgeocr.client.cli.messages import complain
from edgeocr.client.cli.output import Output, open_output, output_errors
from edgeocr.client.errors import OcrError
from edgeocr.client.formats import Settings, Writer
from edgeocr.client.streaming.results import ImageResult
from edgeocr.errors import ReadingError


class Destination(Protocol):
    """Takes results one by one."""

    def write(self, result: ImageResult[str]) -> bool:
        """Writes a result, reports errors that the output has no place for, and returns whether all of it was read and
        written.

        Raises:
            OutputError: nothing more can be written.
        """

    def finish(self, *, any_read: bool) -> str:
        """Writes the end; returns where the results are, or an empty text if that is known.

        Raises:
            OutputError: it cannot be written.
        """


class OneOutput:
    """All results in one output."""

    def __init__(self, make: type[Writer], settings: Settings, output: Output, named: str | None) -> None:
        """`named` is the output's name on the command line, if it has one."""
        self._named = named
        self._writer = make(output.stream, settings)
        self._output = output

    def write(self, result: ImageResult[str]) -> bool:
        """Writes the result; reports its errors if the format has no place for them."""
        written = _write(self._writer, result, self._output.name)
        if not self._writer.reports_errors:
            _report(result)
        return result.document is not None and written

    def finish(self, *, any_read: bool) -> str:
        """Commits the output, unless it is empty."""
        # The beginning is on standard output already.
        if not (any_read or self._writer.reports_errors or not self._output.takes_place):
            return "nothing was read or written"
        _finish(self._writer, self._output)
        return f"written to {self._named}" if self._named is not None else ""


class OutputFolder:
    """A file for each result that was read; it appears when it is complete."""

    def __init__(self, make: type[Writer], settings: Settings, folder: str, places: Mapping[str, Path]) -> None:
        """`places` are the output files by the results' keys."""
        self._make = make
        self._settings = replace(settings, several=False)
        self._folder = folder
        self._places = places

    def write(self, result: ImageResult[str]) -> bool:
        """Writes the file, and creates its folders."""
        _report(result)
        if result.document is None:
            return False
        place = self._places[result.key]
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            opened = open_output(str(place), binary=self._make.is_binary)
        except OSError as error:
            complain(f"{result.key}: {place} cannot be written: {error.strerror}")
            return False
        with opened as output:
            writer = self._make(output.stream, self._settings)
            if not _write(writer, result, output.name):
                return False
            _finish(writer, output)
        return True

    def finish(self, *, any_read: bool) -> str:
        """Returns where the files are."""
        return f"written to {self._folder}" if any_read else "nothing was read or written"


def _write(writer: Writer, result: ImageResult[str], name: str) -> bool:
    """Writes the file; returns whether the result could be written in this format."""
    try:
        with output_errors(name):
            writer.write(result)
    except OcrError as unwritten:
        complain(f"{result.key}: {unwritten}")
        return False
    for remark in writer.take_remarks():
        complain(f"{result.key}: {remark}")
    return True


def _finish(writer: Writer, output: Output) -> None:
    with output_errors(output.name):
        writer.finish()
    output.commit()


def _report(result: ImageResult[str]) -> None:
    for where, error in _errors(result):
        complain(f"{where}: {error}")


def _errors(result: ImageResult[str]) -> Iterator[tuple[str, ReadingError]]:
    """The image's error, or the errors of its pages, and where they occurred."""
    if result.error is not None:
        yield result.key, result.error
    if result.document is not None:
        for page in result.document.pages:
            if page.error is not None:
                yield f"{result.key}, page {page.index + 1}", page.error
