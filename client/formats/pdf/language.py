"""The language entry of a PDF file, which screen readers use."""

import ctypes
import unicodedata

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

_CHINESE = "zh"


class Languages:
    """Counts Chinese and other letters: Chinese ones identify the language, Latin ones are shared by many."""

    def __init__(self) -> None:
        """Starts without letters."""
        self._letters = 0
        self._ideographs = 0

    def count(self, text: str) -> None:
        """Counts the letters of a text."""
        letters = [character for character in text if character.isalpha()]
        self._letters += len(letters)
        self._ideographs += sum(unicodedata.name(letter, "").startswith("CJK UNIFIED") for letter in letters)

    def state(self, document: pdfium.PdfDocument, asked: str) -> None:
        """Writes the document's language: the requested one, else Chinese if most letters are Chinese, else none."""
        language = asked
        if not language and 2 * self._ideographs > self._letters and not _has_language(document):
            language = _CHINESE
        if language:
            encoded = language.encode("utf-16-le") + b"\0\0"
            wide = (ctypes.c_ushort * (len(encoded) // 2)).from_buffer_copy(encoded)
            pdfium_c.FPDFCatalog_SetLanguage(document, wide)


def _has_language(document: pdfium.PdfDocument) -> bool:
    return bool(pdfium_c.FPDFCatalog_GetLanguage(document, None, 0) > 2)
