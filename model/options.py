"""How an image or a document is read."""

from dataclasses import dataclass
from enum import StrEnum

from edgeocr.model.files.document_options import ALL_PAGES, DocumentOptions
from edgeocr.results.document import Enhancement

__all__ = ["EVERYTHING", "LEAST_CONFIDENCE", "Enhancement", "Mode", "Preparation", "ReadOptions", "Reading"]

LEAST_CONFIDENCE = 0.4
"""Mean over a line's characters, from which on it is text: textures are read with less, however long they are."""


class Mode(StrEnum):
    """A page, whose lines are detected, or one line that fills the image."""

    PAGE = "page"
    LINE = "line"


class Reading(StrEnum):
    """With which recognisers lines are read. Weights without a fast one read adaptively with the accurate one alone."""

    ADAPTIVE = "adaptive"
    """All with the fast one, and those again with the accurate one of which it is not sure."""
    ACCURATE = "accurate"
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class Preparation:
    """The corrections that are applied to a page by default; each can be disabled.

    Attributes:
        orientation: read what lies on its side or upside down.
        skew: follow lines that are not level, or draw together.
        enhancement: give dark and faint pages contrast.
        tables: find the cells of ruled tables.
        aligned_tables: find those of tables without rulings as well, which is to be asked for.
    """

    orientation: bool = True
    skew: bool = True
    enhancement: bool = True
    tables: bool = True
    aligned_tables: bool = False


EVERYTHING = Preparation()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How an image or a document is read.

    Attributes:
        mode: pages, or one line an image.
        preparation: the corrections that are applied to a page.
        document: which pages of a document are read, and how they are drawn.
        alternatives: whether doubtful characters have their alternatives.
        reading: with which recognisers lines are read; None for what the reader does by default.
    """

    mode: Mode = Mode.PAGE
    preparation: Preparation = EVERYTHING
    document: DocumentOptions = ALL_PAGES
    alternatives: bool = False
    reading: Reading | None = None
