"""Results as JSON lines, or as a JSON list."""

import json
from typing import Any, ClassVar

from edgeocr.client.formats.writer import Writer
from edgeocr.client.streaming.results import ImageResult
from edgeocr.results.json_results import error_object, read_page_object


class JsonLinesWriter(Writer):
    """Writes a JSON object per line, one for each image."""

    suffix: ClassVar[str] = ".jsonl"
    reports_errors: ClassVar[bool] = True

    def write(self, result: ImageResult[str]) -> None:
        """Writes the object and flushes the output."""
        self._output.write(_dump(result) + "\n")
        self._output.flush()


class JsonWriter(Writer):
    """Writes a JSON list of the objects that JsonLinesWriter writes."""

    suffix: ClassVar[str] = ".json"
    reports_errors: ClassVar[bool] = True
    _separator = "[\n"

    def write(self, result: ImageResult[str]) -> None:
        """Writes the object."""
        self._output.write(self._separator + _dump(result))
        self._separator = ",\n"

    def finish(self) -> None:
        """Closes the list, which may be empty."""
        self._output.write("[]\n" if self._separator == "[\n" else "\n]\n")


def result_object(result: ImageResult[str]) -> dict[str, Any]:
    """The JSON object of a result: its path with its pages (see `edgeocr.results.json_results`), or with its error."""
    if result.error is not None:
        return {"path": result.key, "error": error_object(result.error)}
    return {"path": result.key, "pages": [read_page_object(page) for page in result.document.pages]}


def _dump(result: ImageResult[str]) -> str:
    return json.dumps(result_object(result), ensure_ascii=False, allow_nan=False)
