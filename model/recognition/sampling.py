"""Whether reading a page's lines with the fast recogniser first is worth it.

Where it is unsure of nearly all of them, as of handwriting, lines cost what both recognisers take. So it reads a few
first, which lie evenly among the others; most pages' lines are alike. What it is sure of need not be read again.
"""

from collections.abc import Collection, Mapping

_SAMPLED = 4
_FEWEST = 3 * _SAMPLED
"""Of fewer lines too many would be read to learn what the others cost."""
_MOST_AGAIN = 0.8
"""Of what the sampled lines measure: where more is read again, as much as the fast recogniser takes is lost."""


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


def is_hard(easy: Mapping[int, bool], widths: Mapping[int, int]) -> bool:
    """Whether nearly all of a page would be read again.

    Args:
        easy: whether the fast recogniser was sure of each sampled line.
        widths: of these lines, in columns of the network's input.
    """
    again = sum(widths[line] for line, is_easy in easy.items() if not is_easy)
    return again > _MOST_AGAIN * sum(widths[line] for line in easy)
