"""What is done for a page that was not sent upright and clean; each can be left out."""

from dataclasses import dataclass
from enum import StrEnum


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
    """

    orientation: bool = True
    skew: bool = True
    enhancement: bool = True


EVERYTHING = Preparation()
