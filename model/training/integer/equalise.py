"""Cross-layer equalisation: scales channels to similar size, since one range serves all of them (Nagel et al. 2019,
arXiv 1906.04721).

Between two blocks a channel may be divided by any number if its consumers multiply by it: in floats the network stays
the same. A block's sum is consumed by a depthwise convolution, whose weights have a scale per channel anyway, so that
full equalisation costs nothing there; the sum's first term is consumed by a matrix with one scale per row, which loses
precision if its columns differ. The strength, from none to full, is a compromise.
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
    """Maximum magnitude of each channel, summed over lines (48×W×3 BGR): of each block's first term and its result."""
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
    """The divisors of channels, with a geometric mean of 1; strength is 0 for no change, 1 for equal sizes."""
    logarithm = size.clamp(min=_LEAST * float(size.max())).log()
    spread = ((logarithm - logarithm.mean()) * strength).exp()
    return spread.clamp(1 / _MOST_FACTOR, _MOST_FACTOR)


@torch.no_grad()
def equalised(backbone: Backbone, firsts: Sequence[Tensor], results: Sequence[Tensor], strength: float) -> Backbone:
    """A copy of a backbone with equalised channels; its features do not change.

    Args:
        backbone: the network.
        firsts: sizes of the channels of each block's first term.
        results: sizes of the channels of each block's result.
        strength: 0 for no change, 1 for equal sizes where a matrix is the consumer. The last block does not change,
            since its result is the backbone's output.
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
    """Divide a layer's output channels."""
    assert layer.bias is not None
    layer.weight.data /= factor[:, None, None, None]
    layer.bias.data /= factor


def _multiply(layer: nn.Conv2d, factor: Tensor) -> None:
    """Multiply a layer's input channels."""
    layer.weight.data *= factor[None, :, None, None]
