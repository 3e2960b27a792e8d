"""How likely a line is right as a whole: what its characters' probabilities make together, calibrated.

Calibration is logistic (Platt 1999), on the logit of the product.
"""

import math

from edgeocr.characters import is_han
from edgeocr.model.networks.manifest import Calibration
from edgeocr.model.results import ReadText

_LEAST, _MOST = 1e-6, 1 - 1e-4
"""Products beyond are taken for these: their logits tell nothing more."""


def evidence(read: ReadText) -> tuple[float, float, float]:
    """What tells how likely a text is right: the logit of the product of its characters' probabilities, the logarithm
    of how many there are, and how many are Han beyond GB 2312; of a text with at least one character."""
    product = min(max(read.probability, _LEAST), _MOST)
    rare = sum(is_han(character.text) and not _is_common(character.text) for character in read.characters)
    return math.log(product / (1 - product)), math.log(len(read.characters)), rare


def likelihood(read: ReadText, calibration: Calibration) -> float:
    """How likely all of a text is right, 0–1; 0 of nothing."""
    if not read.characters:
        return 0.0
    product, length, rare = evidence(read)
    logit = calibration.constant + calibration.product * product
    logit += calibration.length * length + calibration.rare * rare
    return 1 / (1 + math.exp(-logit))


def _is_common(character: str) -> bool:
    return bool(character.encode("gb2312", "ignore"))
