"""Instructions of whole pages, by the part of the reading and by kind, as the emulator's plugin counted them."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from tests.checks.arm64.counts import Count, between
from tests.checks.arm64.guests.marks import OUTSIDE

NOTHING = Count(total=0, dot=0, integer=0, single=0, half=0, beyond=0)


def together(counts: Sequence[Count]) -> Count:
    """The sum of counts."""
    return Count(**{field.name: sum(getattr(count, field.name) for count in counts) for field in fields(Count)})


def pages(report: str) -> list[str]:
    """The plugin's file cut into those of its pages, each of which ends with the mark OUTSIDE.

    Raises:
        ValueError: a line is not the plugin's, or the last page has no end.
    """
    found: list[list[str]] = [[]]
    for line in report.splitlines():
        found[-1].append(line)
        if _number(line) == OUTSIDE:
            found.append([])
    if found.pop():
        raise ValueError("a page has no end")
    return ["\n".join(page) for page in found]


def by_mark(report: str) -> dict[int, Count]:
    """The instructions after each mark, by its number, until the next mark, without OUTSIDE.

    Args:
        report: the plugin's file, a line for each mark.

    Raises:
        ValueError: a line is not the plugin's, or no page was read between two marks.
    """
    found: dict[int, list[Count]] = {}
    for before, after in itertools.pairwise(report.splitlines()):
        if (number := _number(before)) != OUTSIDE:
            found.setdefault(number, []).append(between(before, after))
    if not found:
        raise ValueError("the plugin saw no page between two marks")
    return {number: together(counts) for number, counts in sorted(found.items())}


def _number(line: str) -> int:
    """The mark at which the plugin wrote a line."""
    name, _, number = line.partition(" ")[0].partition("=")
    if name != "mark":
        raise ValueError(f"no line of the plugin begins as this does: {line[:40]!r}")
    return int(number)


@dataclass(frozen=True)
class PageRow:
    """A page as one reader read it.

    Attributes:
        page: its name.
        reader: likewise.
        lines: that were read, which must not be none.
        parts: instructions by part of the reading; of a reader that does not tell its parts, one of all.
    """

    page: str
    reader: str
    lines: int
    parts: Mapping[str, Count]

    @property
    def whole(self) -> Count:
        """All parts."""
        return together(list(self.parts.values()))


def page_table(rows: Sequence[PageRow]) -> str:
    """Each page by each reader, and the sums, as Markdown; the first reader's is what others' are divided by."""
    ours = {row.page: row.whole.total for row in rows if row.reader == rows[0].reader}
    lines = ["| page | reader | lines | billion instructions | × the first | SDOT, UDOT | other integer | float |"]
    lines.append("| --- | --- |" + " ---: |" * 6)
    for row in rows:
        lines.append(_row(row.page, row.reader, str(row.lines), row.whole, ours[row.page]))
    for reader in dict.fromkeys(row.reader for row in rows):
        own = [row for row in rows if row.reader == reader]
        whole = together([row.whole for row in own])
        lines.append(_row("all", reader, str(sum(row.lines for row in own)), whole, sum(ours[row.page] for row in own)))
    return "\n".join(lines)


def part_table(rows: Sequence[PageRow]) -> str:
    """The parts of one reader's pages together, the largest first, as Markdown."""
    names = dict.fromkeys(name for row in rows for name in row.parts)
    parts = {name: together([row.parts.get(name, NOTHING) for row in rows]) for name in names}
    whole = together(list(parts.values())).total
    lines = ["| part | million instructions a page | share | SDOT, UDOT | other integer | float |"]
    lines.append("| --- |" + " ---: |" * 5)
    for name, count in sorted(parts.items(), key=lambda item: -item[1].total):
        cells = [f"{count.total / 1e6 / len(rows):.1f}", f"{count.total / whole:.1%}", *_kinds(count)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _row(page: str, reader: str, lines: str, count: Count, ours: int) -> str:
    cells = [f"{count.total / 1e9:.2f}", f"{count.total / ours:.2f}", *_kinds(count)]
    return f"| {page} | {reader} | {lines} | {' | '.join(cells)} |"


def _kinds(count: Count) -> list[str]:
    """How much of all instructions multiplies: bytes sixteen at a time, other integers, and floats."""
    kinds = (count.dot, count.integer, count.single + count.half)
    return [f"{kind / max(1, count.total):.1%}" for kind in kinds]
