"""The structure of a page for output formats: paragraphs, rows, tables, and the words of a line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from edgeocr.characters import is_wide
from edgeocr.results.document import Character, Direction, Line, Page, Table

_WORD = re.compile(r"\S+")

_SLACK = 2.0
"""Maximum distance, in pixels, between the corners of a line's polygon and those of its bounding box."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in whole pixels."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Rows of lines, or the table that they form."""

    rows: Sequence[Sequence[Line]]
    table: Table | None

    @property
    def lines(self) -> list[Line]:
        """All lines, in reading order."""
        return [line for row in self.rows for line in row]


@dataclass(frozen=True, slots=True)
class Word:
    """Text between spaces: its box, its confidence (0–1), and whether a space precedes it.

    `characters` are those of the word, if known.
    """

    text: str
    box: Box
    confidence: float
    after_space: bool
    characters: tuple[Character, ...] = ()


def paragraphs(page: Page) -> Iterator[Paragraph]:
    """The paragraphs of a page in reading order."""
    tables = {place: table for table in page.tables for cell in table.cells for place in cell.lines}
    for _, group in groupby(enumerate(page.lines), key=lambda item: item[1].paragraph):
        members = list(group)
        rows = [[line for _, line in row] for _, row in groupby(members, key=lambda item: item[1].row)]
        yield Paragraph(rows, tables.get(members[0][0]))


def around(lines: Sequence[Line]) -> Box:
    """The bounding box of one or more lines."""
    return _box([point for line in lines for point in line.polygon])


def fills_box(line: Line) -> bool:
    """Whether a line's polygon is its bounding box, within a pixel or two."""
    left, top, right, bottom = around([line])
    return all(
        min(abs(x - left), abs(x - right)) < _SLACK and min(abs(y - top), abs(y - bottom)) < _SLACK
        for x, y in line.polygon
    )


def words(line: Line) -> list[Word]:
    """The words of a line; if its characters are unknown, typical character widths are assumed."""
    starts, ends = _extents(line)
    found = []
    for match in _WORD.finditer(line.text):
        begin, end = match.span()
        characters = line.characters[begin:end] if _is_exact(line) else ()
        confidences = [character.confidence for character in characters]
        confidence = sum(confidences) / len(confidences) if confidences else line.confidence
        found.append(Word(match[0], _part(line, starts[begin], ends[end - 1]), confidence, begin > 0, characters))
    return found


def _is_exact(line: Line) -> bool:
    """Whether each character of the text has an entry of its own."""
    return (
        "".join(character.text for character in line.characters)
        == line.text
        == "".join(character.text[:1] for character in line.characters)
    )


def _extents(line: Line) -> tuple[list[float], list[float]]:
    """Start and end of each character, as fractions of the line's length."""
    if line.characters and _is_exact(line):
        return [character.start for character in line.characters], [character.end for character in line.characters]
    ends, sum_of_widths = [], 0.0
    for character in line.text:
        sum_of_widths += 2.0 if is_wide(character) else 1.0
        ends.append(sum_of_widths)
    shares = [end / sum_of_widths for end in ends]
    return [0.0, *shares[:-1]], shares


def _part(line: Line, start: float, end: float) -> Box:
    """The box of a part of a line, between two fractions of its length."""
    top_left, top_right, bottom_right, bottom_left = line.polygon
    sides = (top_left, top_right), (bottom_left, bottom_right)
    if line.direction is Direction.VERTICAL:
        sides = (top_right, bottom_right), (top_left, bottom_left)
    corners = [(a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])) for a, b in sides for share in (start, end)]
    return _box(corners)


def _box(points: Sequence[tuple[float, float]]) -> Box:
    xs, ys = zip(*points, strict=True)
    left, top = int(min(xs)), int(min(ys))
    return left, top, max(left + 1, round(max(xs))), max(top + 1, round(max(ys)))
