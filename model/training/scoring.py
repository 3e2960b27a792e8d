"""How a read line is compared with its truth: the rule that every accuracy of this project goes by.

Truth and guess go through NFKC, lose all white space and have their punctuation folded; some test sets fold more.
Accuracy is the share of lines that are equal then; the character error rate (CER) is the summed edit distance over
the summed length of the truths.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_FOLDED = {
    "。": ".", "、": ",", "…": ".", "·": ".", "•": ".",
    "《": "<", "〈": "<", "》": ">", "〉": ">",
    "“": '"', "”": '"', "„": '"', "‟": '"', "「": '"', "」": '"', "『": '"', "』": '"', "﹁": '"', "﹂": '"',
    "‘": "'", "’": "'", "‚": "'", "‛": "'",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "─": "-",
    "【": "[", "】": "]", "〔": "(", "〕": ")",
}  # fmt: skip
# Before NFKC, which would turn one ellipsis into three full stops.
_FOLD = str.maketrans(_FOLDED)


def _plain(text: str) -> str:
    return text


def _letters_and_digits(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isalnum()).upper()


def _plate(text: str) -> str:
    kept = "".join(c for c in text if (c.isascii() and c.isalnum()) or "\u4e00" <= c <= "\u9fff")
    return kept.upper().replace("O", "0").replace("I", "1")


SET_RULES: dict[str, Callable[[str], str]] = {
    "en_receipt": str.upper,
    "en_scene": _letters_and_digits,
    "zh_plate": _plate,
}
"""What some test sets fold besides, by name: labels that are upper-case, lack punctuation, or mix O with 0."""


def normalised(text: str, test_set: str = "") -> str:
    """The text as it is compared, by the rule of a test set."""
    folded = unicodedata.normalize("NFKC", text.translate(_FOLD)).translate(_FOLD)
    return SET_RULES.get(test_set, _plain)("".join(folded.split()))


def edit_distance(first: str, second: str) -> int:
    """Levenshtein distance: fewest insertions, deletions and replacements of a character."""
    row = list(range(len(second) + 1))
    for place, character in enumerate(first, 1):
        diagonal, row[0] = row[0], place
        for column, other in enumerate(second, 1):
            diagonal, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, diagonal + (character != other)),
            )
    return row[-1]


@dataclass(frozen=True, slots=True)
class Score:
    """Of one test set: how many lines, the share read without an error, and the character error rate."""

    lines: int
    accuracy: float
    character_error_rate: float


def score(pairs: Iterable[tuple[str, str]], test_set: str = "") -> Score:
    """Scores (truth, guess) pairs by the rule of a test set; of no pairs, accuracy and CER are 0."""
    lines = equal = distance = length = 0
    for truth, guess in pairs:
        expected, found = normalised(truth, test_set), normalised(guess, test_set)
        lines += 1
        equal += expected == found
        distance += edit_distance(expected, found)
        length += len(expected)
    return Score(lines, equal / max(lines, 1), distance / max(length, 1))
