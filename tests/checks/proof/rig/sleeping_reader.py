"""A stand-in for the reader, for gates that are about all the rest."""

import time

import numpy as np

from edgeocr.model.options import EVERYTHING, Mode, ReaderSettings
from edgeocr.model.page import Batch, DetectedPage
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.pixels import Picture
from edgeocr.model.recognition.recogniser import BATCH_PIXELS
from edgeocr.model.results import Line, LineRead
from edgeocr.model.timing import Stage

PAGE_LINES = 20
"""Lines of a page that it finds."""

_WIDTH, _HEIGHT = 320, 48
_BATCH_LINES = 4


class SleepingReader(Reader):
    """Finds a line, or a page's, without a look at the image, and sleeps over each batch."""

    def __init__(self, models: Models, settings: ReaderSettings, *, seconds: float) -> None:
        self.models = models
        self._settings = settings
        self._seconds = seconds
        self._picture = Picture(np.zeros((_HEIGHT, _WIDTH, 3), np.uint8), _WIDTH, _HEIGHT)
        self._polygon = ((0.0, 0.0), (float(_WIDTH), 0.0), (float(_WIDTH), float(_HEIGHT)), (0.0, float(_HEIGHT)))

    def decode(self, source, reduction, trace, check=None):
        with trace.timing(Stage.DECODE):
            return self._picture

    def find(self, picture, mode, trace, index=0, *, preparation=EVERYTHING, reading=None):
        polygons = [self._polygon] * (1 if mode is Mode.LINE else PAGE_LINES)
        return DetectedPage(picture, mode, polygons, polygons, index)

    def batches(self, detected, most_pixels=BATCH_PIXELS):
        lines = range(len(detected.polygons))
        return [
            Batch(tuple(lines[start : start + _BATCH_LINES]), _WIDTH) for start in range(0, len(lines), _BATCH_LINES)
        ]

    def recognise(self, detected, batch, trace, check=lambda: None):
        with trace.timing(Stage.RECOGNISE):
            time.sleep(self._seconds)
        trace.batches.append(len(batch.lines))
        return [
            LineRead(detected.index, line, Line(self._polygon, "Invoice 2026-00417", 0.98, ())) for line in batch.lines
        ]
