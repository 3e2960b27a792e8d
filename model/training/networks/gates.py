"""Replaces GELU by x * sigmoid(x): a slope, a scale and an offset per channel, folded into the layers around it.

GELU is approximated by b·x·σ(a·x) + c. One slope for all channels, as in Hendrycks, Gimpel 2016, loses nine of a
hundred handwritten lines; a, b and c fitted by least squares to each channel's inputs lose none. `a` is folded into the
layer before the gate, b ÷ a and c into the one after it: the operators stay the same.
"""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.backbone import Backbone, Block, PlainStem
from edgeocr.model.training.networks.tensors import Image

_COMMON_SLOPE = 1.702
_SLOPES = torch.arange(1.2, 2.6, 0.05)
_POSITIONS = 60
"""Sampled positions per line and channel."""


@dataclass(frozen=True)
class Gate:
    """One block's approximation of GELU, C of each: scale·x·σ(slope·x) + offset."""

    slope: Tensor
    scale: Tensor
    offset: Tensor


def fit_gate(values: Tensor) -> Gate:
    """Fit a gate to GELU by least squares.

    Args:
        values: C×N, inputs of GELU by channel.
    """
    wanted = functional.gelu(values)
    wanted_mean = wanted.mean(1, keepdim=True)
    best = torch.full((len(values),), torch.inf)
    slope, scale, offset = torch.ones_like(best), torch.ones_like(best), torch.zeros_like(best)
    for tried in _SLOPES:
        gated = values * torch.sigmoid(tried * values)
        mean = gated.mean(1, keepdim=True)
        spread = gated - mean
        factor = (spread * (wanted - wanted_mean)).mean(1) / (spread.square().mean(1) + 1e-9)
        shift = wanted_mean[:, 0] - factor * mean[:, 0]
        error = (factor[:, None] * gated + shift[:, None] - wanted).square().mean(1)
        better = error < best
        best = torch.where(better, error, best)
        slope = torch.where(better, tried, slope)
        scale = torch.where(better, factor, scale)
        offset = torch.where(better, shift, offset)
    return Gate(slope, scale, offset)


@torch.no_grad()
def fit(backbone: Backbone, lines: Iterable[Image]) -> list[Gate]:
    """Fit every block's gate to its inputs on lines (48×W×3 BGR)."""
    blocks = [block for block in backbone.blocks if isinstance(block, Block)]
    seen: list[list[Tensor]] = [[] for _ in blocks]
    generator = torch.Generator().manual_seed(0)
    for line in lines:
        x = backbone.stem(torch.tensor(tensors.to_input([line])))
        for block, values in zip(blocks, seen, strict=True):
            entering = block.excite(block.spatial(x))
            inner = block.widen(entering)
            flat = inner[0].flatten(1)
            values.append(flat[:, torch.randint(flat.shape[1], (_POSITIONS,), generator=generator)])
            mixed = block.narrow(block.activation(inner))
            x = mixed if block.shrinks else entering + mixed
    return [fit_gate(torch.cat(values, 1)) for values in seen]


@torch.no_grad()
def folded(backbone: Backbone, gates: Sequence[Gate]) -> Backbone:
    """A copy of a backbone with x * sigmoid(x) for GELU, its gates folded into the layers around."""
    result = copy.deepcopy(backbone)
    if isinstance(result.stem, PlainStem):
        _fold_stem(result.stem)
    blocks = [block for block in result.blocks if isinstance(block, Block)]
    for block, gate in zip(blocks, gates, strict=True):
        block.activation = nn.SiLU()
        assert block.widen.bias is not None
        assert block.narrow.bias is not None
        block.widen.weight.data *= gate.slope[:, None, None, None]
        block.widen.bias.data *= gate.slope
        block.narrow.bias.data += block.narrow.weight.data[:, :, 0, 0] @ gate.offset
        block.narrow.weight.data *= (gate.scale / gate.slope)[None, :, None, None]
    return result


def _fold_stem(stem: PlainStem) -> None:
    """The gate in a stem, in place: one slope for all, as its consumer pads with zeros, which an offset would shift."""
    assert stem.first.bias is not None
    stem.activation = nn.SiLU()
    stem.first.weight.data *= _COMMON_SLOPE
    stem.first.bias.data *= _COMMON_SLOPE
    stem.shrink.weight.data /= _COMMON_SLOPE
