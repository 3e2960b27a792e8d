"""Scores a read line against its truth: equality after folding, and character error rate.

What scoring ignores is declared as data: one folding of punctuation for all sets, and a rule for each set's labels.
Pure Python without other packages, so that every tool can use it.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from edgeocr.characters import is_han

_FOLDS = {
    "。": ".",
    "、": ",",
    "《": "<",
    "》": ">",
    "〈": "<",
    "〉": ">",
    "【": "[",
    "】": "]",
    "〔": "(",
    "〕": ")",
    "…": ".",
    "·": ".",
    "•": ".",
    "・": ".",
    "‧": ".",
    **dict.fromkeys("“”„‟「」『』〝〞＂", '"'),
    **dict.fromkeys("‘’‚‛＇", "'"),
    **dict.fromkeys("‐‑‒–—―−─", "-"),
}
_FOLDING = str.maketrans(_FOLDS)

Keep = Callable[[str], bool]


def _is_letter_or_digit(character: str) -> bool:
    return character.isalnum() and not is_han(character)


def _is_letter_digit_or_han(character: str) -> bool:
    return character.isalnum() or is_han(character)


@dataclass(frozen=True)
class Rule:
    """What a set's labels do not express, and scoring therefore ignores.

    Attributes:
        upper: compare in upper case.
        keep: which characters count; None counts all.
        confusable: pairs (from, to) of characters that the set does not distinguish.
    """

    upper: bool = False
    keep: Keep | None = None
    confusable: tuple[tuple[str, str], ...] = ()


PLAIN = Rule()
RULES: dict[str, Rule] = {
    "zh_print": PLAIN,
    "zh_trad_print": PLAIN,
    "en_print": PLAIN,
    "en_receipt": Rule(upper=True),
    "en_scene": Rule(upper=True, keep=_is_letter_or_digit),
    "en_street": Rule(upper=True, keep=_is_letter_digit_or_han),
    "zh_hand": Rule(keep=_is_letter_digit_or_han),
    "zh_plate": Rule(keep=_is_letter_digit_or_han, confusable=(("O", "0"), ("I", "1"))),
}


def normalise(text: str, set_name: str = "") -> str:
    """Fold a text for comparison.

    Args:
        text: truth or guess.
        set_name: the set it belongs to; sets without a rule are compared after folding only.
    """
    rule = RULES.get(set_name, PLAIN)
    folded = "".join(unicodedata.normalize("NFKC", text).split()).translate(_FOLDING)
    if rule.upper:
        folded = folded.upper()
    if rule.keep is not None:
        folded = "".join(filter(rule.keep, folded))
    for source, target in rule.confusable:
        folded = folded.replace(source, target)
    return folded


def counts(text: str, set_name: str = "") -> bool:
    """Whether a character counts in a set's score."""
    keep = RULES.get(set_name, PLAIN).keep
    return keep is None or keep(text)


def edit_distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Count the insertions, deletions and substitutions between two sequences (Levenshtein 1966)."""
    if len(first) < len(second):
        first, second = second, first
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(second, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


@dataclass(frozen=True)
class Score:
    """Counts over a set of lines.

    Attributes:
        lines: lines scored.
        exact: lines equal after folding.
        edits: summed edit distance, in characters.
        characters: summed length of the folded truths, in characters.
    """

    lines: int
    exact: int
    edits: int
    characters: int

    @property
    def accuracy(self) -> float:
        """Share of lines read exactly, 0–1."""
        return self.exact / self.lines if self.lines else 0.0

    @property
    def cer(self) -> float:
        """Character error rate: edits over truth length; above 1 if much text is inserted."""
        return self.edits / self.characters if self.characters else 0.0


def score(pairs: Iterable[tuple[str, str]], set_name: str = "") -> Score:
    """Score (truth, guess) pairs of one set."""
    lines = exact = edits = characters = 0
    for truth, guess in pairs:
        wanted, got = normalise(truth, set_name), normalise(guess, set_name)
        lines += 1
        exact += wanted == got
        edits += edit_distance(wanted, got)
        characters += len(wanted)
    return Score(lines, exact, edits, characters)
