"""What holds for all images that a reader reads."""

from collections.abc import Collection
from dataclasses import dataclass

from edgeocr.model.options import DEFAULT_READING, LEAST_CONFIDENCE, Reading
from edgeocr.model.recognition.rules.rule import ALL_RULES, DecodingRule


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSettings:
    """Attributes:
    least_confidence: below which a line of a page is no text.
    rules: how texts are spelled.
    reading: with which recognisers lines are read, unless an image is to be read otherwise.
    """

    least_confidence: float = LEAST_CONFIDENCE
    rules: Collection[DecodingRule] = ALL_RULES
    reading: Reading = DEFAULT_READING


DEFAULT_SETTINGS = ReaderSettings()
