"""The backbone: PP-OCRv6 small's backbone, rebuilt in PyTorch.

A stem of 3x3 and 2x2 convolutions halves both sides twice; ten blocks follow, each a depthwise 3x3 convolution
(some with squeeze-and-excite) and a pointwise two-layer perceptron. Height shrinks to nothing, width to an eighth.
Source: PaddleOCR, PP-OCRv6 small recogniser (Apache-2.0); squeeze-and-excite is Hu et al. 2018.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

FEATURES = 384
PIXELS_PER_STEP = 8
HEIGHT_PIXELS = 48

Activation = Literal["gelu", "silu"]
"""GELU is the published network's; x * sigmoid(x) has integer kernels, and takes its place once `gates` are fitted."""


def _activation(name: Activation) -> nn.Module:
    return nn.GELU() if name == "gelu" else nn.SiLU()


class Excite(nn.Module):
    """Squeeze-and-excite: scale each channel by what the whole padded line looks like."""

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
        if self.shrinks:  # the original keeps the inner width when it doubles the channels
            self.widen = nn.Conv2d(channels, out, 1)
            self.narrow = nn.Conv2d(out, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Turn N×C×H×W into the same, or into half the height and twice the channels."""
        x = self.excite(self.spatial(x))
        mixed: Tensor = self.narrow(self.activation(self.widen(x)))
        return mixed if self.shrinks else x + mixed


class Stem(nn.Module):
    """From three colours to 96 channels at a quarter of each side."""

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
        corner = (0, 1, 0, 1)  # 2x2 kernels keep the size by one more row and column at the end
        branch = functional.relu(self.left(functional.pad(x, corner)))
        branch = functional.relu(self.right(functional.pad(branch, corner)))
        # After a ReLU, padding with zeros leaves every maximum as it is.
        pooled = functional.max_pool2d(functional.pad(x, corner), 2, 1)
        x = functional.relu(self.shrink(torch.cat((pooled, branch), 1)))
        return functional.relu(self.widen(x))


class Backbone(nn.Module):
    """A padded line in, one feature vector for each eight pixels of width out.

    Shapes: N×3×48×W (BGR, scaled to -1…1, W a multiple of eight) to N×384×(W/8).
    """

    def __init__(self, activation: Activation = "gelu") -> None:
        super().__init__()
        layout = [(96, 96, True), (96, 96, False), (96, 96, False), (96, 192, False)]
        layout += [(192, 192, True), (192, 192, False)] * 3 + [(192, 384, False)]
        layout += [(384, 384, True), (384, 384, False)]
        self.stem = Stem()
        self.blocks = nn.Sequential(*(Block(i, o, excite, activation) for i, o, excite in layout))

    def forward(self, x: Tensor) -> Tensor:
        """Turn N×3×48×W into N×384×(W/8)."""
        return pooled(self.blocks(self.stem(x)))


def pooled(x: Tensor) -> Tensor:
    """Average N×384×3×(W/4) to N×384×(W/8)."""
    return functional.avg_pool2d(x, (3, 2)).squeeze(2)
