"""Results as plain text."""

from typing import ClassVar, TextIO

from edgeocr.client.formats.writer import Settings, Writer
from edgeocr.client.streaming.results import ImageResult


class TextWriter(Writer):
    """Writes the text of pages; several images have their paths as headings, several pages their numbers."""

    suffix: ClassVar[str] = ".txt"

    def __init__(self, output: TextIO, settings: Settings) -> None:
        self._output = output
        self._several = settings.several
        self._begun = False

    def write(self, result: ImageResult[str]) -> None:
        """Writes the pages' text; skips errors."""
        if result.document is None:
            return
        pages = result.document.pages
        if len(pages) > 1:
            for page in pages:
                self._write(f"{result.key}, page {page.index + 1}", page.text)
        else:
            self._write(result.key if self._several else "", "".join(page.text for page in pages))
        self._output.flush()

    def _write(self, heading: str, text: str) -> None:
        if heading:
            self._output.write(f"{chr(10) if self._begun else ''}==> {heading} <==\n")
        self._begun = True
        self._output.write(f"{text}\n" if text else "")
