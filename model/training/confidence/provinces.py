"""How much oftener or seldomer a character is a licence plate's province than in other texts, as these weights see it.

Rendered plates that no training saw, as many of one province as of any other, are read, and what is added to the score
of each province is fitted to which one it was: the constants of a logistic regression.
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
"""How strongly constants are held to nothing: of those tried the one that told most plates apart that it was not fitted
to."""
_STEPS = 30
_DIGITS = 2

Floats = NDArray[np.float64]


def plates(maker: LineMaker, count: int) -> list[Line]:
    """Render plates."""
    (kind,) = (kind for kind in maker.kinds if kind.look == "plate")
    return [maker.line_of(np.random.default_rng((_SEED, number)), kind) for number in range(count)]


def scored(folder: Path, rendered: Sequence[Line]) -> tuple[tuple[str, ...], Floats, NDArray[np.intp]]:
    """What a folder's weights make of plates.

    Returns:
        The P provinces; N×P, their scores on each plate on which they have any; N, which of them it is.
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
    """What is to be added to each of P scores that these N truths are the likeliest, by Newton's method.

    Args:
        scores: N×P, before softmax.
        truths: N, which of P it is.
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
    """Fit a folder's weights; tells how many provinces of every other plate are right, by a fit to the rest.

    Args:
        folder: of the weights.
        recipe: of the plates.
        count: of the plates.
        is_apart: whether they are set in the faces kept out of training.
    """
    maker, _ = line_maker(recipe, held_out=is_apart, seed=_SEED)
    provinces, scores, truths = scored(folder, plates(maker, count))
    leads = np.round(fit(scores, truths), _DIGITS)
    put(folder, "provinces", dict(zip(provinces, leads.tolist(), strict=True)))
    trial = fit(scores[::2], truths[::2])
    before, after = (
        100 * np.mean((scores[1::2] + added).argmax(1) == truths[1::2]) for added in (np.zeros_like(trial), trial)
    )
    told = f"right on plates kept apart {before:.1f} before, {after:.1f} after, %"
    return f"weighed provinces on {len(truths)} plates; {told}"


def main() -> None:
    """Weigh the provinces of licence plates for the weights of a folder, in its manifest."""
    command.run(main.__doc__, "plates", PLATES, weigh)


if __name__ == "__main__":
    main()
