"""Quality of confidences: calibration error, and risk over coverage when lines of low confidence are left out.

Expected calibration error is Naeini, Cooper, Hauskrecht 2015; risk and coverage are El-Yaniv, Wiener 2010.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_BINS = 15
_DRAWS = 100


@dataclass(frozen=True)
class Claim:
    """A line's confidence, 0–1, and whether it was read correctly."""

    probability: float
    is_right: bool


def calibration_error(claims: Sequence[Claim]) -> float:
    """Expected calibration error, 0–1, over fifteen bins of equal width, weighted by lines; 0 without any."""
    bins: dict[int, list[Claim]] = {}
    for claim in claims:
        bins.setdefault(min(int(claim.probability * _BINS), _BINS - 1), []).append(claim)
    gaps = (abs(sum(claim.probability - claim.is_right for claim in members)) for members in bins.values())
    return sum(gaps) / len(claims) if claims else 0.0


def chance_error(claims: Sequence[Claim]) -> float:
    """The calibration error, 0–1, that perfectly calibrated confidences would have by chance with so few lines.

    The mean of a hundred draws of a fixed seed.
    """
    rng = np.random.default_rng(0)
    draws = rng.random((_DRAWS, len(claims))) < np.array([claim.probability for claim in claims])
    errors = [
        calibration_error([Claim(claim.probability, bool(right)) for claim, right in zip(claims, draw, strict=True)])
        for draw in draws
    ]
    return float(np.mean(errors))


def risks(claims: Sequence[Claim]) -> list[float]:
    """Share of wrong lines, 0–1, among the one, two, … most confident."""
    ranked = sorted(claims, key=lambda claim: -claim.probability)
    wrong = np.cumsum([not claim.is_right for claim in ranked])
    return [float(risk) for risk in wrong / np.arange(1, len(ranked) + 1)]


def risk_at(claims: Sequence[Claim], coverage: float) -> float:
    """Share of wrong lines, 0–1, among the most confident share `coverage` (0–1) of all; 0 without any."""
    found = risks(claims)
    return found[max(1, round(coverage * len(found))) - 1] if found else 0.0


def mean_risk(claims: Sequence[Claim]) -> float:
    """The area under the risk–coverage curve, 0–1; 0 without any."""
    return float(np.mean(risks(claims))) if claims else 0.0
