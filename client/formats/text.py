"""Results as plain text."""

from typing import ClassVar

from edgeocr.client.formats.writer import DocumentWriter
from edgeocr.results.document import Document


class TextWriter(DocumentWriter):
    """Writes the text of pages; several images have their paths as headings, several pages their numbers."""

    suffix: ClassVar[str] = ".txt"
    _begun = False

    def _write_document(self, path: str, document: Document) -> None:
        pages = document.pages
        if len(pages) > 1:
            for page in pages:
                self._write(f"{path}, page {page.index + 1}", page.text)
        else:
            self._write(path if self._settings.several else "", "".join(page.text for page in pages))
        self._output.flush()

    def _write(self, heading: str, text: str) -> None:
        if heading:
            self._output.write(f"{chr(10) if self._begun else ''}==> {heading} <==\n")
        self._begun = True
        self._output.write(f"{text}\n" if text else "")
