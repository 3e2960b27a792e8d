"""Writes the quantised recogniser, and compares it with its simulation in PyTorch."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch

from edgeocr.model.training.distillation.features import single_threaded
from edgeocr.model.training.integer import split
from edgeocr.model.training.integer.backbone import look
from edgeocr.model.training.integer.floats import Rounded
from edgeocr.model.training.integer.graphs.recogniser import recogniser
from edgeocr.model.training.integer.pipeline import Quantised
from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.tensors import Image
from edgeocr.model.training.networks.unsigned import store_unsigned

_TOLERANCE = 0.25
"""Graph and simulation may round a value half-way between two steps differently, and later layers amplify that to about
a tenth. An error in the graph makes ten times as much."""


def export(quantised: Quantised, folder: Path, images: Sequence[Image], prefix: str = "") -> float:
    """Write the recogniser in two files: N×48×W×3 uint8 BGR to features, and features to logits; all but 48 dynamic.

    Args:
        quantised: the network.
        folder: where to.
        images: lines, 48×W×3 BGR, for the comparison.
        prefix: of the files' names.

    Returns:
        The root mean square difference of the logits to the simulation's, as a share of their deviation.

    Raises:
        ValueError: that is beyond 0.25.
    """
    model = recogniser(quantised.network, quantised.ranges)
    for half, name in zip(split.split(model), (split.FILE, split.HEAD_FILE), strict=True):
        store_unsigned(half)
        onnx.save(half, str(folder / f"{prefix}{name}"))
    session, head = (single_threaded(folder / f"{prefix}{name}") for name in (split.FILE, split.HEAD_FILE))
    rounding = Rounded(quantised.ranges)
    squares = wanted_squares = 0.0
    for image in images:
        (steps,) = session.run(None, {"pixels": tensors.to_pixels([image])})[0]
        found = head.run(None, {head.get_inputs()[0].name: steps})[0]
        with torch.no_grad():
            features = look(quantised.network.backbone, torch.tensor(tensors.to_input([image])), rounding)
            wanted = quantised.network.head(quantised.network.neck(features.squeeze(2))).numpy()
        squares += float(((found - wanted) ** 2).sum())
        wanted_squares += float(((wanted - wanted.mean()) ** 2).sum())
    difference = float(np.sqrt(squares / wanted_squares))
    if difference > _TOLERANCE:
        raise ValueError(f"exported logits differ by {difference:.2g} of their deviation")
    return difference
