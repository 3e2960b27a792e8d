"""Quantises the published float detector: ranges from rendered pages, then the integer graph.

The same seed and pages give the same file on the same machine.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import torch

from edgeocr.model.training.data.lines import LineMaker
from edgeocr.model.training.detection import neck as necks
from edgeocr.model.training.detection import published
from edgeocr.model.training.detection.forward import Weights, with_weights
from edgeocr.model.training.detection.layers import sources
from edgeocr.model.training.detection.pages import Page, PageMaker
from edgeocr.model.training.detection.quantise import integer_model
from edgeocr.model.training.detection.ranges import adjusted, observe
from edgeocr.model.training.distillation.recipe import Recipe, line_maker
from edgeocr.model.training.integer.fit_pairs import fit_pairs
from edgeocr.model.training.integer.pairing import order_channels

NAME = "PP-OCRv3 detector, INT8"


def build(wheels_dir: Path, pages: Iterable[Page], path: Path, neck: Weights | None = None) -> None:
    """Write the detector: 1×H×W×3 uint8 BGR in, H×W uint8 probabilities out, 0–255.

    Args:
        wheels_dir: has the published network.
        pages: for the ranges, and to fit pairs of weights on.
        path: file to write.
        neck: weights that stand in place of its own.

    Raises:
        ValueError: the downloaded file is not the pinned one, or the weights are another network's.
    """
    pages = list(pages)
    layers = with_weights(published.load(wheels_dir), neck or {})
    (source,) = sources(layers)
    ranges = observe(layers, ({source: published.planes(page.image[np.newaxis])} for page in pages))
    model = integer_model(layers, adjusted(layers, ranges), source, published.ZERO_PIXEL)
    order_channels(model)
    fit_pairs(model, ({"pixels": page.image[np.newaxis]} for page in pages))
    onnx.save(model, str(path))


def rendered(lines: LineMaker, seed: int, count: int) -> Iterable[Page]:
    """The calibration pages."""
    maker = PageMaker(lines, seed)
    return (maker.page(index) for index in range(count))


def main() -> None:
    """Build the detector from a cache with charset, faces and texts."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="cache folder of training")
    parser.add_argument("--to", type=Path, required=True, help="file to write")
    parser.add_argument("--neck", type=Path, help="weights of a narrow neck, as `distill` keeps them")
    parser.add_argument("--pages", type=int, default=Recipe.detector_pages, help="pages to render (%(default)s)")
    parser.add_argument("--seed", type=int, default=Recipe.seed, help="of the pages (%(default)s)")
    arguments = parser.parse_args()
    # With two threads the order of additions varies, and so would the file.
    torch.set_num_threads(1)
    recipe = Recipe(arguments.cache)
    lines, _ = line_maker(recipe)
    neck = necks.load(arguments.neck) if arguments.neck else None
    build(recipe.wheels_dir, rendered(lines, arguments.seed, arguments.pages), arguments.to, neck)
    print(f"{arguments.to}: {arguments.to.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
