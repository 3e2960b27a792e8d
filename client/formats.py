"""The forms in which `edgeocr read` writes results; a new one is a Writer and an entry in WRITERS.

A writer gets results one by one and keeps none, so that output flows while images are read.
"""

import json
from typing import Any, Protocol, TextIO

from edgeocr.client.errors import OcrError
from edgeocr.client.results import ImageResult
from edgeocr.proto.edgeocr.v1 import ocr_pb2

CONFIDENCE_DIGITS = 4
COORDINATE_DIGITS = 1


class Writer(Protocol):
    """Writes results to a text file, which it leaves open."""

    reports_errors: bool
    """Whether an image's error is in the output, and need not be told otherwise."""

    def write(self, result: ImageResult[str]) -> None:
        """Writes one result; its key is the image's path."""

    def finish(self) -> None:
        """Writes what comes after the last result."""


class TextWriter:
    """The text of every page, under a heading with the path where there are several images."""

    reports_errors = False

    def __init__(self, output: TextIO, *, several: bool) -> None:
        """Takes the output, and whether there will be several images."""
        self._output = output
        self._several = several
        self._begun = False

    def write(self, result: ImageResult[str]) -> None:
        """Writes the pages' text; nothing for an error."""
        if result.document is None:
            return
        if self._several:
            self._output.write(f"{chr(10) if self._begun else ''}==> {result.key} <==\n")
        self._begun = True
        self._output.writelines(f"{page.text}\n" for page in result.document.pages if page.text)
        self._output.flush()

    def finish(self) -> None:
        """Writes nothing."""


class JsonLinesWriter:
    """One JSON object a line for every image."""

    reports_errors = True

    def __init__(self, output: TextIO, *, several: bool) -> None:
        """Takes the output."""
        self._output = output

    def write(self, result: ImageResult[str]) -> None:
        """Writes the object, and has it leave at once."""
        self._output.write(_dump(result) + "\n")
        self._output.flush()

    def finish(self) -> None:
        """Writes nothing."""


class JsonWriter:
    """One JSON list of the objects that JsonLinesWriter writes."""

    reports_errors = True

    def __init__(self, output: TextIO, *, several: bool) -> None:
        """Takes the output."""
        self._output = output
        self._separator = "[\n"

    def write(self, result: ImageResult[str]) -> None:
        """Writes the object."""
        self._output.write(self._separator + _dump(result))
        self._separator = ",\n"

    def finish(self) -> None:
        """Closes the list, which may be empty."""
        self._output.write("[]\n" if self._separator == "[\n" else "\n]\n")


class MakeWriter(Protocol):
    """What makes a writer."""

    def __call__(self, output: TextIO, *, several: bool) -> Writer:
        """Makes one for an output and one or several images."""


WRITERS: dict[str, MakeWriter] = {"text": TextWriter, "json": JsonWriter, "jsonl": JsonLinesWriter}
"""Every format by the name that the command line knows it by."""


def result_object(result: ImageResult[str]) -> dict[str, Any]:
    """A result as JSON has it: sizes and coordinates in pixels of the image as sent, confidences 0 to 1."""
    if result.document is None:
        error = result.error
        assert error is not None
        return {"path": result.key, "error": _error_object(error)}
    return {"path": result.key, "pages": [_page_object(page) for page in result.document.pages]}


def _page_object(page: ocr_pb2.Page) -> dict[str, Any]:
    lines = [_line_object(line) for line in page.lines]
    found: dict[str, Any] = {"width": page.width_pixels, "height": page.height_pixels, "lines": lines}
    if page.index:
        found["index"] = page.index
    if page.embedded:
        found["embedded"] = True
    if page.HasField("error"):
        found["error"] = _error_object(OcrError.from_status(page.error))
    if page.partial:
        found["partial"] = True
    if page.reduction > 1:
        found["reduction"] = page.reduction
    if page.rotation_degrees:
        found["rotation_degrees"] = round(page.rotation_degrees, COORDINATE_DIGITS)
    if page.enhancements:
        found["enhancements"] = [_enhancement_name(done) for done in page.enhancements]
    return found


def _line_object(line: ocr_pb2.Line) -> dict[str, Any]:
    found: dict[str, Any] = {
        "text": line.text,
        "confidence": round(line.confidence, CONFIDENCE_DIGITS),
        "polygon": [[round(point.x, COORDINATE_DIGITS), round(point.y, COORDINATE_DIGITS)] for point in line.polygon],
    }
    if line.characters:
        found["characters"] = [
            {
                "text": character.text,
                "confidence": round(character.confidence, CONFIDENCE_DIGITS),
                "start": round(character.start, CONFIDENCE_DIGITS),
                "end": round(character.end, CONFIDENCE_DIGITS),
            }
            for character in line.characters
        ]
    return found


def _enhancement_name(number: int) -> str:
    """As in the contract, but short; a number if a newer server did something unknown."""
    value = ocr_pb2.Enhancement.DESCRIPTOR.values_by_number.get(number)
    return str(number) if value is None else value.name.removeprefix("ENHANCEMENT_").lower()


def _error_object(error: OcrError) -> dict[str, str]:
    return {"code": error.code.name, "message": error.message}


def _dump(result: ImageResult[str]) -> str:
    return json.dumps(result_object(result), ensure_ascii=False)
