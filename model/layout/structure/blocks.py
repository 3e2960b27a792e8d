"""The blocks of a page whose lines have been read, classified by position, size and beginning."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from edgeocr.model.layout.structure.beginnings import (
    ends_sentence,
    is_caption,
    is_formula,
    names_section,
    section_depth,
)
from edgeocr.model.layout.structure.joining import joined, words
from edgeocr.model.layout.structure.lists import Depths, item_places
from edgeocr.model.layout.structure.margin_texts import margin_texts
from edgeocr.model.layout.structure.text_rows import Area, Columns, TextRow, body_height, text_rows
from edgeocr.model.results import Block, BlockKind, Direction, Line, Table
from edgeocr.results.plain_text import aligned_text

_HEADING_SIZE, _SECTION_SIZE = 1.25, 0.9
"""How much higher than most text headings are at least, and those that their words tell."""
_HEADING_ROWS, _HEADING_LETTERS, _HEADING_SHARE = 3, 120, 0.6
"""Rows and characters of a heading at most, and the share of letters among these."""
_SECTION_LENGTH = 0.8
"""Length of a section's heading at most, as a share of the longest row's."""
_CAPTION_ROWS = 5
_OTHER_RANK = 1.12
"""Headings of one rank differ by no more in height."""
_LEAST_RUNNING_ROWS = 5
"""Rows that run on into the next, on a page of running text, at least."""
_HANGING, _CLOSE = 0.6, 1.0
"""An item's rows begin so much further to the right than it does, and so close below it, in heights of a line."""


@dataclass(slots=True)
class _Draft:
    """A block in preparation."""

    kind: BlockKind
    rows: list[TextRow] = field(default_factory=list)
    level: int = 0
    table: int | None = None


def blocks(lines: Sequence[Line], areas: Sequence[Area], tables: Sequence[Table], page: Area) -> tuple[Block, ...]:
    """The blocks of a page, in its reading order.

    Args:
        lines: the page's lines, in reading order.
        areas: the area of each line.
        tables: the page's tables, with the indices of their lines.
        page: the area of the page.
    """
    if 2 * sum(line.direction is Direction.VERTICAL for line in lines) > len(lines):
        areas, page = [_turned(area) for area in areas], _turned(page)
    inside = {place: number for number, table in enumerate(tables) for cell in table.cells for place in cell.lines}
    loose = text_rows(lines, areas, [place for place in range(len(lines)) if place not in inside])
    body, columns = body_height(loose), Columns(loose)
    running = sum(one.paragraph == other.paragraph and columns.run_on(one, other) for one, other in pairwise(loose))
    has_text = running >= _LEAST_RUNNING_ROWS
    whole = sorted([*loose, *text_rows(lines, areas, sorted(inside))], key=lambda row: row.places)
    margins = margin_texts(whole, lines, page, body, has_text=has_text)
    found = item_places([row for row in loose if row.places[0] not in margins], columns)
    page_blocks = _Page(lines, areas, columns, body, margins, found, has_text=has_text)
    drafts: list[_Draft] = []
    for number, group in groupby(range(len(lines)), key=inside.get):
        places = list(group)
        if number is None:
            drafts += page_blocks.drafts(places)
        elif all(draft.table != number for draft in drafts):
            members = sorted(place for place, table in inside.items() if table == number)
            drafts.append(_Draft(BlockKind.TABLE, text_rows(lines, areas, members), table=number))
    _rank(drafts)
    known = words([line.text for line in lines])
    return tuple(_block(draft, tables, columns, known) for draft in drafts)


def _turned(area: Area) -> Area:
    """An area on the page turned back by a quarter, on which lines that run downwards are level."""
    left, top, right, bottom = area
    return top, -right, bottom, -left


