"""The students: a convolutional backbone, a neck with a bidirectional LSTM, a CTC head. The accurate one has PP-OCRv6
small's backbone and attention, its LSTM in place of the first attention block's feed-forward network.

CRNN is Shi, Bai, Yao 2016 (arXiv 1507.05717). The LSTM is initialised to compute the same as the network that it
replaces, almost without memory, and learns from there.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edgeocr.model.training.networks.backbone import Backbone
from edgeocr.model.training.networks.teacher import WIDTH, Attention, Branches, Mixing, Teacher

_SPREAD = 0.15
"""Initial standard deviation of the LSTM cells' input: small, so that tanh is nearly linear."""

_OPEN = 3.0
"""Bias of a gate that begins open, and less that of one that begins closed; beyond it gates hardly learn."""


class RecurrentNeck(nn.Module):
    """Features N×F×T to the head's input N×T×W, by an LSTM and a matrix.

    Attributes:
        width: of the head's input, W.
        lstm: bidirectional, of one layer.
        out: matrix from its states.
    """

    width: int
    lstm: nn.LSTM
    out: nn.Linear

    def rounded(self, features: Tensor) -> dict[str, Tensor]:
        """The inputs of integer matrices, by name: the LSTM's states "neck.states" and "head.input"."""
        raise NotImplementedError


class Neck(RecurrentNeck):
    """The accurate recogniser's neck: features N×384×T to the head's input N×T×120."""

    width = WIDTH

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.branches = Branches()
        self.mixing = Mixing()
        self.norm_in = nn.LayerNorm(WIDTH)
        self.lstm = nn.LSTM(WIDTH, hidden, bidirectional=True, batch_first=True)
        self.out = nn.Linear(2 * hidden, WIDTH)
        self.attention = Attention()
        self.norm_out = nn.LayerNorm(WIDTH, eps=1e-6)

    def forward(self, features: Tensor) -> Tensor:
        """Turn features into the head's input."""
        direct, reduced = self.branches(features)
        mixed = self.mixing(reduced)
        combined = mixed + self.out(self.recurrent(mixed))
        result: Tensor = self.norm_out(self.attention(combined)) + direct
        return result

    def rounded(self, features: Tensor) -> dict[str, Tensor]:
        """The inputs of integer matrices."""
        states = self.recurrent(self.mixing(self.branches(features)[1]))
        return {"neck.states": states, "head.input": self(features)}

    def recurrent(self, mixed: Tensor) -> Tensor:
        """The LSTM's states, N×T×2·hidden, for the output of attention, N×T×120."""
        states: Tensor = self.lstm(self.norm_in(mixed))[0]
        return states


class Crnn(nn.Module):
    """A line N×3×48×W to logits N×(W/8)×(1 + charset); class 0 is the blank."""

    def __init__(self, backbone: Backbone, neck: RecurrentNeck, classes: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.neck = neck
        self.head = nn.Linear(neck.width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Turn lines into logits."""
        logits: Tensor = self.head(self.neck(self.backbone(x)))
        return logits


def from_teacher(teacher: Teacher, teacher_charset: Sequence[str], charset: Sequence[str], hidden: int) -> Crnn:
    """Initialise a student with the teacher's weights, an LSTM for one network, and the head's rows of the charset.

    Raises:
        ValueError: the charset has a character that the teacher does not know.
    """
    classes = {character: index for index, character in enumerate(teacher_charset, start=1)}
    unknown = [character for character in charset if character not in classes]
    if unknown:
        raise ValueError(f"the teacher does not know {unknown[:5]}")
    rows = torch.tensor([0, *(classes[character] for character in charset)])
    neck = Neck(hidden)
    student = Crnn(copy.deepcopy(teacher.backbone), neck, len(rows))
    neck.branches.load_state_dict(teacher.branches.state_dict())
    first, second = teacher.attention
    assert isinstance(first, Attention)
    neck.mixing.load_state_dict(first.state_dict(), strict=False)
    neck.norm_in.load_state_dict(first.norm2.state_dict())
    stand_for(Replaced(first.widen, first.narrow, first.norm2.weight), neck)
    neck.attention.load_state_dict(second.state_dict())
    neck.norm_out.load_state_dict(teacher.norm.state_dict())
    student.head.weight.data.copy_(teacher.head.weight.data[rows])
    student.head.bias.data.copy_(teacher.head.bias.data[rows])
    return student


@dataclass(frozen=True)
class Replaced:
    """A feed-forward network that an LSTM replaces.

    Attributes:
        widen: from its input to its units, a matrix or a pointwise convolution.
        narrow: from its units to its result.
        size: standard deviation of each of its inputs.
        steepness: a unit computes u·σ(steepness·u), or nearly so.
    """

    widen: nn.Linear | nn.Conv1d
    narrow: nn.Linear
    size: Tensor
    steepness: float = 1.0


@torch.no_grad()
def stand_for(replaced: Replaced, neck: RecurrentNeck) -> None:
    """Initialise a neck's LSTM to compute the same as a feed-forward network, unit by unit.

    A unit computes u·σ(s·u). An LSTM's computes σ(o)·tanh(c), c = σ(i)·tanh(g) + σ(f)·c of the previous step: with
    o = s·u, g a small share of u, an open i and a closed f, that is nearly the same share of the unit's. If the LSTM
    has fewer units than the network, those that contribute least are left out.
    """
    weight, bias = replaced.widen.weight.flatten(1), replaced.widen.bias
    assert bias is not None
    lstm, hidden = neck.lstm, neck.lstm.hidden_size
    spread = (weight * replaced.size).norm(dim=1)
    weightiest = (replaced.narrow.weight.norm(dim=0) * spread).argsort(descending=True)[: 2 * hidden].sort().values
    share = _SPREAD / spread
    nothing = torch.zeros(hidden, weight.shape[1]), torch.zeros(hidden)
    for direction, units in zip(("", "_reverse"), weightiest.chunk(2), strict=True):
        # PyTorch's gates are input, forget, cell, output.
        gates = [nothing[0], nothing[0], share[units, None] * weight[units], replaced.steepness * weight[units]]
        biases = [nothing[1] + _OPEN, nothing[1] - _OPEN, share[units] * bias[units], replaced.steepness * bias[units]]
        getattr(lstm, f"weight_ih_l0{direction}").copy_(torch.cat(gates))
        getattr(lstm, f"bias_ih_l0{direction}").copy_(torch.cat(biases))
        getattr(lstm, f"weight_hh_l0{direction}").zero_()
        getattr(lstm, f"bias_hh_l0{direction}").zero_()
    through = torch.sigmoid(torch.tensor(_OPEN)) * share[weightiest]
    neck.out.weight.copy_(replaced.narrow.weight[:, weightiest] / through)
    neck.out.bias.copy_(replaced.narrow.bias)


@torch.no_grad()
def mean(first: Crnn, last: Crnn, share: float) -> Crnn:
    """The weighted mean of two networks' weights, the last one's by that share, 0–1 (Wortsman et al. 2022)."""
    between = copy.deepcopy(first)
    for mine, other in zip(between.parameters(), last.parameters(), strict=True):
        mine.lerp_(other, share)
    return between.eval()
