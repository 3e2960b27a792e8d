"""Results as hOCR 1.2: one XHTML document for all pages."""

from importlib.metadata import version
from typing import ClassVar, TextIO

from edgeocr.client.formats.blocks import Box, Paragraph, Word, around, fills_box, paragraphs, words
from edgeocr.client.formats.writer import DocumentWriter, Settings
from edgeocr.client.formats.xml_text import xml_text
from edgeocr.results.document import Document, Line, Page

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<title>edgeocr</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<meta name="ocr-system" content="edgeocr {version}" />
<meta name="ocr-capabilities" content="ocr_page ocr_par ocr_line ocrx_word ocrp_poly" />
<meta name="ocr-langs" content="unknown" />
<meta name="ocr-scripts" content="unknown" />
</head>
<body>
"""


class HocrWriter(DocumentWriter):
    """Writes pages, paragraphs, lines and words with their boxes."""

    suffix: ClassVar[str] = ".hocr"
    needs_characters: ClassVar[bool] = True

    def __init__(self, output: TextIO, settings: Settings) -> None:
        super().__init__(output, settings)
        self._pages = 0
        output.write(_HEAD.format(version=xml_text(version("edgeocr"))))

    def _write_document(self, path: str, document: Document) -> None:
        for page in document.pages:
            if page.error is None:
                self._output.writelines(self._page(path, page))
        self._output.flush()

    def finish(self) -> None:
        """Ends the document."""
        if not self._pages:
            # There is at least one page.
            self._output.writelines(self._page("", Page(0, 0, 0, ())))
        self._output.write("</body>\n</html>\n")

    def _page(self, path: str, page: Page) -> list[str]:
        self._pages += 1
        number = self._pages
        # Quotes would end the property.
        image = xml_text(path.replace('"', "%22").replace(";", "%3B"))
        box = _bbox((0, 0, page.width, page.height))
        source = f"x_source &quot;{image}&quot; &quot;{page.index + 1}&quot;"
        title = f"image &quot;{image}&quot;; {box}; ppageno {number - 1}; {source}"
        found = [f'<div class="ocr_page" id="page_{number}" title="{title}">\n']
        for place, paragraph in enumerate(paragraphs(page), 1):
            found += _paragraph(f"{number}_{place}", paragraph)
        return [*found, "</div>\n"]


def _paragraph(name: str, paragraph: Paragraph) -> list[str]:
    found = [f'<p class="ocr_par" id="par_{name}" title="{_bbox(around(paragraph.lines))}">\n']
    for number, line in enumerate(paragraph.lines, 1):
        title = f"{_bbox(around([line]))}; {_polygon(line)}x_wconf {_percent(line.confidence)}"
        found.append(f'<span class="ocr_line" id="line_{name}_{number}" title="{title}">')
        found += [
            f'{" " if word.after_space else ""}<span class="ocrx_word" id="word_{name}_{number}_{place}" '
            f'title="{_bbox(word.box)}; x_wconf {_percent(word.confidence)}{_confidences(word)}">'
            f"{xml_text(word.text)}</span>"
            for place, word in enumerate(words(line), 1)
        ]
        found.append("</span>\n")
    return [*found, "</p>\n"]


def _polygon(line: Line) -> str:
    """The polygon property; empty if the line's box equals its polygon."""
    if fills_box(line):
        return ""
    return "poly {}; ".format(" ".join(f"{round(x)} {round(y)}" for x, y in line.polygon))


def _bbox(box: Box) -> str:
    return "bbox {} {} {} {}".format(*box)


def _confidences(word: Word) -> str:
    """The property with each character's confidence; empty if unknown."""
    if not word.characters:
        return ""
    return "; x_confs " + " ".join(str(_percent(character.confidence)) for character in word.characters)


def _percent(confidence: float) -> int:
    return round(100 * confidence)
