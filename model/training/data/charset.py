"""Chooses which of the teacher's 18,709 characters the student keeps.

Han: all in GB 2312 or Big5, and all that occur in a word of the two word lists; the others are in neither standard and
in less than one word of three hundred thousand. Other scripts: ASCII, Latin-1 letters, Greek, kana (which occur on
Chinese signs), full-width forms, punctuation, symbols and enclosed numbers. Emoji, dingbats, phonetic and medieval
Latin, box drawing and game symbols are left out.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from edgeocr.characters import is_han

_KEPT_RANGES = (
    (0x0020, 0x007E),  # ASCII
    (0x00A1, 0x00FF),  # Latin-1
    (0x0391, 0x03C9),  # Greek
    (0x2010, 0x203D),  # dashes, quotes, daggers, bullets, per mille
    (0x2070, 0x2089),  # superscripts, subscripts
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x2122),  # ℃, №, ™
    (0x2153, 0x216B),  # fractions, Roman numbers
    (0x2170, 0x2179),  # small Roman numbers
    (0x2190, 0x2193),  # arrows
    (0x2200, 0x226F),  # mathematics
    (0x2460, 0x24FF),  # circled numbers
    (0x25A0, 0x25CF),  # squares, triangles, circles: form fields
    (0x2605, 0x2606),  # stars
    (0x2610, 0x2612),  # ballot boxes, empty and ticked
    (0x2713, 0x2717),  # ticks and crosses
    (0x3000, 0x3017),  # CJK punctuation
    (0x301D, 0x301E),  # quotes
    (0x3041, 0x30FF),  # kana
    (0x3200, 0x33DD),  # enclosed numbers and units
    (0xFE30, 0xFE4F),  # vertical forms
    (0xFF01, 0xFFE5),  # full-width forms
)


def gb2312() -> set[str]:
    """Han characters of GB/T 2312-1980, 6,763 of them."""
    return _decode("gb2312", range(0xB0, 0xF8), range(0xA1, 0xFF))


def big5() -> set[str]:
    """Han characters of Big5, both levels, 13,053 of them."""
    return _decode("big5", range(0xA4, 0xFA), [*range(0x40, 0x7F), *range(0xA1, 0xFF)])


def _decode(encoding: str, leads: Iterable[int], trails: Iterable[int]) -> set[str]:
    trails = list(trails)
    decoded = (bytes((a, b)).decode(encoding, "ignore") for a in leads for b in trails)
    return {character for character in decoded if len(character) == 1 and is_han(character)}


def is_kept_sign(character: str) -> bool:
    """Whether a character other than Han is kept."""
    code = ord(character)
    return any(first <= code <= last for first, last in _KEPT_RANGES)


def choose(teacher: Iterable[str], words: Mapping[str, float]) -> list[str]:
    """Choose the student's characters, in the teacher's order; the space, if any, stays last.

    Args:
        teacher: the teacher's characters.
        words: words of the language with their counts; those counted at most once are ignored.
    """
    seen = {character for word, count in words.items() if count > 1 for character in word}
    han = gb2312() | big5() | seen
    return [c for c in teacher if (c in han if is_han(c) else is_kept_sign(c))]


@dataclass(frozen=True)
class Coverage:
    """Share of running Han characters that a charset can spell (0–1), and how many kinds it cannot."""

    share: float
    missing: int


def coverage(charset: Iterable[str], counts: Mapping[str, float]) -> Coverage:
    """Measure a charset against counted characters, Han only."""
    known = set(charset)
    han = {unicodedata.normalize("NFC", c): n for c, n in counts.items() if is_han(c)}
    missing = {c: n for c, n in han.items() if c not in known}
    total = sum(han.values())
    return Coverage(1 - sum(missing.values()) / total if total else 1.0, len(missing))


def write(path: Path, charset: Iterable[str]) -> None:
    """Write one character per line; the blank, class 0, has no line."""
    path.write_text("".join(f"{character}\n" for character in charset), "utf-8", newline="\n")


def read(path: Path) -> list[str]:
    """Read a charset file; the line of a space holds a space."""
    return path.read_text("utf-8").removesuffix("\n").split("\n")
