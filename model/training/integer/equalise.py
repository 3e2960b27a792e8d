"""Cross-layer equalisation: channels get a like size before one range serves all of them (Nagel et al. 2019,
arXiv 1906.04721).

Between two blocks a channel may be divided by any number if whatever reads it multiplies by that: the network stays the
same in floats. What reads a block's sum is a depthwise convolution, whose weights have a scale for each channel anyway,
so that there a whole equalisation is free; what reads the sum's first term is a matrix with one scale a row, which
loses as its columns differ. A strength between none and whole weighs the one against the other.
"""

import copy
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.backbone import Backbone, Block, Excite
from edgeocr.model.training.networks.tensors import Image

_LEAST = 1e-4
_MOST_FACTOR = 16.0


@torch.no_grad()
def sizes(backbone: Backbone, lines: Iterable[Image]) -> tuple[list[Tensor], list[Tensor]]:
    """How large each channel gets, the mean over lines (48×W×3 BGR): of each block's first term, and of its result."""
    blocks = [block for block in backbone.blocks if isinstance(block, Block)]
    firsts, results = ([torch.zeros(layer(block).out_channels) for block in blocks] for layer in (_spatial, _narrow))
    for line in lines:
        x = backbone.stem(torch.tensor(tensors.to_input([line])))
        for number, block in enumerate(blocks):
            first = block.excite(block.spatial(x))
            firsts[number] += first.abs().amax((0, 2, 3))
            x = block(x)
            results[number] += x.abs().amax((0, 2, 3))
    return firsts, results


def _spatial(block: Block) -> nn.Conv2d:
    return block.spatial


def _narrow(block: Block) -> nn.Conv2d:
    return block.narrow


def factors(size: Tensor, strength: float) -> Tensor:
    """What each channel is divided by, their geometric mean being 1; strength is 0 for nothing, 1 for equal sizes."""
    logarithm = size.clamp(min=_LEAST * float(size.max())).log()
    spread = ((logarithm - logarithm.mean()) * strength).exp()
    return spread.clamp(1 / _MOST_FACTOR, _MOST_FACTOR)


@torch.no_grad()
def equalised(backbone: Backbone, firsts: Sequence[Tensor], results: Sequence[Tensor], strength: float) -> Backbone:
    """A copy of a backbone with like channels; its features are what they were.

    Args:
        backbone: the network.
        firsts: sizes of the channels of each block's first term.
        results: sizes of the channels of each block's result.
        strength: 0 for nothing, 1 for equal sizes where a matrix reads them. The last block is left alone, as its
            result is what others read.
    """
    found = copy.deepcopy(backbone)
    blocks = [block for block in found.blocks if isinstance(block, Block)]
    for number, block in enumerate(blocks[:-1]):
        if block.shrinks:
            _divide(block.spatial, factors(firsts[number], strength))
            _multiply(block.widen, factors(firsts[number], strength))
            factor = factors(results[number], 1.0 if strength else 0.0)
        else:
            factor = factors(torch.maximum(firsts[number], results[number]), strength)
            _divide(block.spatial, factor)
            _multiply(block.widen, factor)
            if isinstance(block.excite, Excite):
                _multiply(block.excite.squeeze, factor)
        _divide(block.narrow, factor)
        blocks[number + 1].spatial.weight.data *= factor[:, None, None, None]
    return found


def _divide(layer: nn.Conv2d, factor: Tensor) -> None:
    """Make a layer give less, channel by channel."""
    assert layer.bias is not None
    layer.weight.data /= factor[:, None, None, None]
    layer.bias.data /= factor


def _multiply(layer: nn.Conv2d, factor: Tensor) -> None:
    """Make a layer take less for what it was, channel by channel."""
    layer.weight.data *= factor[None, :, None, None]
