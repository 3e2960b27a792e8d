"""Writes the line that the server reads at its start to verify the weights, and the features expected of it."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from edgeocr.model.recognition import ctc
from edgeocr.model.recognition.rules.spelling import spelled
from edgeocr.model.training.distillation.features import single_threaded
from edgeocr.model.training.integer import split
from edgeocr.model.training.networks.backbone import HEIGHT_PIXELS, PIXELS_PER_STEP

IMAGE, FEATURES = "known-line.png", "known-line.features"
_WIDTH_PIXELS = 256


def write(folder: Path, charset: Sequence[str], prefix: str = "") -> str:
    """Draw the line, read it with a folder's recogniser, and write both into the folder; returns its text.

    All three files' names begin with the prefix.
    """
    line = np.full((HEIGHT_PIXELS, _WIDTH_PIXELS, 3), (20, 220, 250), np.uint8)
    cv2.putText(line, "Edge OCR 2048-B", (6, 33), cv2.FONT_HERSHEY_SIMPLEX, 0.85, (200, 20, 10), 2, cv2.LINE_AA)
    cv2.imwrite(str(folder / f"{prefix}{IMAGE}"), line)
    (features,) = single_threaded(folder / f"{prefix}{split.FILE}").run(None, {"pixels": line[np.newaxis]})
    (folder / f"{prefix}{FEATURES}").write_bytes(features.tobytes())
    head = single_threaded(folder / f"{prefix}{split.HEAD_FILE}")
    (scores,) = head.run(None, {head.get_inputs()[0].name: features[0]})
    path = ctc.best_path(scores)
    return spelled(ctc.decode(path, charset, _WIDTH_PIXELS / PIXELS_PER_STEP), ctc.centres(path.classes)).text
