"""The student: PP-OCRv6's convolutional backbone and first attention block, a bidirectional LSTM in place of the second
block, a CTC head.

CRNN is Shi, Bai, Yao 2016 (arXiv 1507.05717). The LSTM supplies what the second block added: its output is summed into
what the first block gives, and begins at zero.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from edgeocr.model.training.networks.backbone import Activation, Backbone
from edgeocr.model.training.networks.teacher import WIDTH, Attention, Roads, Teacher


class Neck(nn.Module):
    """Features N×384×T to the head's input N×T×120."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.roads = Roads()
        self.attention = Attention()
        self.norm_in = nn.LayerNorm(WIDTH)
        self.lstm = nn.LSTM(WIDTH, hidden, bidirectional=True, batch_first=True)
        self.out = nn.Linear(2 * hidden, WIDTH)
        self.norm_out = nn.LayerNorm(WIDTH, eps=1e-6)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Turn features into what the head reads."""
        direct, reduced = self.roads(features)
        mixed = self.attention(reduced)
        result: Tensor = self.norm_out(mixed + self.out(self.recurrent(mixed))) + direct
        return result

    def recurrent(self, mixed: Tensor) -> Tensor:
        """What the LSTM makes of what attention mixed, N×T×120: N×T×2·hidden."""
        states: Tensor = self.lstm(self.norm_in(mixed))[0]
        return states


class Crnn(nn.Module):
    """A line N×3×48×W to logits N×(W/8)×(1 + charset); class 0 is the blank."""

    def __init__(self, classes: int, hidden: int, activation: Activation = "gelu") -> None:
        super().__init__()
        self.backbone = Backbone(activation)
        self.neck = Neck(hidden)
        self.head = nn.Linear(WIDTH, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Turn lines into logits."""
        logits: Tensor = self.head(self.neck(self.backbone(x)))
        return logits


def from_teacher(teacher: Teacher, teacher_charset: Sequence[str], charset: Sequence[str], hidden: int) -> Crnn:
    """Begin a student with everything the teacher has but its second block; head rows are those of the charset.

    Raises:
        ValueError: the charset has a character that the teacher does not know.
    """
    classes = {character: index for index, character in enumerate(teacher_charset, start=1)}
    unknown = [character for character in charset if character not in classes]
    if unknown:
        raise ValueError(f"the teacher does not know {unknown[:5]}")
    rows = torch.tensor([0, *(classes[character] for character in charset)])
    student = Crnn(len(rows), hidden)
    student.backbone.load_state_dict(teacher.backbone.state_dict())
    student.neck.roads.load_state_dict(teacher.roads.state_dict())
    first, second = teacher.attention
    assert isinstance(second, Attention)
    student.neck.attention.load_state_dict(first.state_dict())
    student.neck.norm_in.load_state_dict(second.norm1.state_dict())
    student.neck.norm_out.load_state_dict(teacher.norm.state_dict())
    student.head.weight.data.copy_(teacher.head.weight.data[rows])
    student.head.bias.data.copy_(teacher.head.bias.data[rows])
    return student