class _Page:
    """Properties of a page for classifying its blocks."""

    def __init__(
        self,
        lines: Sequence[Line],
        areas: Sequence[Area],
        columns: Columns,
        body: float,
        margins: Mapping[int, BlockKind],
        items: Container[int],
        *,
        has_text: bool,
    ) -> None:
        self._lines, self._areas = lines, areas
        self._columns, self._body, self._margins = columns, body, margins
        self._depths = Depths()
        self._items, self._has_text = items, has_text

    def drafts(self, places: Sequence[int]) -> Iterator[_Draft]:
        """The blocks of lines that follow one another and are in no table."""
        for kind, group in groupby(places, key=self._margins.get):
            rows = text_rows(self._lines, self._areas, group)
            if kind is None:
                yield from self._text_drafts(rows)
            else:
                yield _Draft(kind, rows)

    def _text_drafts(self, rows: Sequence[TextRow]) -> Iterator[_Draft]:
        draft = _Draft(BlockKind.PARAGRAPH)
        for row in rows:
            if row.places[0] in self._items:
                yield from self._judged(draft)
                draft = _Draft(BlockKind.LIST_ITEM, [row], self._depths.depth(row))
            elif draft.rows and self._goes_on(draft, row):
                draft.rows.append(row)
            else:
                yield from self._judged(draft)
                draft = _Draft(BlockKind.PARAGRAPH, [row])
        yield from self._judged(draft)

    def _goes_on(self, draft: _Draft, row: TextRow) -> bool:
        """Whether a row continues the block before it."""
        last = draft.rows[-1]
        if draft.kind is BlockKind.LIST_ITEM:
            space = row.area[1] - last.area[3]
            is_hanging = row.area[0] > draft.rows[0].area[0] + _HANGING * row.height
            runs_on = last.paragraph == row.paragraph and self._columns.run_on(last, row)
            return abs(space) < _CLOSE * row.height and (is_hanging or runs_on) and not row.is_spread
        if last.paragraph != row.paragraph:
            return False
        return self._columns.run_on(last, row) or not (self._has_text and ends_sentence(last.text))

    def _judged(self, draft: _Draft) -> Iterator[_Draft]:
        if not draft.rows:
            return
        if draft.kind is BlockKind.PARAGRAPH:
            if len(draft.rows) <= _CAPTION_ROWS and is_caption(draft.rows[0].text):
                draft.kind = BlockKind.CAPTION
            elif self._is_heading(draft.rows):
                draft.kind = BlockKind.HEADING
        yield draft

    def _is_heading(self, rows: Sequence[TextRow]) -> bool:
        text = " ".join(row.text for row in rows)
        letters = sum(character.isalpha() or character.isspace() for character in text)
        if len(rows) > _HEADING_ROWS or len(text) > _HEADING_LETTERS or letters < _HEADING_SHARE * len(text):
            return False
        if (
            any(row.is_spread for row in rows)
            or is_formula(text)
            or text.endswith((",", "，"))
            or (ends_sentence(text) and text[-1] not in "?？!！")
        ):
            return False
        height = min(row.height for row in rows)
        if height > _HEADING_SIZE * self._body:
            return True
        if len(rows) > 1 or height < _SECTION_SIZE * self._body:
            return False
        return names_section(text) or (section_depth(text) > 0 and self._is_short(rows[0]))

    def _is_short(self, row: TextRow) -> bool:
        return row.area[2] - row.area[0] < _SECTION_LENGTH * self._columns.longest


def _rank(drafts: Sequence[_Draft]) -> None:
    """Gives headings their level, by their height, or by the depth of their numbers where that is more."""
    headings = [draft for draft in drafts if draft.kind is BlockKind.HEADING]
    rank, last = 0, 0.0
    for draft in sorted(headings, key=_height, reverse=True):
        if not rank or last > _OTHER_RANK * _height(draft):
            rank, last = rank + 1, _height(draft)
        draft.level = max(rank, section_depth(draft.rows[0].text))


def _height(draft: _Draft) -> float:
    return max(row.height for row in draft.rows)


def _block(draft: _Draft, tables: Sequence[Table], columns: Columns, known: frozenset[str]) -> Block:
    places = tuple(place for row in draft.rows for place in row.places)
    if draft.table is not None:
        return Block(draft.kind, places, aligned_text(tables[draft.table]), table=draft.table)
    if draft.kind is BlockKind.HEADING:
        return Block(draft.kind, places, joined([row.text for row in draft.rows], known), draft.level)
    parts = [[draft.rows[0].text]]
    for above, here in pairwise(draft.rows):
        if columns.run_on(above, here):
            parts[-1].append(here.text)
        else:
            parts.append([here.text])
    return Block(draft.kind, places, "\n".join(joined(part, known) for part in parts), draft.level)
