"""Text rows of a page, and whether they continue in the next row, as those do that end at their column's edge."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

import numpy as np

from edgeocr.characters import is_wide
from edgeocr.model.layout.structure.beginnings import ends_sentence, has_label, marker
from edgeocr.model.results import Line

Area = tuple[float, float, float, float]
"""Left, top, right and bottom in a frame in which the page's text is level, in pixels."""

_SPREAD = 1.5
"""Pieces of a row that are further apart, in its heights, are no running text."""
_SAME_LEFT, _SAME_RIGHT = 3.0, 1.5
"""Rows of a column begin, and end, no further apart, in heights."""
_SAME_SIZE = 1.38
_SLACK, _WITHIN_SLACK = 1.0, 2.5
"""Room at a row's end, in heights, beyond what the next word takes, if it was ended deliberately; and more for
one that ends within a sentence."""
_GOES_ON = 0.6
"""A row of this share of its column goes on if the next one begins with a small letter."""
_NEAR, _APART_SHARE = 2, 0.4
"""How many rows around one show how far rows may go, and what share of rows ends before that where they stand apart."""
_ITEMS_SHARE = 0.3
"""Share of a column's rows that have gaps, from which these tell where it ends."""
_LEAST_LENGTH = 7.0
"""Rows of running text are so long at least, in their heights."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """Lines side by side.

    Attributes:
        places: of its lines on the page.
        text: of all of them.
        area: of all of them.
        height: of a line.
        is_spread: whether there are wide gaps between them.
        paragraph: that it belongs to.
    """

    places: tuple[int, ...]
    text: str
    area: Area
    height: float
    is_spread: bool
    paragraph: int

    @property
    def length(self) -> float:
        """The length in line heights."""
        return (self.area[2] - self.area[0]) / self.height


def text_rows(lines: Sequence[Line], areas: Sequence[Area], places: Iterable[int]) -> list[TextRow]:
    """The rows of some lines, in reading order."""
    return [
        _row(lines, areas, list(row))
        for _, row in groupby(places, key=lambda place: (lines[place].paragraph, lines[place].row))
    ]


def _row(lines: Sequence[Line], areas: Sequence[Area], places: Sequence[int]) -> TextRow:
    first = lines[places[0]]
    if len(places) == 1:
        # As most rows are.
        area = areas[places[0]]
        return TextRow(tuple(places), first.text, area, max(1.0, area[3] - area[1]), False, first.paragraph)
    lefts, tops, rights, bottoms = zip(*(areas[place] for place in places), strict=True)
    height = max(1.0, median(areas[place][3] - areas[place][1] for place in places))
    is_spread = any(areas[after][0] - areas[before][2] > _SPREAD * height for before, after in pairwise(places))
    return TextRow(
        places=tuple(places),
        text=" ".join(lines[place].text for place in places),
        area=(min(lefts), min(tops), max(rights), max(bottoms)),
        height=height,
        is_spread=is_spread,
        paragraph=first.paragraph,
    )


def body_height(rows: Sequence[TextRow]) -> float:
    """The line height of most text."""
    heights = sorted((row.height, len(row.text)) for row in rows)
    half, count = sum(length for _, length in heights) / 2, 0
    for height, length in heights:
        count += length
        if count >= half:
            return height
    return 1.0


class Columns:
    """The right edges of a page's columns, estimated from its rows."""

    def __init__(self, rows: Sequence[TextRow]) -> None:
        """Takes the rows of all of the page that are in no table; `longest` is the width of the longest."""
        self._lefts, _, self._ends, _ = np.array([row.area for row in rows], np.float64).reshape(-1, 4).T
        self._heights = np.array([row.height for row in rows], np.float64)
        self._are_spread = np.array([row.is_spread for row in rows], bool)
        self._rights: dict[tuple[int, ...], float] = {}
        self.longest = max((row.area[2] - row.area[0] for row in rows), default=0.0)
        paragraphs = groupby(rows, key=lambda row: row.paragraph)
        self._apart = {number for number, members in paragraphs if _stand_apart(list(members))}

    def run_on(self, above: TextRow, here: TextRow) -> bool:
        """Whether a row is as long as its column lets it be, so that the next one goes on with its text."""
        if above.is_spread or here.is_spread or min(above.length, here.length) < 1:
            return False
        if above.paragraph in self._apart:
            return False
        if max(above.height, here.height) > _SAME_SIZE * min(above.height, here.height) or above.length < _LEAST_LENGTH:
            return False
        if above.text.rstrip().endswith((":", "：")) or (has_label(above.text) and has_label(here.text)):
            return False
        if _are_centred(above, here):
            return False
        if above.places not in self._rights:
            self._rights[above.places] = self._right(above)
        right, is_within = self._rights[above.places], not ends_sentence(above.text)
        if is_within and here.text[:1].islower() and above.area[2] - above.area[0] > _GOES_ON * (right - above.area[0]):
            return True
        return right - above.area[2] < _first_word(here) + (_WITHIN_SLACK if is_within else _SLACK) * above.height

    def _right(self, row: TextRow) -> float:
        """Where the column of a row ends: a place that several of its rows reach.

        Rows with gaps are among them where there are many of these, as items of a receipt.
        """
        are_in_column = (
            (np.abs(self._lefts - row.area[0]) < _SAME_LEFT * row.height)
            & (self._heights < _SAME_SIZE * row.height)
            & (row.height < _SAME_SIZE * self._heights)
        )
        are_spread = self._are_spread[are_in_column]
        has_items = np.count_nonzero(are_spread) > _ITEMS_SHARE * len(are_spread)
        rights: list[float] = sorted(self._ends[are_in_column][has_items | ~are_spread].tolist(), reverse=True)
        least = max(2, len(rights) // 10)
        for place, right in enumerate(rights[: 1 - least] if least > 1 else rights):
            if right - rights[place + least - 1] < _SAME_RIGHT * row.height:
                return max(right, row.area[2])
        return max(rights[0], row.area[2]) if rights else row.area[2]


def _stand_apart(rows: Sequence[TextRow]) -> bool:
    """Whether rows of a paragraph end deliberately, as those of addresses and verse do: within sentences, and with
    room for the next word beside rows nearby."""
    pairs = [
        (place, above, here)
        for place, (above, here) in enumerate(pairwise(rows))
        if not (above.is_spread or here.is_spread or ends_sentence(above.text) or marker(here.text))
        and max(above.height, here.height) < _SAME_SIZE * min(above.height, here.height)
    ]
    count = 0
    for place, above, here in pairs:
        near = rows[max(0, place - _NEAR) : place + _NEAR + 1]
        right = max(row.area[2] for row in near if not row.is_spread)
        count += right - above.area[2] > _first_word(here) + _SLACK * above.height
    return count > 1 and count >= _APART_SHARE * len(pairs)


def _are_centred(above: TextRow, here: TextRow) -> bool:
    """Whether two rows of different length have one axis, as titles and addresses do."""
    axis = (above.area[0] + above.area[2] - here.area[0] - here.area[2]) / 2
    return abs(axis) < 0.5 * above.height < abs(above.area[0] - here.area[0]) / 2


def _first_word(row: TextRow) -> float:
    """The width of a row's first word; of Han, that of one with the sign behind it."""
    widths = [2 if is_wide(character) else 1 for character in row.text]
    unit = (row.area[2] - row.area[0]) / max(1, sum(widths))
    if widths and widths[0] == 2:
        return 4 * unit
    word = row.text.split(" ", 1)[0]
    narrow = next((place for place, width in enumerate(widths[: len(word)]) if width == 2), len(word))
    return (narrow + 1) * unit
