"""The backbone's topology, told once to whoever interprets it: an observer of ranges, a simulator, a writer of graphs.

An interpreter's tensors are its own; the names of operations are those of the modules whose weights they use, and each
operation's result is quantised in one way, which the interpreter looks up by that name.
"""

from typing import Protocol, TypeVar

from torch import nn

from edgeocr.model.training.networks.backbone import Backbone, Block, Excite, Layout, PlainStem, Stem

Tensor = TypeVar("Tensor")

GATE_SLOPE = 6.0
"""A hard sigmoid is the identity on -3…3, squeezed to 0…1: an output range that saturates there makes it free."""


def is_float(layout: Layout, name: str) -> bool:
    """Whether a result stays in floats: in the plain stem, whose first channels differ a hundredfold in size,
    what comes before the first block's channels have been scaled to like size; it is a twentieth of the work."""
    return not layout.branches and name.startswith(("stem.", "blocks.0.spatial", "blocks.0.excite."))


class Interpreter(Protocol[Tensor]):
    """What the backbone is made of. Tensors are N×C×H×W in meaning, whatever their layout."""

    def convolve(self, name: str, x: Tensor, layer: nn.Conv2d, *, relu: bool = False, corner: bool = False) -> Tensor:
        """Convolve, then clamp below zero if asked to; `corner` pads one row and column at the end only."""

    def max_pool(self, x: Tensor) -> Tensor:
        """Take maxima of 2×2 windows, stride 1, padded at the end."""

    def concatenate(self, name: str, first: Tensor, second: Tensor) -> Tensor:
        """Join channels."""

    def excite(self, name: str, x: Tensor, layer: Excite) -> Tensor:
        """Scale each channel by a gate that sees the whole line."""

    def gate(self, name: str, x: Tensor) -> Tensor:
        """x·σ(x)."""

    def add(self, name: str, first: Tensor, second: Tensor) -> Tensor:
        """Add."""

    def average(self, name: str, x: Tensor, channels: int) -> Tensor:
        """Average windows of all three rows and two columns."""


def look(backbone: Backbone, x: Tensor, interpreter: Interpreter[Tensor]) -> Tensor:
    """Turn a normalised line into features, N×F×1×T, by an interpreter's means."""
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
