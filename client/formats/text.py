"""Results as plain text."""

from typing import TextIO

from edgeocr.client.formats.writer import Settings, Writer
from edgeocr.client.streaming.results import ImageResult


class TextWriter(Writer):
    """The text of pages, a blank line between them, under a heading with the path where there are several images."""

    def __init__(self, output: TextIO, settings: Settings) -> None:
        self._output = output
        self._several = settings.several
        self._begun = False

    def write(self, result: ImageResult[str]) -> None:
        """Writes the pages' text; nothing for an error."""
        if result.document is None:
            return
        if self._several:
            self._output.write(f"{chr(10) if self._begun else ''}==> {result.key} <==\n")
        self._begun = True
        self._output.write("\n".join(f"{page.text}\n" for page in result.document.pages if page.text))
        self._output.flush()

    def finish(self) -> None:
        """Writes nothing."""
