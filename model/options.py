"""What is done by itself for a page; each can be left out."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """A page, whose lines are detected, or one line that fills the image."""

    PAGE = "page"
    LINE = "line"


class Enhancement(StrEnum):
    """What was done to a page's pixels."""

    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Preparation:
    """What may be done.

    Attributes:
        orientation: read what lies on its side or upside down.
        skew: follow lines that are not level, or draw together.
        enhancement: give dark and faint pages contrast.
        tables: find the cells of ruled tables.
    """

    orientation: bool = True
    skew: bool = True
    enhancement: bool = True
    tables: bool = True


EVERYTHING = Preparation()
