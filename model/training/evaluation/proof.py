"""Verifies that the rebuilt teacher equals the published one: the same probabilities for the same lines."""

import argparse
from pathlib import Path

import numpy as np
import torch

from edgeocr.model.training.distillation.features import single_threaded
from edgeocr.model.training.networks.backbone import HEIGHT_PIXELS
from edgeocr.model.training.networks.teacher import load_teacher

TOLERANCE = 1e-4


@torch.no_grad()
def largest_difference(path: Path) -> float:
    """Compare the rebuilt model with the ONNX file over three shapes of random lines.

    Returns:
        The maximum difference of a probability.

    Raises:
        ValueError: it is not below 0.0001.
    """
    teacher, _ = load_teacher(path)
    session = single_threaded(path)
    rng = np.random.default_rng(0)
    largest = 0.0
    for batch, width in ((1, 320), (2, 96), (1, 800)):
        lines = rng.uniform(-1, 1, (batch, 3, HEIGHT_PIXELS, width)).astype(np.float32)
        published = session.run(None, {session.get_inputs()[0].name: lines})[0]
        rebuilt = teacher(torch.tensor(lines)).softmax(-1).numpy()
        largest = max(largest, float(np.abs(published - rebuilt).max()))
    if largest >= TOLERANCE:
        raise ValueError(f"the rebuilt teacher differs by {largest:.2g}")
    return largest


def main() -> None:
    """Print the largest difference between PP-OCRv6 small as published and as rebuilt."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--teacher", type=Path, required=True, help="the published ONNX file")
    print(f"largest difference {largest_difference(parser.parse_args().teacher):.2g}")


if __name__ == "__main__":
    main()
