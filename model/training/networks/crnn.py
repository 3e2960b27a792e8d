"""The student: PP-OCRv6's convolutional backbone, a bidirectional LSTM in place of its attention, a CTC head.

CRNN is Shi, Bai, Yao 2016 (arXiv 1507.05717). The LSTM only has to supply what the two attention blocks added: its
output is summed into the branch that they mixed, and begins at zero.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from edgeocr.model.training.networks.backbone import Activation, Backbone
from edgeocr.model.training.networks.teacher import WIDTH, Roads, Teacher


class Neck(nn.Module):
    """Features N×384×T to the head's input N×T×120."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.roads = Roads()
        self.norm_in = nn.LayerNorm(WIDTH)
        self.lstm = nn.LSTM(WIDTH, hidden, num_layers=2, bidirectional=True, batch_first=True)
        self.out = nn.Linear(2 * hidden, WIDTH)
        self.norm_out = nn.LayerNorm(WIDTH, eps=1e-6)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Turn features into what the head reads."""
        direct, reduced = self.roads(features)
        result: Tensor = self.norm_out(reduced + self.out(self.said(reduced))) + direct
        return result

    def said(self, reduced: Tensor) -> Tensor:
        """What the LSTM makes of the branch to be mixed, N×T×120: N×T×2·hidden."""
        mixed: Tensor = self.lstm(self.norm_in(reduced))[0]
        return mixed


class Crnn(nn.Module):
    """A line N×3×48×W to logits N×(W/8)×(1 + charset); class 0 is the blank."""

    def __init__(self, classes: int, hidden: int, activation: Activation = "quick_gelu") -> None:
        super().__init__()
        self.backbone = Backbone(activation)
        self.neck = Neck(hidden)
        self.head = nn.Linear(WIDTH, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Turn lines into logits."""
        logits: Tensor = self.head(self.neck(self.backbone(x)))
        return logits


def from_teacher(teacher: Teacher, teacher_charset: Sequence[str], charset: Sequence[str], hidden: int) -> Crnn:
    """Begin a student with everything the teacher has but attention; head rows are those of the charset.

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
    first = teacher.attention[0].norm1
    assert isinstance(first, nn.LayerNorm)
    student.neck.norm_in.load_state_dict(first.state_dict())
    student.neck.norm_out.load_state_dict(teacher.norm.state_dict())
    student.head.weight.data.copy_(teacher.head.weight.data[rows])
    student.head.bias.data.copy_(teacher.head.bias.data[rows])
    return student
