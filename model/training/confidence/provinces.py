"""Calibrates the scores of provinces on licence plates: their frequency differs from that in the training texts.

Rendered plates, equally many of each province, are read, and a constant for the score of each province is fitted by
logistic regression.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.networks.manifest import RecogniserSpec, load_manifest
from edgeocr.model.recognition.recogniser import RecogniserNetworks
from edgeocr.model.recognition.rules.plates import PlateGrammar
from edgeocr.model.training.confidence import command
from edgeocr.model.training.confidence.manifest_values import put
from edgeocr.model.training.data.lines import Line, LineMaker
from edgeocr.model.training.distillation.recipe import Recipe, line_maker
from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.tensors import Image

PLATES = 1500
_SEED = 79
_HELD = 3e-3
"""Strength of the L2 regularisation; of those tried, the best on plates that were not fitted to."""
_STEPS = 30
_DIGITS = 2

Floats = NDArray[np.float64]


def plates(maker: LineMaker, count: int) -> list[Line]:
    """Render plates."""
    (kind,) = (kind for kind in maker.kinds if kind.look == "plate")
    return [maker.line_of(np.random.default_rng((_SEED, number)), kind) for number in range(count)]


def scored(folder: Path, rendered: Sequence[Line]) -> tuple[tuple[str, ...], Floats, NDArray[np.intp]]:
    """The scores of provinces on plates, by a folder's weights.

    Returns:
        The P provinces; N×P, their scores on the plates that have such scores; N, the index of the true province.
    """
    spec = load_manifest(folder).recogniser
    networks, grammar = RecogniserNetworks(spec), PlateGrammar(spec.charset)
    found = [(grammar.province_scores(_scores(networks, spec, line.image)), line.text[0]) for line in rendered]
    known = [(scores, grammar.provinces.index(truth)) for scores, truth in found if scores is not None]
    return grammar.provinces, np.array([one for one, _ in known], np.float64), np.array([truth for _, truth in known])


def _scores(networks: RecogniserNetworks, spec: RecogniserSpec, image: Image) -> NDArray[np.float32]:
    pixels = tensors.to_pixels([tensors.resized(image)])
    features = np.empty((1, pixels.shape[2] // spec.time_step_pixels, spec.features), np.uint8)
    networks.features.run(pixels, features)
    scores = np.empty((features.shape[1], len(spec.charset) + 1), np.float32)
    networks.head.run(features[0], scores)
    return scores


def fit(scores: Floats, truths: NDArray[np.intp]) -> Floats:
    """The constants for P scores that give N true provinces the maximum likelihood, by Newton's method.

    Args:
        scores: N×P, before softmax.
        truths: N, indices of true provinces.
    """
    count, provinces = scores.shape
    leads = np.zeros(provinces)
    wanted = np.eye(provinces)[truths]
    for _ in range(_STEPS):
        likely = np.exp(scores + leads - (scores + leads).max(1, keepdims=True))
        likely /= likely.sum(1, keepdims=True)
        slope = (likely - wanted).mean(0) + _HELD * leads
        bend = np.diag(likely.mean(0)) - likely.T @ likely / count + _HELD * np.eye(provinces)
        leads -= np.linalg.solve(bend, slope)
    return leads


def weigh(folder: Path, recipe: Recipe, count: int = PLATES, *, is_apart: bool = True) -> str:
    """Fit the constants for a folder's weights; returns a report of the accuracy on half of the plates, fitted to the
    rest.

    Args:
        folder: weights and their manifest.
        recipe: of the plates.
        count: how many plates.
        is_apart: whether they are set in the faces held out of training.
    """
    maker, _ = line_maker(recipe, held_out=is_apart, seed=_SEED)
    provinces, scores, truths = scored(folder, plates(maker, count))
    leads = np.round(fit(scores, truths), _DIGITS)
    put(folder, "provinces", dict(zip(provinces, leads.tolist(), strict=True)))
    trial = fit(scores[::2], truths[::2])
    before, after = (
        100 * np.mean((scores[1::2] + added).argmax(1) == truths[1::2]) for added in (np.zeros_like(trial), trial)
    )
    report = f"right on held-out plates {before:.1f} before, {after:.1f} after, %"
    return f"calibrated provinces on {len(truths)} plates; {report}"


def main() -> None:
    """Calibrate the scores of licence plates' provinces for a folder's weights, in its manifest."""
    command.run(main.__doc__, "plates", PLATES, weigh)


if __name__ == "__main__":
    main()
