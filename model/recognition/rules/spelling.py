"""Characters as they belong together: characters that look alike and can only be distinguished by their neighbours.

Each character's look fits two widths, full and half, and a degree sign stands before what has one of its own.
"""

import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from edgeocr.characters import is_han
from edgeocr.model.recognition.rules.circled import with_circled_numbers
from edgeocr.model.recognition.rules.rule import ALL_RULES, DecodingRule
from edgeocr.model.recognition.rules.wide_marks import corrected
from edgeocr.model.results import Character, ReadText

_PAIRS = {
    "（": "）",
    "(": ")",
    "【": "】",
    "[": "]",
    "〔": "〕",
    "《": "》",
    "「": "」",
    "『": "』",
    "{": "}",
    "｛": "｝",
}
_CLOSING = frozenset(_PAIRS.values())
_WIDTHS = {"(": "（", ")": "）", "[": "〔", "]": "〕", "{": "｛", "}": "｝"}
"""Brackets of half width, and those of full width that are taken for them."""
_NARROW = {full: half for half, full in _WIDTHS.items()} | {"【": "[", "】": "]"}
_FULL_OF = {"〔": "〕", "【": "】", "（": "）"}
_SQUARE, _BALLOT_BOX, _TICKED = "□", "☐", frozenset("☑☒")
_DEGREE, _WITH_DEGREE = "°º", "℃℉"

_GAP = 1.3
"""From the centre of a Han character to that of a letter or digit, in widths of Han: typesetters leave a quarter of a
width between them, which is no space, and then this is about one; with a space it is more."""


def spelled(read: ReadText, centres: NDArray[np.float64], rules: Collection[DecodingRule] = ALL_RULES) -> ReadText:
    """The text as its characters belong together: brackets of the width that they have, Latin words of half width, no
    degree sign twice, numbers in one circle, and no space for the narrow gap between Han and a letter or digit.

    Args:
        read: what the recogniser made of a line.
        centres: where each character is, in time steps.
        rules: by which it is spelled.
    """
    # What every rule changes has a character beyond ASCII in it or beside it.
    if read.text.isascii():
        return read
    characters = list(read.characters)
    if DecodingRule.MARKS in rules:
        characters, centres = with_circled_numbers(characters, centres)
        characters = _with_wide_marks(characters, centres)
    for rule, change in _CHANGES.items():
        if rule in rules:
            characters = change(characters)
    texts = [character.text for character in characters]
    for rule, respell in _SPELLINGS.items():
        if rule in rules:
            respell(texts)
    if texts == [character.text for character in read.characters]:
        return read
    found = tuple(replace(character, text=text) for character, text in zip(characters, texts, strict=True))
    return ReadText("".join(texts), sum(one.confidence for one in found) / len(found), found)


def _with_wide_marks(characters: Sequence[Character], centres: NDArray[np.float64]) -> list[Character]:
    read = [character.text for character in characters]
    right = corrected(read, centres)
    if right == read:
        return list(characters)
    found = []
    for character, texts in zip(characters, right, strict=True):
        borders = np.linspace(character.start, character.end, len(texts) + 1).tolist()
        found += [
            character if texts == character.text else replace(character, text=text, start=start, end=end)
            for text, (start, end) in zip(texts, pairwise(borders), strict=True)
        ]
    return found


def _without_second_degrees(characters: list[Character]) -> list[Character]:
    found: list[Character] = []
    for character in characters:
        if character.text in _WITH_DEGREE and found and found[-1].text in _DEGREE:
            character = replace(character, start=found.pop().start)
        found.append(character)
    return found


def _without_narrow_gaps(characters: list[Character]) -> list[Character]:
    """Leaves out spaces between Han and a letter or digit that stand closer than a space would have them."""
    narrow = _narrow_gaps(characters)
    found = []
    for place, character in enumerate(characters):
        if place in narrow:
            continue
        if place - 1 in narrow:
            character = replace(character, start=_middle(characters[place - 1]))
        if place + 1 in narrow:
            character = replace(character, end=_middle(characters[place + 1]))
        found.append(character)
    return found


