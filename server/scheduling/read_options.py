"""How an image is to be read, from the wire to its job."""

from dataclasses import dataclass

from edgeocr.model.files.document_options import ALL_PAGES, DocumentOptions
from edgeocr.model.options import EVERYTHING, Mode, Preparation


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What a caller chooses for an image, and what its transport wants to be told.

    Attributes:
        mode: page or line.
        document: which pages of it, if it has several, and how.
        preparation: what may be done for what is not upright and clean.
        allow_partial: whether what was read until the deadline is wanted when that passes.
        with_characters: whether its pages keep their lines' characters; lines that are delivered have them.
        sends_lines: whether lines are delivered as they are read.
        sends_pages: whether each page is delivered once it is read, and not kept for the end.
    """

    mode: Mode = Mode.PAGE
    document: DocumentOptions = ALL_PAGES
    preparation: Preparation = EVERYTHING
    allow_partial: bool = False
    with_characters: bool = True
    sends_lines: bool = True
    sends_pages: bool = False
