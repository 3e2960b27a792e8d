"""The teacher: PP-OCRv6 small, its weights read from the published ONNX file.

The neck has two branches that are summed to the head's 120-d input: a pointwise one, and one of convolutions and two
attention blocks. The student keeps everything but the first block's feed-forward network.
"""

from pathlib import Path

import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional

from edgeocr.model.training.networks.backbone import SMALL, Activation, Backbone
from edgeocr.model.training.networks.published_weights import assign, convolutions, linears, norms

WIDTH = 120
HEADS = 8


class Branches(nn.Module):
    """The neck's convolutions: features N×384×T to the direct branch and the branch to be mixed, both N×T×120."""

    def __init__(self) -> None:
        super().__init__()
        self.direct = nn.Conv1d(SMALL.features, WIDTH, 1)
        self.reduce = nn.Conv1d(SMALL.features, WIDTH, 1)
        self.near = nn.Conv1d(WIDTH, WIDTH, 7, padding=3, groups=WIDTH)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Turn features into both branches."""
        direct = functional.silu(self.direct(features))
        reduced = functional.silu(self.reduce(features))
        reduced = reduced + functional.silu(self.near(reduced))
        return direct.transpose(1, 2), reduced.transpose(1, 2)


class Mixing(nn.Module):
    """The first half of a pre-norm transformer block (Vaswani et al. 2017): eight heads that mix time steps."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """Mix N×T×120 along T."""
        n, t, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        mixed = torch.softmax(q @ k.transpose(2, 3) * (WIDTH // HEADS) ** -0.5, -1) @ v
        result: Tensor = x + self.out(mixed.transpose(1, 2).reshape(n, t, WIDTH))
        return result


class Attention(Mixing):
    """A whole pre-norm transformer block: heads, then a feed-forward network for each time step."""

    def __init__(self) -> None:
        super().__init__()
        self.norm2 = nn.LayerNorm(WIDTH)
        self.widen = nn.Linear(WIDTH, 2 * WIDTH)
        self.narrow = nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """Mix N×T×120 along T, then transform each time step."""
        x = super().forward(x)
        result: Tensor = x + self.narrow(functional.silu(self.widen(self.norm2(x))))
        return result


class Teacher(nn.Module):
    """PP-OCRv6 small: N×3×48×W to its logits, N×(W/8)×18710; class 0 is the blank."""

    def __init__(self, classes: int, activation: Activation = "gelu") -> None:
        super().__init__()
        self.backbone = Backbone(activation)
        self.branches = Branches()
        self.attention = nn.Sequential(Attention(), Attention())
        self.norm = nn.LayerNorm(WIDTH, eps=1e-6)
        self.head = nn.Linear(WIDTH, classes)

    def neck(self, features: Tensor) -> Tensor:
        """Turn features N×384×T into the head's input, N×T×120."""
        direct, reduced = self.branches(features)
        result: Tensor = self.norm(self.attention(reduced)) + direct
        return result

    def forward(self, x: Tensor) -> Tensor:
        """Turn lines into logits."""
        logits: Tensor = self.head(self.neck(self.backbone(x)))
        return logits


def load_teacher(path: Path, activation: Activation = "gelu") -> tuple[Teacher, list[str]]:
    """Rebuild the teacher from its ONNX file.

    Returns:
        The model in evaluation mode, and the characters of classes 1, 2, …

    Raises:
        ValueError: the file's weights do not fit the architecture.
    """
    model = onnx.load(str(path))
    characters = next(p.value for p in model.metadata_props if p.key == "character").split("\n")
    matrices = list(linears(model.graph))
    classes = matrices[-1][0].shape[0]
    teacher = Teacher(classes, activation)
    assign([m for m in teacher.modules() if isinstance(m, nn.Conv2d | nn.Conv1d)], convolutions(model.graph))
    assign([m for m in teacher.modules() if isinstance(m, nn.Linear)], matrices)
    assign([m for m in teacher.modules() if isinstance(m, nn.LayerNorm)], norms(model.graph))
    # The file lists neither the blank (first) nor the space (last).
    if len(characters) + 2 == classes:
        characters.append(" ")
    if len(characters) + 1 != classes:
        raise ValueError(f"{len(characters)} characters do not fit {classes} classes")
    return teacher.eval(), characters
