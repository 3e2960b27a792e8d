"""How an image is to be read, and what of it is delivered, from the wire to its job."""

from dataclasses import dataclass

from edgeocr.model.options import ReadOptions
from edgeocr.model.results import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions(ReadOptions):
    """What a caller chooses for an image, and which events its transport wants.

    Attributes:
        allow_partial: whether what was read until the deadline is wanted when that passes.
        with_characters: whether its lines keep their characters.
        sends_lines: whether lines are delivered as they are read.
        sends_pages: whether each page is delivered once it is read, and not kept for the end.
    """

    allow_partial: bool = False
    with_characters: bool = True
    sends_lines: bool = True
    sends_pages: bool = False

    def kept(self, line: Line) -> Line:
        """The line with what is wanted of it."""
        return line.reduced(characters=self.with_characters, alternatives=self.alternatives)
