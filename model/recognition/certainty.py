"""How likely a line is right as a whole: what its characters' probabilities make together, calibrated.

Calibration is logistic (Platt 1999), on the logit of the product and, where that is measured, on how many characters
there are: each is called a little less likely than it is, so that the product of many says too little.
"""

import math

from edgeocr.model.networks.manifest import Calibration
from edgeocr.model.results import ReadText

_LEAST, _MOST = 1e-6, 1 - 1e-4
"""Products beyond are taken for these: their logits tell nothing more."""


def evidence(probability: float) -> float:
    """What tells how likely a text is right: the logit of the product of its characters' probabilities."""
    product = min(max(probability, _LEAST), _MOST)
    return math.log(product / (1 - product))


def likelihood(read: ReadText, calibration: Calibration) -> float:
    """How likely all of a text is right, 0–1; 0 of nothing."""
    return calibrated(read.probability, len(read.characters), calibration)


def calibrated(probability: float, characters: int, calibration: Calibration) -> float:
    """The likelihood of a text with so many characters whose probabilities multiply to that, 0–1."""
    if not characters:
        return 0.0
    logit = calibration.slope * evidence(probability) + calibration.length * math.log(characters)
    return 1 / (1 + math.exp(-logit - calibration.shift))
