import numpy as np
import pytest
import torch
from torch import Tensor

from edgeocr.model.training.data.lines import Line
from edgeocr.model.training.integer.judge import Judge, trimmed
from edgeocr.model.training.networks.teacher import Teacher

CHARACTERS = ["a", "b", "c", " "]


@pytest.fixture
def teacher() -> Teacher:
    torch.manual_seed(3)
    return Teacher(len(CHARACTERS) + 1).eval()


@pytest.fixture
def lines() -> list[Line]:
    rng = np.random.default_rng(0)
    return [
        Line(rng.integers(0, 256, (48, width, 3)).astype(np.uint8), "ab", kind, "none")
        for width, kind in ((60, "print"), (90, "hand"), (130, "hand"))
    ]


def test_unchanged_backbone_does_not_diverge(teacher: Teacher, lines: list[Line]) -> None:
    verdict = Judge(teacher, CHARACTERS, lines).judge(teacher.backbone)
    assert set(verdict.divergence) == {"print", "hand"}
    assert verdict.mean_divergence == pytest.approx(0, abs=1e-6)


def test_more_noise_in_features_diverges_more(teacher: Teacher, lines: list[Line]) -> None:
    judge = Judge(teacher, CHARACTERS, lines)

    def noisy(strength: float) -> float:
        def see(x: Tensor) -> Tensor:
            features = teacher.backbone(x)
            noise = torch.randn(features.shape, generator=torch.Generator().manual_seed(0))
            return features + strength * features.std() * noise

        return judge.judge(see).mean_divergence

    assert 0 < noisy(0.1) < noisy(1.0)


def test_trimmed_head_keeps_the_rows_of_its_characters(teacher: Teacher) -> None:
    weight = teacher.head.weight.detach().clone()
    small = trimmed(teacher, CHARACTERS, ["c", "a"])
    assert torch.equal(small.head.weight, weight[[0, 3, 1]])
