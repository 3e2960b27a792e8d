"""Texts in the margins of a page: running headers, footers and page numbers."""

from collections.abc import Sequence

from edgeocr.model.layout.structure.beginnings import has_page_number, is_page_number
from edgeocr.model.layout.structure.text_rows import Area, TextRow
from edgeocr.model.results import BlockKind, Line

_NUMBER_ZONE, _TEXT_ZONE = 0.12, 0.1
"""Shares of the page's height at its upper and lower edge in which page numbers, and other such texts, stand."""
_LEAST_ROWS = 6
"""Rows of a page with headers and footers, at least."""
_NUMBER_GAP, _TEXT_GAP, _WIDE_GAP = 0.6, 0.9, 1.8
"""Space between such a text and the page's own, in heights of a line."""
_SMALL, _LARGE = 0.93, 1.2
"""Such texts are this much smaller than others, or stand far apart, and are never this much larger."""
_MOST_ROWS = 2
"""Rows at either edge that may be such."""
_LEVEL = 0.6


def margin_texts(
    rows: Sequence[TextRow], lines: Sequence[Line], page: Area, body: float, *, has_text: bool
) -> dict[int, BlockKind]:
    """The kinds of lines in the page's margins, by line index.

    Args:
        rows: of the page, those of tables included.
        lines: of the page.
        page: its area.
        body: height of most of its lines.
        has_text: whether it has running text; headers and footers are found on such pages only.
    """
    found: dict[int, BlockKind] = {}
    for kind in (BlockKind.HEADER, BlockKind.FOOTER):
        left = sorted(rows, key=lambda row: row.area[1] + row.area[3], reverse=kind is BlockKind.FOOTER)
        for _ in range(_MOST_ROWS):
            if len(left) <= _LEAST_ROWS:
                break
            first = [row for row in left if _are_level(row, left[0])]
            rest = left[len(first) :]
            kinds = _kinds(first, rest, lines, page, body, kind, has_text=has_text)
            if not kinds:
                break
            found |= kinds
            left = rest
    return found


def _are_level(one: TextRow, other: TextRow) -> bool:
    return abs(one.area[1] + one.area[3] - other.area[1] - other.area[3]) < 2 * _LEVEL * min(one.height, other.height)


def _kinds(
    first: Sequence[TextRow],
    rest: Sequence[TextRow],
    lines: Sequence[Line],
    page: Area,
    body: float,
    kind: BlockKind,
    *,
    has_text: bool,
) -> dict[int, BlockKind]:
    """The kinds of the lines of the outermost rows of a page; none if these belong to its text."""
    top, bottom = min(row.area[1] for row in first), max(row.area[3] for row in first)
    if kind is BlockKind.HEADER:
        share, gap = (bottom - page[1]) / (page[3] - page[1]), min(row.area[1] for row in rest) - bottom
    else:
        share, gap = (page[3] - top) / (page[3] - page[1]), top - max(row.area[3] for row in rest)
    places = [place for row in first for place in row.places]
    numbers = {place for place in places if is_page_number(lines[place].text)}
    if len(numbers) == len(places) == 1:
        is_one = share < _NUMBER_ZONE and gap > _NUMBER_GAP * body
        return dict.fromkeys(places, BlockKind.PAGE_NUMBER) if is_one else {}
    height = max(row.height for row in first)
    is_likely = bool(numbers) or height < _SMALL * body or any(has_page_number(row.text) for row in first)
    is_apart = gap > (_TEXT_GAP if is_likely else _WIDE_GAP) * body
    if not has_text or share > _TEXT_ZONE or height > _LARGE * body or not is_apart:
        return {}
    return {place: BlockKind.PAGE_NUMBER if place in numbers else kind for place in places}
