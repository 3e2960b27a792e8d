"""The rules by which a line's characters are made one text; each can be left out."""

from enum import StrEnum


class DecodingRule(StrEnum):
    """A rule, by the name that settings have for it."""

    MARKS = "marks"
    """Marks and numbers that take two places have the form that is as wide."""
    PLATES = "plates"
    """A line that spells nearly a licence plate is read as one."""
    DEGREES = "degrees"
    """No degree sign stands before one that has its own."""
    GAPS = "gaps"
    """The narrow gap between Han and a letter or digit is no space."""
    WIDTHS = "widths"
    """Letters and digits of a line have one width."""
    BRACKETS = "brackets"
    """Both brackets of a pair are of one kind and width."""
    BOXES = "boxes"
    """Squares before what can be chosen are ballot boxes, and one at the beginning is looked for."""


ALL_RULES = frozenset(DecodingRule)
