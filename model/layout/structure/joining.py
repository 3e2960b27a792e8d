"""Joins rows of running text: with a space, with none between Han characters, and without hyphenation."""

import re
from collections.abc import Collection, Sequence

from edgeocr.characters import is_wide

_DIVIDED = re.compile(r"(?P<head>[^\W\d_]+(?:['’][^\W\d_]+)?)(?P<hyphen>[-‐\u00ad])$")
"""A word at a row's end that goes on in the next one."""
_COMPOUND = re.compile(r"[^\W_][-‐\u00ad]$")
_BEGINNING = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_PREFIXES = frozenset(
    [
        "all",
        "anti",
        "cross",
        "ex",
        "half",
        "high",
        "long",
        "low",
        "mid",
        "multi",
        "non",
        "post",
        "pre",
        "pro",
        "quasi",
        "self",
        "semi",
        "short",
        "single",
        "so",
        "well",
    ]
)
"""Words that keep the hyphen behind them more often than they are divided there."""


def words(texts: Sequence[str]) -> frozenset[str]:
    """The words of a page in lower case, by which divided ones are judged."""
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))


def joined(rows: Sequence[str], known: Collection[str] = ()) -> str:
    """Joins consecutive rows to one text; `known` are words of the page, see `words`."""
    text = ""
    for row in rows:
        text = _joined(text, row.strip(), known) if text else row.strip()
    return text


def _joined(before: str, after: str, known: Collection[str]) -> str:
    if not after:
        return before
    if (divided := _DIVIDED.search(before)) and (beginning := _BEGINNING.match(after)):
        if _is_one_word(before, divided, beginning[0], known):
            return before[: divided.start("hyphen")] + after
        return before + after
    if _COMPOUND.search(before) and after[0].isalnum():
        return before + after
    return before + _space(before[-1], after[0]) + after


def _is_one_word(before: str, divided: re.Match[str], rest: str, known: Collection[str]) -> bool:
    """Whether a hyphen at a row's end only divides a word."""
    head = divided["head"]
    if (head + rest).lower() in known:
        return True
    if f"{head}-{rest}".lower() in known or not rest[0].islower():
        return divided["hyphen"] == "\u00ad"
    is_compound = before[: divided.start()].endswith(("-", "‐"))
    return not is_compound and head.lower() not in _PREFIXES


def _space(last: str, first: str) -> str:
    """The separator of two rows, according to the adjoining characters."""
    if is_wide(last) or is_wide(first):
        # Hangul has spaces between words.
        return " " if _is_hangul(last) and _is_hangul(first) else ""
    return "" if last in "—/" or first in "—/" else " "


def _is_hangul(character: str) -> bool:
    return "\uac00" <= character <= "\ud7a3"
