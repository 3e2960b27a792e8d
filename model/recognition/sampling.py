"""Whether reading a page's lines with the fast recogniser first is worth it.

Where it is unsure of nearly all of them, as of handwriting, lines cost what both recognisers take. So it reads a few
first, which lie evenly among the others; most pages' lines are alike.
"""

from collections.abc import Collection, Mapping

_SAMPLED = 4
_FEWEST = 3 * _SAMPLED
"""Of fewer lines too many would be read to learn what the others cost."""
_MOST_AGAIN = 0.75
"""Of what the sampled lines measure. Reading adaptively costs more from some three fifths on, which so few lines do not
tell for sure."""


def sampled(lines: int, left_out: Collection[int]) -> list[int]:
    """The places of lines to read first, none if there are too few.

    Args:
        lines: how many there are.
        left_out: the places of those that are not asked.
    """
    others = [line for line in range(lines) if line not in left_out]
    if len(others) < _FEWEST:
        return []
    return [others[(2 * place + 1) * len(others) // (2 * _SAMPLED)] for place in range(_SAMPLED)]


def is_hard(again: Mapping[int, int], widths: Mapping[int, int]) -> bool:
    """Whether so much of a page would be read again that reading it accurately at once takes less.

    Args:
        again: how much of each sampled line would be, in columns of the network's input.
        widths: of these lines, likewise.
    """
    return sum(again.values()) > _MOST_AGAIN * sum(widths.values())
