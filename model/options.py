"""Options of reading an image or a document, and settings of a reader for all images."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from edgeocr.model.files.document_options import ALL_PAGES, DocumentOptions
from edgeocr.model.recognition.rules.rule import ALL_RULES, DecodingRule

LEAST_CONFIDENCE = 0.4
"""Minimum mean confidence of a line's characters; textures are read with less, whatever their length."""


class Mode(StrEnum):
    """A page, whose lines are detected, or one line that fills the image."""

    PAGE = "page"
    LINE = "line"


class Reading(StrEnum):
    """With which recognisers lines are read. Weights without a fast one read adaptively with the accurate one alone."""

    ADAPTIVE = "adaptive"
    """All with the fast one, and what it is not sure of again with the accurate one."""
    ACCURATE = "accurate"
    FAST = "fast"


DEFAULT_READING = Reading.ADAPTIVE
"""It reads as well as accurate reading, and saves up to a half of a page's time; on short lines of which the fast
recogniser is rarely sure it costs up to a third more."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """The corrections that are applied to a page by default; each can be disabled.

    Attributes:
        orientation: detect text on its side or upside down.
        skew: follow lines that are skewed or converge.
        enhancement: enhance the contrast of dark and faint pages.
        tables: detect ruled tables.
        aligned_tables: detect tables without rulings too; off by default.
    """

    orientation: bool = True
    skew: bool = True
    enhancement: bool = True
    tables: bool = True
    aligned_tables: bool = False


EVERYTHING = Preparation()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """Options of reading.

    Attributes:
        mode: pages, or one line per image.
        preparation: corrections of pages.
        document: options of documents.
        alternatives: whether doubtful characters have their alternatives.
        reading: with which recognisers lines are read; None for what the reader does by default.
    """

    mode: Mode = Mode.PAGE
    preparation: Preparation = EVERYTHING
    document: DocumentOptions = ALL_PAGES
    alternatives: bool = False
    reading: Reading | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSettings:
    """What holds for all images that a reader reads.

    Attributes:
        least_confidence: lines of pages with less are left out.
        rules: of spelling, those that are applied.
        reading: with which recognisers lines are read, unless an image's options say otherwise.
    """

    least_confidence: float = LEAST_CONFIDENCE
    rules: Collection[DecodingRule] = ALL_RULES
    reading: Reading = DEFAULT_READING


DEFAULT_SETTINGS = ReaderSettings()
