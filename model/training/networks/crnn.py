"""The students: a convolutional backbone, a neck with a bidirectional LSTM, a CTC head. The accurate one has PP-OCRv6
small's backbone and attention, its LSTM in place of the first attention block's feed-forward network.

CRNN is Shi, Bai, Yao 2016 (arXiv 1507.05717). The LSTM begins as the equal of the network that it stands for, with
hardly a memory, and learns from there: what comes out without it is what the teacher reads without that network.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edgeocr.model.training.networks.backbone import Backbone
from edgeocr.model.training.networks.teacher import WIDTH, Attention, Mixing, Roads, Teacher

_SPREAD = 0.15
"""Standard deviation of what an LSTM's cell is given at first: small, so that tanh is nearly linear."""

_OPEN = 3.0
"""Bias of a gate that begins open, and less that of one that begins closed; beyond it gates hardly learn."""


class RecurrentNeck(nn.Module):
    """Features N×F×T to the head's input N×T×W, by way of an LSTM and a matrix that reads it.

    Attributes:
        width: of the head's input, W.
        lstm: bidirectional, of one layer.
        out: reads its states.
    """

    width: int
    lstm: nn.LSTM
    out: nn.Linear

    def rounded(self, features: Tensor) -> dict[str, Tensor]:
        """What matrices of bytes are given, by name: the LSTM's states "neck.states" and "head.input"."""
        raise NotImplementedError


class Neck(RecurrentNeck):
    """The accurate reader's: features N×384×T to the head's input N×T×120."""

    width = WIDTH

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.roads = Roads()
        self.mixing = Mixing()
        self.norm_in = nn.LayerNorm(WIDTH)
        self.lstm = nn.LSTM(WIDTH, hidden, bidirectional=True, batch_first=True)
        self.out = nn.Linear(2 * hidden, WIDTH)
        self.attention = Attention()
        self.norm_out = nn.LayerNorm(WIDTH, eps=1e-6)

    def forward(self, features: Tensor) -> Tensor:
        """Turn features into what the head reads."""
        direct, reduced = self.roads(features)
        mixed = self.mixing(reduced)
        told = mixed + self.out(self.recurrent(mixed))
        result: Tensor = self.norm_out(self.attention(told)) + direct
        return result

    def rounded(self, features: Tensor) -> dict[str, Tensor]:
        """What matrices of bytes are given."""
        states = self.recurrent(self.mixing(self.roads(features)[1]))
        return {"neck.states": states, "head.input": self(features)}

    def recurrent(self, mixed: Tensor) -> Tensor:
        """What the LSTM makes of what attention mixed, N×T×120: N×T×2·hidden."""
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
    """Begin a student with everything the teacher has but one feed-forward network; head rows are those of the charset.

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
    neck.roads.load_state_dict(teacher.roads.state_dict())
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
    """A feed-forward network in whose place an LSTM stands.

    Attributes:
        widen: from its input to its units, a matrix or a pointwise convolution.
        narrow: from its units to its result.
        size: of what each of its inputs is like, a standard deviation.
        steepness: a unit gives u·σ(steepness·u), or nearly so.
    """

    widen: nn.Linear | nn.Conv1d
    narrow: nn.Linear
    size: Tensor
    steepness: float = 1.0


@torch.no_grad()
def stand_for(replaced: Replaced, neck: RecurrentNeck) -> None:
    """Give a neck's LSTM weights with which it does what a feed-forward network does, unit by unit.

    A unit gives u·σ(s·u). An LSTM's gives σ(o)·tanh(c), c = σ(i)·tanh(g) + σ(f)·c of the step before: with o = s·u,
    g = a small share of u, an open i and a closed f that is nearly that share of the unit's. Where the LSTM has fewer
    units than the network, those that add least are left out.
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
    """A network whose weights are between those of two, of the last one that share, 0–1: what either forgot counts
    for less (Wortsman et al. 2022)."""
    between = copy.deepcopy(first)
    for mine, other in zip(between.parameters(), last.parameters(), strict=True):
        mine.lerp_(other, share)
    return between.eval()
