"""PP-OCRv6 tiny, from which the fast recogniser is made: its weights read from the published ONNX file.

Its neck has three layers with a context of two time steps: no attention, no recurrence.
"""

from pathlib import Path

import onnx
from torch import Tensor, nn
from torch.nn import functional

from edgeocr.model.training.data import charset as charsets
from edgeocr.model.training.networks.backbone import TINY, Backbone
from edgeocr.model.training.networks.published_weights import assign, convolutions, linears

WIDTH = 80
NEAR_STEPS = 5


class TinyNeck(nn.Module):
    """Features N×160×T to the head's input N×T×80."""

    def __init__(self) -> None:
        super().__init__()
        channels = TINY.features
        self.near = nn.Conv1d(channels, channels, NEAR_STEPS, padding=NEAR_STEPS // 2, groups=channels)
        self.widen = nn.Conv1d(channels, channels, 1)
        self.narrow = nn.Linear(channels, WIDTH)

    def forward(self, features: Tensor) -> Tensor:
        """Turn features into the head's input."""
        wide = functional.hardswish(self.widen(functional.hardswish(self.near(features))))
        result: Tensor = self.narrow(wide.transpose(1, 2))
        return result


class Tiny(nn.Module):
    """PP-OCRv6 tiny: N×3×48×W to its logits, N×(W/8)×6906; class 0 is the blank."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = Backbone("gelu", TINY)
        self.neck = TinyNeck()
        self.head = nn.Linear(WIDTH, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Turn lines into logits."""
        logits: Tensor = self.head(self.neck(self.backbone(x)))
        return logits


def load_tiny(path: Path, charset_path: Path) -> tuple[Tiny, list[str]]:
    """Rebuild it from its ONNX file and its list of characters.

    Returns:
        The model in evaluation mode, and the characters of classes 1, 2, …

    Raises:
        ValueError: the file's weights do not fit the architecture, or the characters not the weights.
    """
    graph = onnx.load(str(path)).graph
    # The file lists neither the blank (first) nor the space (last).
    characters = [*charsets.read(charset_path), " "]
    matrices = list(linears(graph))
    classes = len(matrices[-1][0])
    if len(characters) + 1 != classes:
        raise ValueError(f"{len(characters)} characters do not fit {classes} classes")
    tiny = Tiny(classes)
    assign([m for m in tiny.modules() if isinstance(m, nn.Conv2d | nn.Conv1d)], convolutions(graph))
    assign([m for m in tiny.modules() if isinstance(m, nn.Linear)], matrices)
    return tiny.eval(), characters
