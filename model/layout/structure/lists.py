"""Which rows begin items of lists: those with a marker, where others with the next or the last number are about."""

from collections.abc import Mapping, Sequence

from edgeocr.model.layout.structure.beginnings import Marker, ends_sentence, marker, section_depth
from edgeocr.model.layout.structure.text_rows import Columns, TextRow

_SURE = "bullet"
"""Markers that need no others."""
_CLOSE = 40
"""Markers of a list are so few rows apart at most."""
_SAME_LEFT = 1.2
"""Items of one depth begin no further apart, in heights of a line."""


def item_places(rows: Sequence[TextRow], columns: Columns) -> set[int]:
    """The first line's place of each row that begins an item."""
    found = {
        number: one
        for number, row in enumerate(rows)
        if not row.is_spread
        and (one := marker(row.text)) is not None
        and not _is_within_text(rows, number, columns)
        and not _is_heading(rows, number)
    }
    return {
        rows[number].places[0]
        for number, one in found.items()
        if one.sort == _SURE or _has_neighbour(found, rows, number)
    }


def _is_within_text(rows: Sequence[TextRow], number: int, columns: Columns) -> bool:
    """Whether a row only goes on with a sentence that happens to break before what looks like a marker."""
    if not number or rows[number - 1].paragraph != rows[number].paragraph:
        return False
    above = rows[number - 1]
    is_outdented = rows[number].area[0] < above.area[0] - 0.5 * above.height
    return columns.run_on(above, rows[number]) and not ends_sentence(above.text) and not is_outdented


def _is_heading(rows: Sequence[TextRow], number: int) -> bool:
    """Whether a row stands alone and numbers a section."""
    row = rows[number]
    beside = [*rows[max(0, number - 1) : number], *rows[number + 1 : number + 2]]
    is_alone = all(other.paragraph != row.paragraph for other in beside)
    return is_alone and section_depth(row.text) > 0 and not ends_sentence(row.text)


def _has_neighbour(found: Mapping[int, Marker], rows: Sequence[TextRow], number: int) -> bool:
    one, row = found[number], rows[number]
    return any(
        other.sort == one.sort
        and 0 < abs(place - number) <= _CLOSE
        and (not one.number or other.number - one.number == (1 if place > number else -1))
        and abs(rows[place].area[0] - row.area[0]) < _SAME_LEFT * row.height
        for place, other in found.items()
    )


class Depths:
    """How deeply items are nested, one after the other in reading order."""

    def __init__(self) -> None:
        self._lefts: list[float] = []
        self._bottom = 0.0

    def depth(self, row: TextRow) -> int:
        """The depth, from 1, of an item that begins with a row."""
        left, top, _, bottom = row.area
        if top < self._bottom - row.height:
            # It stands in the next column.
            self._lefts.clear()
        self._bottom = bottom
        while self._lefts and left < self._lefts[-1] - _SAME_LEFT * row.height:
            self._lefts.pop()
        if not self._lefts or left > self._lefts[-1] + _SAME_LEFT * row.height:
            self._lefts.append(left)
        return len(self._lefts)
