"""Writes the quantised recogniser, after a comparison with its simulation in PyTorch."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch

from edgeocr.model.training.integer import split
from edgeocr.model.training.integer.backbone import look
from edgeocr.model.training.integer.fit_pairs import fit_pairs
from edgeocr.model.training.integer.floats import Rounded
from edgeocr.model.training.integer.graphs.recogniser import recogniser
from edgeocr.model.training.integer.pairing import order_channels
from edgeocr.model.training.integer.pipeline import Quantised
from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.onnx_file import on_one_thread
from edgeocr.model.training.networks.tensors import Image

_COMPARED_LINES = 12
_TOLERANCE = 0.25
"""Graph and simulation may round a value half-way between two steps differently, and later layers amplify that to about
a tenth. An error in the graph makes ten times as much."""


def export(quantised: Quantised, folder: Path, images: Sequence[Image], prefix: str = "") -> float:
    """Write the recogniser in two files: N×48×W×3 uint8 BGR to features, and features to logits; all but 48 dynamic.

    Args:
        quantised: the network.
        folder: where to.
        images: lines, 48×W×3 BGR, of every kind, to fit pairs of weights on; some are for the comparison too.
        prefix: of the files' names.

    Returns:
        The root mean square difference of the logits to the simulation's, as a share of their deviation, before pairs
        are fitted.

    Raises:
        ValueError: that is beyond 0.25.
    """
    model = recogniser(quantised.network, quantised.ranges)
    difference = _difference(model, quantised, images[:_COMPARED_LINES])
    if difference > _TOLERANCE:
        raise ValueError(f"exported logits differ by {difference:.2g} of their deviation")
    order_channels(model)
    fit_pairs(model, ({"pixels": tensors.to_pixels([image])} for image in images))
    for half, name in zip(split.split(model), (split.FILE, split.HEAD_FILE), strict=True):
        onnx.save(half, str(folder / f"{prefix}{name}"))
    return difference


def _difference(model: onnx.ModelProto, quantised: Quantised, images: Sequence[Image]) -> float:
    session = on_one_thread(model.SerializeToString())
    rounding = Rounded(quantised.ranges)
    squares = wanted_squares = 0.0
    for image in images:
        (found,) = session.run(None, {"pixels": tensors.to_pixels([image])})
        with torch.no_grad():
            features = look(quantised.network.backbone, torch.tensor(tensors.to_input([image])), rounding)
            wanted = quantised.network.head(quantised.network.neck(features.squeeze(2))).numpy()
        squares += float(((found - wanted) ** 2).sum())
        wanted_squares += float(((wanted - wanted.mean()) ** 2).sum())
    return float(np.sqrt(squares / wanted_squares))
