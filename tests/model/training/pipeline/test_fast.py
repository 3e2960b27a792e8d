"""The fast recogniser is initialised to equal PP-OCRv6 tiny, with more characters."""

import numpy as np
import pytest
import torch
from torch import nn

from edgeocr.model.training.networks.backbone import TINY
from edgeocr.model.training.networks.fast import from_tiny, grown_head
from edgeocr.model.training.networks.tiny import WIDTH, Tiny

KNOWN = [*map(chr, range(0x41, 0x5B)), " "]
LOOK_ALIKES = {"a": "A", "b": "B"}


@pytest.fixture
def tiny() -> Tiny:
    torch.manual_seed(0)
    return Tiny(len(KNOWN) + 1).eval()


@pytest.fixture
def better(tiny: Tiny) -> tuple[nn.Linear, list[str]]:
    """A head whose rows are the other's, turned, and which has small letters like the capital ones."""
    turn = torch.linalg.qr(torch.randn(WIDTH, WIDTH, generator=torch.Generator().manual_seed(1))).Q
    characters = [*KNOWN, *LOOK_ALIKES]
    rows = [0, *range(1, len(KNOWN) + 1), *(KNOWN.index(capital) + 1 for capital in LOOK_ALIKES.values())]
    head = nn.Linear(WIDTH, len(rows))
    head.weight.data = (tiny.head.weight.data @ turn)[rows]
    head.bias.data = tiny.head.bias.data[rows]
    return head, characters


def test_student_begins_equal_to_tiny_and_needs_its_lstm_for_it(
    tiny: Tiny, better: tuple[nn.Linear, list[str]]
) -> None:
    student = from_tiny(tiny, KNOWN, better, KNOWN, hidden=WIDTH).eval()
    features = torch.randn(2, TINY.features, 24)
    with torch.no_grad():
        wanted = tiny.neck(features)
        begun = (student.neck(features) - wanted).square().mean() / wanted.var()
        student.neck.out.weight.zero_()
        silenced = (student.neck(features) - wanted).square().mean() / wanted.var()
    assert begun < 0.02
    assert silenced > 0.5
    assert torch.equal(student.head.weight, tiny.head.weight)


def test_characters_that_only_the_better_head_has_look_like_their_look_alikes(
    tiny: Tiny, better: tuple[nn.Linear, list[str]]
) -> None:
    charset = [*KNOWN, *LOOK_ALIKES]
    rows = grown_head((tiny.head, KNOWN), better, charset).weight.detach().numpy()
    alike = nn.functional.normalize(torch.tensor(rows)) @ nn.functional.normalize(torch.tensor(rows)).T
    for character, capital in LOOK_ALIKES.items():
        row = alike[charset.index(character) + 1].clone()
        row[charset.index(character) + 1] = -1
        assert int(row.argmax()) == KNOWN.index(capital) + 1
    np.testing.assert_array_equal(rows[: len(KNOWN) + 1], tiny.head.weight.detach().numpy())


def test_character_that_neither_head_has_is_refused(tiny: Tiny, better: tuple[nn.Linear, list[str]]) -> None:
    with pytest.raises(ValueError, match="neither head knows"):
        grown_head((tiny.head, KNOWN), better, ["中"])
