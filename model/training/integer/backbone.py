"""The backbone's topology, for interpreters of three kinds: an observer of ranges, a simulator, a writer of graphs.

Each interpreter has a tensor type of its own. Operations are named after the modules whose weights they use; the range
of an operation's result is looked up by that name.
"""

from typing import Protocol, TypeVar

from torch import nn

from edgeocr.model.training.networks.backbone import Backbone, Block, Excite, Layout, PlainStem, Stem

Tensor = TypeVar("Tensor")

GATE_SLOPE = 6.0
"""A hard sigmoid maps -3…3 linearly to 0…1, so that an output range that saturates there replaces it."""


def is_float(layout: Layout, name: str) -> bool:
    """Whether a result stays in floats: those of the plain stem before the first block's channels are equalised, since
    they differ a hundredfold in size. They have a twentieth of the multiplications."""
    return not layout.branches and name.startswith(("stem.", "blocks.0.spatial", "blocks.0.excite."))


class Interpreter(Protocol[Tensor]):
    """The operations of the backbone. Tensors are logically N×C×H×W, in any layout."""

    def convolve(self, name: str, x: Tensor, layer: nn.Conv2d, *, relu: bool = False, corner: bool = False) -> Tensor:
        """Convolve, then apply ReLU if requested; `corner` pads one row and column at the end only."""

    def max_pool(self, x: Tensor) -> Tensor:
        """Take maxima of 2×2 windows, stride 1, padded at the end."""

    def concatenate(self, name: str, first: Tensor, second: Tensor) -> Tensor:
        """Join channels."""

    def excite(self, name: str, x: Tensor, layer: Excite) -> Tensor:
        """Scale each channel by a gate computed from the whole line."""

    def gate(self, name: str, x: Tensor) -> Tensor:
        """x·σ(x)."""

    def add(self, name: str, first: Tensor, second: Tensor) -> Tensor:
        """Add."""

    def average(self, name: str, x: Tensor, channels: int) -> Tensor:
        """Average windows of all three rows and two columns."""


def look(backbone: Backbone, x: Tensor, interpreter: Interpreter[Tensor]) -> Tensor:
    """Run the backbone on a normalised line with an interpreter; returns features, N×F×1×T."""
    do = interpreter
    x = _plain_stem(backbone.stem, x, do) if isinstance(backbone.stem, PlainStem) else _stem(backbone.stem, x, do)
    for number, block in enumerate(backbone.blocks):
        assert isinstance(block, Block)
        x = _block(f"blocks.{number}", block, x, do)
    return do.average("features", x, backbone.layout.features)


def _plain_stem(stem: PlainStem, x: Tensor, do: Interpreter[Tensor]) -> Tensor:
    inner = do.gate("stem.inner", do.convolve("stem.first", x, stem.first))
    return do.convolve("stem.shrink", inner, stem.shrink)


def _stem(stem: Stem, x: Tensor, do: Interpreter[Tensor]) -> Tensor:
    first = do.convolve("stem.first", x, stem.first, relu=True)
    branch = do.convolve("stem.left", first, stem.left, relu=True, corner=True)
    branch = do.convolve("stem.right", branch, stem.right, relu=True, corner=True)
    x = do.concatenate("stem.joined", do.max_pool(first), branch)
    x = do.convolve("stem.shrink", x, stem.shrink, relu=True)
    return do.convolve("stem.widen", x, stem.widen, relu=True)


def _block(name: str, block: Block, x: Tensor, do: Interpreter[Tensor]) -> Tensor:
    x = do.convolve(f"{name}.spatial", x, block.spatial)
    if isinstance(block.excite, Excite):
        x = do.excite(f"{name}.excite", x, block.excite)
    inner = do.gate(f"{name}.inner", do.convolve(f"{name}.widen", x, block.widen))
    mixed = do.convolve(f"{name}.narrow", inner, block.narrow)
    return mixed if block.shrinks else do.add(f"{name}.sum", x, mixed)
