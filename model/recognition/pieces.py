"""Pieces of lines: where only some characters of a line are doubtful, the rest of it need not be read again.

A line is cut at spaces and between Han characters, where its image is clear from top to bottom. Marks that no character
was read of, and gaps where a space may be missing, make a piece doubtful whatever its characters say.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edgeocr.characters import is_han, is_wide
from edgeocr.model.marks import CONTRAST, runs
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Character, LineReader, ReadText

_MOST_CONTRAST = 24
"""Of the pixels of a clear column, 0–255."""
_LEAST_MARK = 0.03
"""The width of a mark, in heights of the line's image, at least; narrower ones are specks."""
_NEAR, _NEAR_WIDE = 0.25, 0.6
"""How far from a character's middle its strokes may begin or end, likewise; those of a wide one stand apart."""
_LEAST_GAP = 0.15
"""Between letters or digits that a space may separate, likewise, at least."""
_WIDER = 0.25
"""By how much that gap and the way between their middles together exceed what is usual in the line, likewise, at least:
letters may be spaced, and narrow ones of a typewriter's stand in wide gaps."""
_LIKE_SPACE = 0.9
"""Beside a wide character, as a share of the line's spaces between letters, at least."""
_SPACE = " "


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line: a range of its characters, and the columns of pixels in which they are.

    Attributes:
        first: its first character.
        end: the character behind its last.
        left: its first column.
        right: the column behind its last.
    """

    first: int
    end: int
    left: int
    right: int

    def of(self, read: ReadText) -> ReadText:
        """What was read of it in its line; characters have their extents in that."""
        characters = read.characters[self.first : self.end]
        return replace(read, text="".join(one.text for one in characters), characters=characters)

    def to(self, other: "Piece") -> "Piece":
        """From its start to the end of one further right."""
        return Piece(self.first, other.end, self.left, other.right)


def whole(read: ReadText, line: Pixels) -> Piece:
    """All of a line."""
    return Piece(0, len(read.characters), 0, line.shape[1])


def doubtful(
    read: ReadText, line: Pixels, is_sure: Callable[[float, int], bool], columns: Callable[[Piece], int]
) -> list[Piece]:
    """What of a line is to be read again: the least likely pieces, without which the rest of it is sure.

    Args:
        read: what was read.
        line: its image, H×W×3 BGR.
        is_sure: takes the product of characters' probabilities and their number.
        columns: the input columns that a piece takes.

    Returns:
        Pieces from left to right: none of a line that is sure, and the whole line where pieces take no less.
    """
    pieces, open_places = _cut(read.characters, line)
    # A doubtful space is hardly ever a wrong one.
    sure = [1.0 if one.text == _SPACE else one.confidence for one in read.characters]
    likely = [math.prod(sure[piece.first : piece.end]) for piece in pieces]
    kept = sorted(set(range(len(pieces))) - open_places, key=likely.__getitem__, reverse=True)
    while kept and not is_sure(
        math.prod(likely[place] for place in kept), sum(pieces[place].end - pieces[place].first for place in kept)
    ):
        kept.pop()
    everything = whole(read, line)
    if not kept:
        return [everything]
    found: list[Piece] = []
    for place in sorted(_with_neighbours(pieces, set(range(len(pieces))).difference(kept))):
        piece = pieces[place]
        if found and columns(joined := found[-1].to(piece)) <= columns(found[-1]) + columns(piece):
            found[-1] = joined
        else:
            found.append(piece)
    return found if sum(map(columns, found)) < columns(everything) else [everything]


def replaced(read: ReadText, again: Sequence[tuple[Piece, ReadText]], width: int) -> ReadText:
    """What was read of a line, with pieces as the accurate recogniser reads them.

    Args:
        read: of the whole line.
        again: pieces of it, and what was read of each.
        width: of the line's image, in pixels.
    """
    characters, end, kept_from = list[Character](), 0, 0.0
    for piece, part in sorted(again, key=lambda one: one[0].first):
        left, right = piece.left / width, piece.right / width
        characters += _placed(read.characters[end : piece.first], 0.0, 1.0, kept_from, left)
        characters += _placed(part.characters, left, right - left, left, right)
        end, kept_from = piece.end, right
    characters += _placed(read.characters[end:], 0.0, 1.0, kept_from, 1.0)
    confidence = sum(one.confidence for one in characters) / len(characters) if characters else 0.0
    return ReadText("".join(one.text for one in characters), confidence, tuple(characters), LineReader.ACCURATE)


def _placed(characters: Iterable[Character], start: float, share: float, least: float, most: float) -> list[Character]:
    """Characters with their extents in the part of a line that starts there and is such a share, within two borders."""
    return [
        replace(
            one,
            start=min(max(start + share * one.start, least), most),
            end=min(max(start + share * one.end, least), most),
        )
        for one in characters
    ]


def _with_neighbours(pieces: Sequence[Piece], places: set[int]) -> set[int]:
    """These places and those beside them, but for a space between: a word needs no other, a character of Han does."""
    touching = {(left, left + 1) for left, (one, other) in enumerate(pairwise(pieces)) if one.end == other.first}
    before = {left for left, right in touching if right in places}
    return places | before | {right for left, right in touching if left in places}


def _cut(characters: Sequence[Character], line: Pixels) -> tuple[list[Piece], set[int]]:
    """All pieces of a line, and the places of those in which a mark was not read, or a space may be missing."""
    height, width = line.shape[:2]
    inked = [place for place, one in enumerate(characters) if one.text != _SPACE]
    if not inked:
        return [], set()
    texts = [characters[place].text for place in inked]
    middles = np.array([(characters[place].start + characters[place].end) / 2 * width for place in inked])
    contrasts = line[:, :, 1].max(0) - line[:, :, 1].min(0)
    clear = runs(contrasts <= _MOST_CONTRAST)
    gaps = _gaps(clear, middles)
    wide = np.array([is_wide(text) for text in texts])
    near = np.where(wide, _NEAR_WIDE, _NEAR) * height
    unread = _unread(contrasts, clear, middles, near, _LEAST_MARK * height)
    missing = _missing_spaces(gaps, middles, wide, np.diff(inked) > 1, height)
    pieces, open_places = list[Piece](), {0} & unread
    first, left = inked[0], 0
    for number, (before, behind) in enumerate(pairwise(inked), 1):
        begin, end = gaps.get(number, (0, 0))
        one, other = texts[number - 1 : number + 1]
        has_space = behind - before > 1
        if number in unread:
            open_places.add(len(pieces))
        elif (cut := (begin + end) // 2) > left and (has_space or (is_han(one) and is_han(other))):
            pieces.append(Piece(first, before + 1, left, cut))
            first, left = behind, cut
        elif number in missing:
            open_places.add(len(pieces))
    if len(inked) in unread:
        open_places.add(len(pieces))
    return [*pieces, Piece(first, inked[-1] + 1, left, width)], open_places


def _gaps(clear: Sequence[tuple[int, int]], middles: NDArray[np.float64]) -> dict[int, tuple[int, int]]:
    """The widest of these runs of columns before each character, by its number, where there is one."""
    # Wider ones, which come later, take the place of narrower ones.
    ordered = sorted(clear, key=lambda run: run[1] - run[0])
    numbers = np.searchsorted(middles, [(begin + end) / 2 for begin, end in ordered]).tolist()
    return dict(zip(numbers, ordered, strict=True))


def _missing_spaces(
    gaps: Mapping[int, tuple[int, int]],
    middles: NDArray[np.float64],
    wide: NDArray[np.bool_],
    spaced: NDArray[np.bool_],
    height: int,
) -> set[int]:
    """The numbers of the characters before which a space may be missing.

    Args:
        gaps: before N characters, by their numbers.
        middles: N, in columns.
        wide: N, whether they are wide.
        spaced: N - 1, whether there is a space before each but the first.
        height: of the line's image.
    """
    widths = np.array([end - begin for begin, end in (gaps.get(number, (0, 0)) for number in range(1, len(wide)))])
    ways = np.diff(middles)
    letters, border = ~wide[1:] & ~wide[:-1], wide[1:] != wide[:-1]
    may_be = np.zeros_like(spaced)
    if (others := letters & ~spaced).any():
        over = widths - np.median(widths[others]) + ways - np.median(ways[others])
        may_be |= others & (widths >= _LEAST_GAP * height) & (over >= _WIDER * height)
    # Beside a wide character a gap is usual, but not one like the spaces between the words of a line of letters.
    if (spaces := letters & spaced).any():
        may_be |= border & ~spaced & (widths >= _LIKE_SPACE * np.median(widths[spaces]))
    return set((np.flatnonzero(may_be) + 1).tolist())


def _unread(
    contrasts: NDArray[np.uint8],
    clear: Sequence[tuple[int, int]],
    middles: NDArray[np.float64],
    near: NDArray[np.float64],
    least: float,
) -> set[int]:
    """The numbers of the characters before which there is a mark that none was read of; what touches an end is none.

    Args:
        contrasts: W, of the pixels of each column.
        clear: runs of clear columns; marks are what lies between them.
        middles: of the characters, in columns.
        near: how far from each one its strokes may begin or end, likewise.
        least: width of a mark, likewise.
    """
    if len(clear) < 2:
        return set()
    marks = np.array(clear).ravel()[1:-1].reshape(-1, 2)
    begins, ends = marks[:, :1], marks[:, 1:]
    is_read = ((middles >= begins - near) & (middles <= ends + near)).any(1)
    found = [
        (begin + end) / 2
        for begin, end in marks[~is_read].tolist()
        if end - begin >= least and contrasts[begin:end].max() >= CONTRAST
    ]
    return set(np.searchsorted(middles, found).tolist())
