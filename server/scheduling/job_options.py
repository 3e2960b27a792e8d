"""Options of a job: how to read an image, and which events to deliver."""

from dataclasses import dataclass

from edgeocr.model.options import ReadOptions
from edgeocr.model.results import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions(ReadOptions):
    """The caller's options for an image, and the events that its transport needs.

    Attributes:
        allow_partial: whether results so far are returned when the deadline passes.
        with_characters: whether lines keep their characters.
        sends_lines: whether lines are delivered as they are read.
        sends_pages: whether each page is delivered when it is read, rather than at the end.
    """

    allow_partial: bool = False
    with_characters: bool = True
    sends_lines: bool = True
    sends_pages: bool = False

    def kept(self, line: Line) -> Line:
        """The line, reduced to what was requested."""
        return line.reduced(characters=self.with_characters, alternatives=self.alternatives)
