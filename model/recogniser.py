"""The line recogniser: crops of text lines in, text out.

Lines are scaled to the network's height with their aspect kept, and padded on the right to a bucket's width.
Buckets are close together, since padding costs time and leaks into the network's pooled features.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model import ctc
from edgeocr.model.image import Pixels
from edgeocr.model.manifest import RecogniserSpec
from edgeocr.model.network import Buffer, Network
from edgeocr.model.results import ReadText

BUCKET_PIXELS = 32
BATCH_PIXELS = 1280
"""Most input columns of a batch, all lines together: bounds the activations held at once."""
SCORED_STEPS = 40
"""Time steps whose scores are held at once: with thousands of classes, those of a long line are 20 MB."""

MAX_WIDTH = 3200
"""Longer lines are squeezed to it."""


def bucket_width(spec: RecogniserSpec, width: int, height: int) -> int:
    """The input width in pixels that a crop of that size is padded to."""
    return max(-(-_content_width(spec, width, height) // BUCKET_PIXELS) * BUCKET_PIXELS, spec.min_width)


def _content_width(spec: RecogniserSpec, width: int, height: int) -> int:
    return min(max(1, round(width * spec.height / height)), MAX_WIDTH)


class RecogniserNetworks:
    """The network from pixels to features, and the head from features to scores; many threads may share them."""

    def __init__(self, spec: RecogniserSpec) -> None:
        """Loads both.

        Raises:
            BadModel: one cannot be loaded, or takes or gives something else.
        """
        self.features = Network(spec.file, np.uint8)
        self.head = Network(spec.head, np.float32)


class Recogniser:
    """Reads line crops with shared networks and buffers of its own: one for each worker."""

    def __init__(self, networks: RecogniserNetworks, spec: RecogniserSpec) -> None:
        self._networks = networks
        self._spec = spec
        # A longer line, which is rare, gets memory of its own.
        self._pixels = Buffer(np.uint8, BATCH_PIXELS * spec.height * 3)
        self._logits = Buffer(np.float32, SCORED_STEPS * (len(spec.charset) + 1))

    def bucket(self, width: int, height: int) -> int:
        """The input width in pixels that a crop of that size is padded to."""
        return bucket_width(self._spec, width, height)

    def read(self, crops: Sequence[Pixels], bucket: int) -> list[ReadText]:
        """The texts of H×W×3 BGR crops that share a bucket, in one run of the network."""
        spec = self._spec
        pixels = self._pixels.array((len(crops), spec.height, bucket, 3))
        widths = [_content_width(spec, crop.shape[1], crop.shape[0]) for crop in crops]
        for crop, width, row in zip(crops, widths, pixels, strict=True):
            # Shrinking by area keeps thin strokes that point sampling would lose.
            method = cv2.INTER_AREA if crop.shape[0] > 2 * spec.height else cv2.INTER_LINEAR
            row[:, :width] = cv2.resize(crop, (width, spec.height), interpolation=method)
            row[:, width:] = spec.pad
        features = np.empty((len(crops), bucket // spec.time_step_pixels, spec.features), np.uint8)
        self._networks.features.run(pixels, features)
        classes, probabilities = self._best_path(features.reshape(-1, spec.features))
        rows = zip(classes.reshape(len(crops), -1), probabilities.reshape(len(crops), -1), widths, strict=True)
        return [ctc.decode(path, chances, spec.charset, width / spec.time_step_pixels) for path, chances, width in rows]

    def _best_path(self, features: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Of all time steps of a batch, T×features, whichever line they belong to."""
        parts = []
        for start in range(0, len(features), SCORED_STEPS):
            part = features[start : start + SCORED_STEPS]
            logits = self._logits.array((len(part), len(self._spec.charset) + 1))
            self._networks.head.run(part, logits)
            parts.append(ctc.best_path(logits))
        classes, probabilities = zip(*parts, strict=True)
        return np.concatenate(classes), np.concatenate(probabilities)
