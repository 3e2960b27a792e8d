"""The backbones: those of PP-OCRv6 small and tiny, rebuilt in PyTorch.

A stem of convolutions halves both sides twice; blocks follow, each a depthwise 3x3 convolution (some with
squeeze-and-excite) and a pointwise two-layer perceptron. The height is reduced to 1, the width to an eighth.
Source: PaddleOCR, PP-OCRv6 small and tiny recognisers (Apache-2.0); squeeze-and-excite is Hu et al. 2018.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

PIXELS_PER_STEP = 8
HEIGHT_PIXELS = 48


@dataclass(frozen=True)
class Layout:
    """The layout of a backbone.

    Attributes:
        branches: whether the stem has a branch of 2x2 convolutions beside a maximum; the other is two convolutions.
        blocks: channels in, channels out, and whether there is squeeze-and-excite, of each block.
    """

    branches: bool
    blocks: tuple[tuple[int, int, bool], ...]

    @property
    def features(self) -> int:
        """Features per time step."""
        return self.blocks[-1][1]


SMALL = Layout(
    branches=True,
    blocks=(
        *((96, 96, True), (96, 96, False), (96, 96, False), (96, 192, False)),
        *((192, 192, True), (192, 192, False)) * 3,
        *((192, 384, False), (384, 384, True), (384, 384, False)),
    ),
)
TINY = Layout(
    branches=False,
    blocks=(
        *((48, 48, True), (48, 48, False), (48, 96, False), (96, 96, True), (96, 96, False)),
        *((96, 160, False), (160, 160, True), (160, 160, False), (160, 160, False)),
    ),
)

Activation = Literal["gelu", "silu"]
"""GELU is the published network's; x * sigmoid(x) has integer kernels, and takes its place once `gates` are fitted."""


def _activation(name: Activation) -> nn.Module:
    return nn.GELU() if name == "gelu" else nn.SiLU()


class Excite(nn.Module):
    """Squeeze-and-excite: scale each channel by a gate computed from the whole padded line."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, channels // 4, 1)
        self.excite = nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Scale the channels of N×C×H×W."""
        scale = self.excite(functional.relu(self.squeeze(x.mean((2, 3), keepdim=True))))
        return x * functional.hardsigmoid(scale)


class Block(nn.Module):
    """Depthwise 3x3 convolution, then a pointwise perceptron; residual unless the shape changes."""

    def __init__(self, channels: int, out: int, excite: bool, activation: Activation) -> None:
        super().__init__()
        self.shrinks = out != channels
        self.spatial = nn.Conv2d(channels, channels, 3, (2, 1) if self.shrinks else 1, padding=1, groups=channels)
        self.excite = Excite(channels) if excite else nn.Identity()
        self.widen = nn.Conv2d(channels, 2 * channels, 1)
        self.activation = _activation(activation)
        self.narrow = nn.Conv2d(2 * channels, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Turn N×C×H×W into the same, or into half the height and twice the channels."""
        x = self.excite(self.spatial(x))
        mixed: Tensor = self.narrow(self.activation(self.widen(x)))
        return mixed if self.shrinks else x + mixed


class Stem(nn.Module):
    """From three colours to 96 channels at a quarter of each side, with two branches."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 48, 3, 2, padding=1)
        self.left = nn.Conv2d(48, 24, 2)
        self.right = nn.Conv2d(24, 48, 2)
        self.shrink = nn.Conv2d(96, 48, 3, 2, padding=1)
        self.widen = nn.Conv2d(48, 96, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Turn N×3×48×W into N×96×12×W/4."""
        x = functional.relu(self.first(x))
        corner = (0, 1, 0, 1)  # one row and column of padding at the end keep the size
        branch = functional.relu(self.left(functional.pad(x, corner)))
        branch = functional.relu(self.right(functional.pad(branch, corner)))
        # After a ReLU, padding with zeros leaves every maximum as it is.
        pooled = functional.max_pool2d(functional.pad(x, corner), 2, 1)
        x = functional.relu(self.shrink(torch.cat((pooled, branch), 1)))
        return functional.relu(self.widen(x))


class PlainStem(nn.Module):
    """From three colours to a first block's channels at a quarter of each side, by two convolutions."""

    def __init__(self, channels: int, activation: Activation) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, channels // 2, 3, 2, padding=1)
        self.activation = _activation(activation)
        self.shrink = nn.Conv2d(channels // 2, channels, 3, 2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Turn N×3×48×W into N×C×12×W/4."""
        result: Tensor = self.shrink(self.activation(self.first(x)))
        return result


class Backbone(nn.Module):
    """From a padded line to one feature vector for each eight pixels of width.

    Shapes: N×3×48×W (BGR, scaled to -1…1, W a multiple of eight) to N×F×(W/8), F of `layout`.
    """

    def __init__(self, activation: Activation = "gelu", layout: Layout = SMALL) -> None:
        super().__init__()
        self.layout = layout
        self.stem: Stem | PlainStem = Stem() if layout.branches else PlainStem(layout.blocks[0][0], activation)
        self.blocks = nn.Sequential(*(Block(i, o, excite, activation) for i, o, excite in layout.blocks))

    def forward(self, x: Tensor) -> Tensor:
        """Turn N×3×48×W into N×F×(W/8)."""
        return pooled(self.blocks(self.stem(x)))


def pooled(x: Tensor) -> Tensor:
    """Average N×F×3×(W/4) to N×F×(W/8)."""
    return functional.avg_pool2d(x, (3, 2)).squeeze(2)
