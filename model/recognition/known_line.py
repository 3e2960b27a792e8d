"""Reads a line whose result is known when weights are loaded, to detect machines that compute wrong results.

If integer products overflow on a machine or in a build of ONNX Runtime, most lines are read correctly and some are
wrong, without any error. Features reveal it: where pairs of signed weights overflow on an x86-64 CPU without VNNI, they
differ by some two and a half steps of 255 on average, while exact kernels of x86-64 and aarch64 agree to the last bit.
"""

import cv2
import numpy as np

from edgeocr.model.networks.manifest import RecogniserSpec
from edgeocr.model.recognition.recogniser import Recogniser, RecogniserNetworks

_MOST_APART = 0.5
"""Maximum mean difference of features, in steps of 255, on a machine that computes correctly."""
_BLANK_SIDE_PIXELS = 64


def check_known_line(networks: RecogniserNetworks, spec: RecogniserSpec) -> None:
    """Reads the known line of a manifest, or a blank one for lack of it; this also does what is initialised lazily.

    Raises:
        ValueError: the result differs on this machine.
    """
    recogniser = Recogniser(networks, spec)
    known = spec.known_line
    if known is None:
        side = _BLANK_SIDE_PIXELS
        recogniser.read([np.full((side, side, 3), 255, np.uint8)])
        return
    line = np.asarray(cv2.imdecode(np.frombuffer(known.image, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    height, width = line.shape[:2]
    bucket = recogniser.bucket(width, height)
    if (height, width) != (spec.height, bucket):
        raise ValueError(f"its known line has {width}×{height} pixels, not {bucket}×{spec.height}")
    wanted = np.frombuffer(known.features, np.uint8).reshape(1, -1, spec.features)
    features = np.empty_like(wanted)
    networks.features.run(line[np.newaxis], features)
    apart = float(np.abs(features.astype(np.int16) - wanted).mean())
    if apart > _MOST_APART:
        raise ValueError(f"features of its known line are {apart:.2f} steps apart on this machine, not {_MOST_APART:g}")
    (read,) = recogniser.read([line])
    if read.text != known.text:
        raise ValueError(f"its known line is read as {read.text!r} on this machine, not {known.text!r}")
