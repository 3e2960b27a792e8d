"""Images for loads, rendered here."""

import random
from collections.abc import Sequence

from tests.support.rendering import encoded, line, page

TEXTS = (
    "Invoice 2026-00417",
    "本周五下午三点开会",
    "TOTAL 1,284.50 EUR",
    "设备清单和测试报告",
    "Line 7 of 12, ref. B-42",
)
_LETTERS = "abcdefghkmnprstuvwxyzACDEFHKLMNPRTUVWXY2345679"


def lines() -> list[bytes]:
    """PNG files of lines in Chinese and English."""
    return [encoded(line(text)) for text in TEXTS]


def pages(count: int = 3, rows: int = 14) -> list[bytes]:
    """PNG files of pages full of lines."""
    return [
        encoded(page([(f"{TEXTS[(row + number) % len(TEXTS)]} / {row}", (40, 40 * row + 10)) for row in range(rows)]))
        for number in range(count)
    ]


def unique_texts(count: int, seed: int = 1) -> list[str]:
    """Short texts, no two alike."""
    chance = random.Random(seed)
    texts: set[str] = set()
    while len(texts) < count:
        texts.add("".join(chance.choices(_LETTERS, k=8)))
    return sorted(texts)


def unique_page(texts: Sequence[str]) -> bytes:
    """A PNG file of a small page with these lines."""
    rows = [(text, (20, 15 + 50 * row)) for row, text in enumerate(texts)]
    return encoded(page(rows, width=320, height=30 + 50 * len(texts)))
