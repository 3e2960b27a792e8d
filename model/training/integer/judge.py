"""Measures how far a changed backbone is from the original, after the teacher's neck and head.

The divergence of class probabilities needs no labels and is far less noisy than accuracy on some hundred lines; line
accuracy is measured as well, since a network that is only less confident also diverges.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from edgeocr.model.training.data.lines import Line
from edgeocr.model.training.evaluation.scoring import score
from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.teacher import Teacher

_BATCH_LINES = 8

See = Callable[[Tensor], Tensor]
"""Lines, N×3×48×W, to features, N×384×(W/8)."""


@dataclass(frozen=True)
class Verdict:
    """Results by kind of line.

    Attributes:
        divergence: mean Kullback–Leibler divergence from the original network's probabilities, nats per time step.
        accuracy: share of lines read exactly, 0–1.
    """

    divergence: Mapping[str, float]
    accuracy: Mapping[str, float]

    @property
    def mean_divergence(self) -> float:
        """The mean over kinds."""
        return float(np.mean(list(self.divergence.values())))

    @property
    def mean_accuracy(self) -> float:
        """The mean over kinds."""
        return float(np.mean(list(self.accuracy.values())))

    def __str__(self) -> str:
        """The means, and every kind."""
        kinds = " ".join(f"{k} {d:.3f}/{100 * self.accuracy[k]:.0f}" for k, d in self.divergence.items())
        return f"divergence {self.mean_divergence:.4f}, accuracy {100 * self.mean_accuracy:.1f}; {kinds}"


class Judge:
    """Compares backbones with the teacher's on fixed lines.

    Args:
        teacher: the original network.
        charset: characters of classes 1, 2, …
        lines: rendered lines of every kind.
    """

    def __init__(self, teacher: Teacher, charset: Sequence[str], lines: Sequence[Line]) -> None:
        self._teacher = teacher
        self._charset = charset
        buckets: dict[int, list[Line]] = defaultdict(list)
        for line in lines:
            buckets[tensors.padded_width(line.image.shape[1])].append(line)
        self._batches = [
            found[start : start + _BATCH_LINES]
            for _, found in sorted(buckets.items())
            for start in range(0, len(found), _BATCH_LINES)
        ]
        self._wanted = [self._read(batch, teacher.backbone)[0] for batch in self._batches]

    @torch.no_grad()
    def _read(self, batch: Sequence[Line], see: See) -> tuple[Tensor, list[str]]:
        """The head's input, and the texts."""
        x = torch.tensor(tensors.to_input([line.image for line in batch]))
        steps = self._teacher.neck(see(x))
        classes = self._teacher.head(steps).argmax(-1).numpy()
        return steps, tensors.decode(classes, self._charset)

    @torch.no_grad()
    def judge(self, see: See) -> Verdict:
        """Compare a backbone with the teacher's."""
        divergences: dict[str, list[float]] = defaultdict(list)
        pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for batch, wanted in zip(self._batches, self._wanted, strict=True):
            steps, texts = self._read(batch, see)
            for line, first, second, text in zip(batch, wanted, steps, texts, strict=True):
                log_wanted = self._teacher.head(first).log_softmax(-1)
                log_found = self._teacher.head(second).log_softmax(-1)
                each = (log_wanted.exp() * (log_wanted - log_found)).sum(-1)
                divergences[line.kind].append(float(each.mean()))
                pairs[line.kind].append((line.text, text))
        kinds = sorted(divergences)
        return Verdict(
            {kind: float(np.mean(divergences[kind])) for kind in kinds},
            {kind: score(pairs[kind]).accuracy for kind in kinds},
        )


def trimmed(teacher: Teacher, known: Sequence[str], charset: Sequence[str]) -> Teacher:
    """The teacher with the head's rows of a smaller charset only, in place."""
    classes = {character: index for index, character in enumerate(known, start=1)}
    rows = torch.tensor([0, *(classes[character] for character in charset)])
    head = torch.nn.Linear(teacher.head.in_features, len(rows))
    head.weight.data.copy_(teacher.head.weight.data[rows])
    head.bias.data.copy_(teacher.head.bias.data[rows])
    teacher.head = head
    return teacher
