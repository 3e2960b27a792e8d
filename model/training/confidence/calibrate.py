"""From weights to their calibration: rendered lines that no training saw are read, and a logistic function is fitted
to which of them were read right.

Faces are those kept out of training. Characters drawn at random, as nobody writes them, are left out.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.networks.manifest import Calibration, load_manifest
from edgeocr.model.recognition.certainty import evidence, likelihood
from edgeocr.model.recognition.recogniser import Recogniser, RecogniserNetworks
from edgeocr.model.results import ReadText
from edgeocr.model.training.confidence.manifest_values import put
from edgeocr.model.training.data.lines import Line, LineMaker
from edgeocr.model.training.distillation.recipe import Recipe, line_maker
from edgeocr.model.training.evaluation.certainty import Claim, calibration_error
from edgeocr.model.training.evaluation.scoring import score

LINES = 4000
_SEED = 77
_LEFT_OUT = frozenset({"rare", "signs"})
_DIGITS = 4
_STEPS = 50

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """What was read of a line, and whether that was right."""

    read: ReadText
    is_right: bool


def lines(maker: LineMaker, count: int) -> list[Line]:
    """Render lines, as many of one kind as of any other."""
    kinds = [kind for kind in maker.kinds if kind.name not in _LEFT_OUT]
    return [
        maker.line_of(np.random.default_rng((_SEED, number)), kinds[number % len(kinds)]) for number in range(count)
    ]


def outcomes(folder: Path, rendered: Sequence[Line]) -> list[Outcome]:
    """Let a folder's weights read lines, as the server does."""
    spec = load_manifest(folder).recogniser
    recogniser = Recogniser(RecogniserNetworks(spec), spec)
    found = []
    for line in rendered:
        (read,) = recogniser.read([line.image])
        found.append(Outcome(read, score([(line.text, read.text)]).exact == 1))
    return found


def fit(found: Sequence[Outcome]) -> Calibration:
    """The calibration that makes these outcomes likeliest, by Newton's method; lines without text tell nothing."""
    told = [outcome for outcome in found if outcome.read.characters]
    evidences = np.array([[evidence(outcome.read), 1.0] for outcome in told])
    right = np.array([outcome.is_right for outcome in told], np.float64)
    weights = np.zeros(2)
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-evidences @ weights))
        slope = evidences.T @ (likely - right)
        bend = (evidences * (likely * (1 - likely))[:, np.newaxis]).T @ evidences
        weights -= np.linalg.solve(bend, slope)
    return Calibration(*(round(float(weight), _DIGITS) for weight in weights))


def calibrate(folder: Path, recipe: Recipe, count: int = LINES, *, is_apart: bool = True) -> str:
    """Calibrate a folder's weights; tells calibration errors of every other line, by a fit to the rest.

    Args:
        folder: of the weights.
        recipe: of the lines.
        count: of the lines.
        is_apart: whether they are set in the faces kept out of training.
    """
    maker, _ = line_maker(recipe, held_out=is_apart, seed=_SEED)
    found = outcomes(folder, lines(maker, count))
    put(folder, "calibration", asdict(fit(found)))
    trial = fit(found[::2])
    raw, fitted = (
        calibration_error([Claim(likelihood(one.read, by), one.is_right) for one in found[1::2]])
        for by in (Calibration(), trial)
    )
    return f"calibrated on {count} lines; error on lines kept apart {100 * raw:.1f} before, {100 * fitted:.1f} after, %"


def main() -> None:
    """Calibrate the weights of a folder, in its manifest."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="the training's folder")
    parser.add_argument("--weights", type=Path, required=True, help="folder of weights and their manifest")
    parser.add_argument("--lines", type=int, default=LINES, help="lines to render (%(default)s)")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    print(calibrate(arguments.weights, Recipe(arguments.cache), arguments.lines))


if __name__ == "__main__":
    main()