def _narrow_gaps(characters: Sequence[Character]) -> set[int]:
    """The places of such spaces; none in a line without Han that no space widens."""
    texts = ["", *(character.text for character in characters), ""]
    around = list(zip(texts, texts[1:], texts[2:], strict=False))
    spaces = {
        place
        for place, (before, text, after) in enumerate(around)
        if text == " " and ((is_han(before) and _is_narrow(after)) or (_is_narrow(before) and is_han(after)))
    }
    # Borders lie half-way between centres, so a character is half as wide as the way between its neighbours' centres.
    widths = [
        character.end - character.start
        for character, (before, text, after) in zip(characters, around, strict=True)
        if is_han(text) and " " not in (before, after)
    ]
    if not spaces or not widths:
        return set()
    most = _GAP * median(widths) / 2
    return {place for place in spaces if characters[place].end - characters[place].start < most}


def _is_narrow(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _middle(character: Character) -> float:
    return (character.start + character.end) / 2


def _narrow_words(texts: list[str]) -> None:
    """Gives letters of full width the half width where the line has letters of half width, or they stand alone."""
    wide = [place for place, text in enumerate(texts) if _is_wide_letter(text)]
    if len(wide) <= sum(text.isascii() and text.isalnum() for text in texts) + 1:
        for place in wide:
            texts[place] = unicodedata.normalize("NFKC", texts[place])


def _as_choices(texts: list[str]) -> None:
    """Makes empty squares ballot boxes where others are ticked, or where what is chosen is written in Latin."""
    is_ticked = not _TICKED.isdisjoint(texts)
    for place, text in enumerate(texts):
        if text == _SQUARE and (is_ticked or next((one for one in texts[place + 1 :] if one != " "), " ").isascii()):
            texts[place] = _BALLOT_BOX


def _is_wide_letter(text: str) -> bool:
    narrow = unicodedata.normalize("NFKC", text)
    return unicodedata.east_asian_width(text) == "F" and narrow.isascii() and narrow.isalnum()


def _pair(texts: list[str]) -> None:
    """Gives both brackets of a pair one width: the full one in a line with wide characters."""
    is_wide = any(unicodedata.east_asian_width(text) == "W" for text in texts if text.isalpha())
    opened: list[int] = []
    for place, text in enumerate(texts):
        if text in _PAIRS:
            opened.append(place)
        elif text in _CLOSING and opened:
            start = opened.pop()
            if _PAIRS[texts[start]] == text or _shape(texts[start]) != _shape(text):
                continue
            texts[start], texts[place] = _of_one_width(texts[start], text, is_wide=is_wide)
    _widen_round(texts)


def _widen_round(texts: list[str]) -> None:
    """Gives round brackets behind wide characters, or at the line's start, the full width that others in it have."""
    if "（" not in texts:
        return
    closing = False
    for place, text in enumerate(texts):
        if text == "(" and (not place or not texts[place - 1].isascii()):
            texts[place], closing = "（", True
        elif text == ")" and closing:
            texts[place], closing = "）", False


def _shape(bracket: str) -> str:
    """Round, square or curly, as the half-width opening bracket of that kind."""
    narrow = _NARROW.get(bracket, bracket)
    return {")": "(", "]": "[", "}": "{"}.get(narrow, narrow)


def _of_one_width(first: str, last: str, *, is_wide: bool) -> tuple[str, str]:
    if not is_wide:
        return _shape(first), _NARROW.get(last, last)
    full = first if first in _PAIRS and first not in _WIDTHS else ""
    if full:
        return full, _PAIRS[full]
    opening = next((one for one, other in _FULL_OF.items() if other == last), _WIDTHS[first])
    return opening, last


_CHANGES: dict[DecodingRule, Callable[[list[Character]], list[Character]]] = {
    DecodingRule.DEGREES: _without_second_degrees,
    DecodingRule.GAPS: _without_narrow_gaps,
}
"""Of characters, in this order."""

_SPELLINGS: dict[DecodingRule, Callable[[list[str]], None]] = {
    DecodingRule.WIDTHS: _narrow_words,
    DecodingRule.BRACKETS: _pair,
    DecodingRule.BOXES: _as_choices,
}
"""Of their texts, in place, in this order."""
