"""Calibration lines, which training does not use, and the ranges of activations observed on them."""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from edgeocr.model.training.distillation.recipe import Recipe, line_maker
from edgeocr.model.training.integer.backbone import is_float, look
from edgeocr.model.training.integer.floats import Observer, Rounded
from edgeocr.model.training.integer.ranges import Method, Range, choose
from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.crnn import Crnn
from edgeocr.model.training.networks.tensors import Image

_FROM = 1_000_000
"""First number of the recipe's lines that are for calibration only."""

_WIDEST_PIXELS = 640
"""Maximum width for tuning: longer lines add cost and no information."""


def lines(recipe: Recipe, count: int, first: int = 0) -> list[Image]:
    """Render lines, 48×W×3 BGR, equally many of each kind."""
    maker, _ = line_maker(recipe)
    kinds = maker.kinds
    return [
        maker.line_of(np.random.default_rng((recipe.seed, _FROM + number)), kinds[number % len(kinds)]).image
        for number in range(first, first + count)
    ]


def batch(images: Iterable[Image], count: int, width_pixels: int = 320) -> Tensor:
    """Lines of similar width as a network's input, N×3×48×W."""
    fitting = [image for image in images if 0.6 * width_pixels < image.shape[1] <= width_pixels]
    return torch.tensor(tensors.to_input(fitting[:count], width_pixels))


def batches(images: Sequence[Image], count: int, size: int) -> list[Tensor]:
    """Random batches of lines of one bucket each, by a fixed seed."""
    buckets: dict[int, list[Image]] = defaultdict(list)
    for image in images:
        buckets[tensors.padded_width(image.shape[1])].append(image)
    full = {width: found for width, found in buckets.items() if len(found) >= size and width <= _WIDEST_PIXELS}
    draw = random.Random(0)
    widths = draw.choices(list(full), [len(found) for found in full.values()], k=count)
    return [torch.tensor(tensors.to_input(draw.sample(full[width], size), width)) for width in widths]


@torch.no_grad()
def backbone_ranges(student: Crnn, images: Iterable[Image], method: Method = "error") -> dict[str, Range]:
    """Observe the float backbone and choose the range of each result that is quantised."""
    observer = Observer()
    for image in images:
        look(student.backbone, torch.tensor(tensors.to_input([image])), observer)
    layout = student.backbone.layout
    rounded = {name: seen for name, seen in observer.seen.items() if not is_float(layout, name)}
    return choose(rounded, method, observer.gated)


@torch.no_grad()
def neck_ranges(student: Crnn, ranges: Mapping[str, Range], images: Iterable[Image]) -> dict[str, Range]:
    """Observe the inputs of the neck's integer matrices, on quantised features.

    Their ranges cover all observed values: unlike a page's background, no single value needs precision.
    """
    observer, neck = Observer(), student.neck
    rounding = Rounded(ranges)
    for image in images:
        features = look(student.backbone, torch.tensor(tensors.to_input([image])), rounding).squeeze(2)
        for name, values in neck.rounded(features).items():
            observer.note(name, values)
    return choose(observer.seen, "extremes")
