"""Results as ALTO 4: one document for all pages."""

from importlib.metadata import version
from typing import ClassVar

from edgeocr.client.formats.blocks import Box, Paragraph, Word, around, paragraphs, words
from edgeocr.client.formats.writer import DocumentWriter
from edgeocr.client.formats.xml_text import xml_text
from edgeocr.results.document import Document, Page

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-2.xsd">
<Description>
<MeasurementUnit>pixel</MeasurementUnit>
{source}<Processing ID="reading">
<processingSoftware>
<softwareName>edgeocr</softwareName>
<softwareVersion>{version}</softwareVersion>
</processingSoftware>
</Processing>
</Description>
<Layout>
"""
_SOURCE = "<sourceImageInformation>\n<fileName>{path}</fileName>\n</sourceImageInformation>\n"


class AltoWriter(DocumentWriter):
    """Writes pages, a block for each paragraph, and lines with their words; the description names a single image."""

    suffix: ClassVar[str] = ".xml"
    needs_characters: ClassVar[bool] = True
    _begun, _pages = False, 0

    def _write_document(self, path: str, document: Document) -> None:
        self._begin("" if self._settings.several else _SOURCE.format(path=xml_text(path)))
        for page in document.pages:
            if page.error is None:
                self._output.writelines(self._page(page))
        self._output.flush()

    def finish(self) -> None:
        """Ends the document."""
        self._begin("")
        if not self._pages:
            # A layout has at least one page.
            self._output.writelines(self._page(Page(0, 0, 0, ())))
        self._output.write("</Layout>\n</alto>\n")

    def _begin(self, source: str) -> None:
        if not self._begun:
            self._output.write(_HEAD.format(source=source, version=xml_text(version("edgeocr"))))
        self._begun = True

    def _page(self, page: Page) -> list[str]:
        self._pages += 1
        number, width, height = self._pages, page.width, page.height
        found = [
            f'<Page ID="page_{number}" PHYSICAL_IMG_NR="{page.index + 1}" WIDTH="{width}" HEIGHT="{height}">\n'
            f"<PrintSpace {_place((0, 0, width, height))}>\n"
        ]
        for place, paragraph in enumerate(paragraphs(page), 1):
            found += _block(f"{number}_{place}", paragraph)
        return [*found, "</PrintSpace>\n</Page>\n"]


def _block(name: str, paragraph: Paragraph) -> list[str]:
    found = [f'<TextBlock ID="block_{name}" {_place(around(paragraph.lines))}>\n']
    for number, line in enumerate(paragraph.lines, 1):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.polygon)
        found.append(
            f'<TextLine ID="line_{name}_{number}" {_place(around([line]))}>\n'
            f'<Shape><Polygon POINTS="{points}"/></Shape>\n'
        )
        for place, word in enumerate(words(line), 1):
            if word.after_space:
                found.append("<SP/>\n")
            found.append(_string(f"{name}_{number}_{place}", word))
        found.append("</TextLine>\n")
    return [*found, "</TextBlock>\n"]


def _string(name: str, word: Word) -> str:
    """A word with its confidence, and the doubt of each character, from 0 (sure) to 9."""
    doubts = " ".join(str(round(9 * (1 - min(1.0, character.confidence)))) for character in word.characters)
    return (
        f'<String ID="word_{name}" {_place(word.box)} WC="{word.confidence:.4f}" '
        + (f'CC="{doubts}" ' if doubts else "")
        + f'CONTENT="{xml_text(word.text)}"/>\n'
    )


def _place(box: Box) -> str:
    left, top, right, bottom = box
    return f'HPOS="{left}" VPOS="{top}" WIDTH="{right - left}" HEIGHT="{bottom - top}"'
