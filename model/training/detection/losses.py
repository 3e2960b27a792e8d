"""How far a narrow neck is from the published one, at the head's input and at the map."""

import math
from dataclasses import dataclass
from typing import TypeAlias

from torch import Tensor
from torch.nn import functional

from edgeocr.model.training.detection.crops import Crops
from edgeocr.model.training.detection.forward import Weights, run
from edgeocr.model.training.detection.neck import Neck

_MAP_WEIGHT = 10
_TEXT_LOGIT = math.log(0.3 / 0.7)
"""Beyond it a pixel counts as text, as in the post-processing."""

Numbers: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True)
class Losses:
    """How far a neck is from the published one.

    Attributes:
        head: mean squared distance of the head's input, as a share of each channel's variance.
        map: the map's divergence from the published one's, in nats a pixel.
        differing: pixels that only one of them calls text, as a share of the published one's text.
    """

    head: Tensor
    map: Tensor
    differing: Tensor

    @property
    def total(self) -> Tensor:
        """What training makes small."""
        return self.head + _MAP_WEIGHT * self.map

    def numbers(self) -> Numbers:
        """The three in order."""
        return float(self.head.detach()), float(self.map.detach()), float(self.differing)


def losses(neck: Neck, weights: Weights, batch: Crops) -> Losses:
    """Compare a neck of these weights with the published one."""
    found = run(neck.layers, batch.taken, weights=weights, keep=[neck.head, neck.logits])
    head, logits = found[neck.head], found[neck.logits]
    wanted = run(neck.behind_head, {neck.head: batch.head}, keep=[neck.logits])[neck.logits]
    variance = batch.head.var((0, 2, 3), keepdim=True) + 1e-3
    cross_entropy = functional.binary_cross_entropy_with_logits
    is_text = wanted > _TEXT_LOGIT
    return Losses(
        ((head - batch.head) ** 2 / variance).mean(),
        cross_entropy(logits, wanted.sigmoid()) - cross_entropy(wanted, wanted.sigmoid()),
        ((logits > _TEXT_LOGIT) != is_text).sum() / is_text.sum().clamp(1),
    )
