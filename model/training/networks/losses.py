"""The student's loss: similarity to the teacher where that is right, and CTC of the truth.

Feature distillation is Romero et al. 2015 (arXiv 1412.6550), soft targets are Hinton et al. 2015 (arXiv 1503.02531),
CTC is Graves et al. 2006.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Weights:
    """The weights of the parts of the loss.

    Similarity to the teacher weighs several times as much as the truth: rendered lines differ from real ones, and where
    the teacher is wrong it is not trusted anyway.
    """

    feature: float = 4.0
    teacher: float = 2.0
    truth: float = 0.8


@dataclass(frozen=True)
class Batch:
    """Lines of one width, as tensors.

    Attributes:
        features: N×F×T.
        target: N×T×W, the teacher's head input.
        labels: concatenated class indices of the truths.
        lengths: N, characters in each truth.
    """

    features: Tensor
    target: Tensor
    labels: Tensor
    lengths: Tensor


class Heads(NamedTuple):
    """The student's head and the teacher's."""

    student: nn.Linear
    teacher: nn.Linear


class Vocabulary:
    """Chooses the classes of a batch's softmax: the truths, similar characters, some at random, the blank.

    A full softmax over the charset would cost more than the whole neck.
    """

    def __init__(self, head: nn.Linear, negatives: int, alike: int = 4) -> None:
        rows = functional.normalize(head.weight.data)
        nearest = [(part @ rows.T).topk(alike + 1).indices for part in torch.split(rows, 1024)]
        self._alike = torch.cat(nearest)
        self._negatives = negatives
        self._classes = len(rows)

    def choose(self, labels: Tensor, generator: torch.Generator) -> Tensor:
        """Return the sorted class indices for a batch's labels; class 0, the blank, comes first."""
        random = torch.randint(self._classes, (self._negatives,), generator=generator)
        chosen = torch.cat((torch.zeros(1, dtype=torch.long), self._alike[labels].flatten(), labels, random))
        distinct: Tensor = torch.unique(chosen)
        return distinct


def _ctc(log_probabilities: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
    """Negative log likelihood for each line and character, N."""
    steps = torch.full_like(lengths, log_probabilities.shape[1])
    loss = functional.ctc_loss(
        log_probabilities.transpose(0, 1), labels, steps, lengths, reduction="none", zero_infinity=True
    )
    return loss / lengths.clamp(min=1)


def _log_probabilities(x: Tensor, head: nn.Linear, classes: Tensor) -> Tensor:
    return functional.linear(x, head.weight[classes], head.bias[classes]).log_softmax(-1)


def distillation_loss(
    guess: Tensor, batch: Batch, heads: Heads, classes: Tensor, weights: Weights
) -> dict[str, Tensor]:
    """Compute the parts of the loss and their weighted sum, "total".

    The teacher is trusted line by line, by the square of the probability it gives each true character.

    Args:
        guess: the student's head input, N×T×W.
        batch: the lines.
        heads: of both.
        classes: classes of the softmax, sorted, the blank first.
        weights: of the parts.
    """
    labels = torch.searchsorted(classes, batch.labels)
    log_guess = _log_probabilities(guess, heads.student, classes)
    with torch.no_grad():
        log_teacher = _log_probabilities(batch.target, heads.teacher, classes)
        trust = (-2 * _ctc(log_teacher, labels, batch.lengths)).exp()
    feature = ((guess - batch.target) ** 2).mean((1, 2)) / batch.target.var()
    teacher = (log_teacher.exp() * (log_teacher - log_guess)).sum(-1).mean(-1)
    # An illegible line must not dominate the others.
    truth = _ctc(log_guess, labels, batch.lengths).clamp(max=6)
    parts = {"feature": (trust * feature).mean(), "teacher": (trust * teacher).mean(), "truth": truth.mean()}
    total = weights.feature * parts["feature"] + weights.teacher * parts["teacher"] + weights.truth * parts["truth"]
    return {**parts, "trust": trust.mean(), "total": total}
