"""Calibrates the confidence of each recogniser, and chooses the threshold from which the fast one's readings are kept.

Rendered lines are read, and a logistic function is fitted to whether each was read correctly. Their faces are those
held out of training; lines of random characters, which do not occur in practice, are left out.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.networks.manifest import Calibration, RecogniserSpec, load_manifest
from edgeocr.model.recognition.certainty import evidence, likelihood
from edgeocr.model.recognition.recogniser import Recogniser, RecogniserNetworks
from edgeocr.model.results import ReadText
from edgeocr.model.training.confidence import command
from edgeocr.model.training.confidence.manifest_values import put
from edgeocr.model.training.data.lines import Line, LineMaker
from edgeocr.model.training.distillation.recipe import Recipe, line_maker
from edgeocr.model.training.evaluation.certainty import Claim, calibration_error
from edgeocr.model.training.evaluation.scoring import score

LINES = 4000
_SEED = 77
_LEFT_OUT = frozenset({"rare", "signs"})
_DIGITS = 4
_MOST_LOST = 0.003
_LEAST_KEPT = 0.9
"""Minimum of that threshold, whatever rendered lines give: real lines are harder."""
_STEPS = 50

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """What was read of a line, and whether it is correct."""

    read: ReadText
    is_right: bool


def lines(maker: LineMaker, count: int) -> list[Line]:
    """Render lines, equally many of each kind."""
    kinds = [kind for kind in maker.kinds if kind.name not in _LEFT_OUT]
    return [
        maker.line_of(np.random.default_rng((_SEED, number)), kinds[number % len(kinds)]) for number in range(count)
    ]


def outcomes(spec: RecogniserSpec, rendered: Sequence[Line]) -> list[Outcome]:
    """Read lines with a recogniser, as the server does."""
    recogniser = Recogniser(RecogniserNetworks(spec), spec)
    found = []
    for line in rendered:
        (read,) = recogniser.read([line.image])
        found.append(Outcome(read, score([(line.text, read.text)]).exact == 1))
    return found


def fit(found: Sequence[Outcome], *, by_length: bool = False) -> Calibration:
    """The calibration of maximum likelihood, by Newton's method; lines without text are ignored.

    Args:
        found: outcomes of reading.
        by_length: whether the number of characters is a second feature.
    """
    reads = [outcome.read for outcome in found if outcome.read.characters]
    lengths = [[math.log(len(read.characters))] * by_length for read in reads]
    evidences = np.array(
        [[evidence(read.probability), 1.0, *length] for read, length in zip(reads, lengths, strict=True)]
    )
    right = np.array([outcome.is_right for outcome in found if outcome.read.characters], np.float64)
    weights = np.zeros(evidences.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-evidences @ weights))
        slope = evidences.T @ (likely - right)
        bend = (evidences * (likely * (1 - likely))[:, np.newaxis]).T @ evidences
        weights -= np.linalg.solve(bend, slope)
    return Calibration(*(round(float(weight), _DIGITS) for weight in weights))


def least_kept(fast: Sequence[Outcome], by: Calibration, accurate: Sequence[Outcome]) -> float:
    """The lowest confidence, 0–1, from which the fast recogniser's readings are kept: the lines kept are wrong in at
    most three of a thousand cases more than as the accurate recogniser reads them.

    Args:
        fast: its outcomes.
        by: its calibration.
        accurate: the accurate recogniser's outcomes for the same lines.
    """
    claims = np.array([likelihood(one.read, by) for one in fast])
    ranked = np.argsort(-claims, kind="stable")
    lost = np.cumsum([accurate[place].is_right - fast[place].is_right for place in ranked])
    kept = np.flatnonzero(lost <= _MOST_LOST * np.arange(1, len(ranked) + 1))
    return math.floor(claims[ranked[kept[-1]]] * 10**_DIGITS) / 10**_DIGITS if kept.size else 1.0


def calibrate(folder: Path, recipe: Recipe, count: int = LINES, *, is_apart: bool = True) -> str:
    """Calibrate a folder's weights; returns a report of the calibration error on half of the lines, fitted to the rest.

    Args:
        folder: weights and their manifest.
        recipe: of the lines.
        count: how many lines.
        is_apart: whether they are set in the faces held out of training.
    """
    maker, _ = line_maker(recipe, held_out=is_apart, seed=_SEED)
    manifest = load_manifest(folder)
    rendered = lines(maker, count)
    accurate = outcomes(manifest.recogniser, rendered)
    put(folder, "calibration", asdict(fit(accurate)))
    report = [_errors("recogniser", accurate)]
    if manifest.fast_recogniser is not None:
        fast = outcomes(manifest.fast_recogniser, rendered)
        # Long lines cost most to read again, and the product of probabilities underrates them.
        by = fit(fast, by_length=True)
        keep_above = max(_LEAST_KEPT, least_kept(fast, by, accurate))
        put(folder, "calibration", asdict(by), "fast_recogniser")
        put(folder, "keep_above", keep_above, "fast_recogniser")
        kept = sum(likelihood(one.read, by) >= keep_above for one in fast) / count
        report.append(
            f"{_errors('fast recogniser', fast, by_length=True)}; {100 * kept:.0f} % kept, from {keep_above:g} on"
        )
    return "\n".join(report)


def _errors(name: str, found: Sequence[Outcome], *, by_length: bool = False) -> str:
    raw, fitted = (
        calibration_error([Claim(likelihood(one.read, by), one.is_right) for one in found[1::2]])
        for by in (Calibration(), fit(found[::2], by_length=by_length))
    )
    return (
        f"{name} calibrated on {len(found)} lines; "
        f"error on held-out lines {100 * raw:.1f} before, {100 * fitted:.1f} after, %"
    )


def main() -> None:
    """Calibrate the weights of a folder, in its manifest."""
    command.run(main.__doc__, "lines", LINES, calibrate)


if __name__ == "__main__":
    main()
