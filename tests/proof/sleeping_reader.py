"""A stand-in for the reader, for gates that are about all the rest."""

import time

import numpy as np

from edgeocr.model.image import Mode
from edgeocr.model.pipeline import Batch, Sheet, Stage
from edgeocr.model.results import Line, LineRead

PAGE_LINES = 20
"""Lines of a page that it finds."""

_BATCH_LINES = 4


class SleepingReader:
    """Finds a line, or a page's, without a look at the image, and sleeps over each batch."""

    def __init__(self, models: object, seconds: float) -> None:
        self._seconds = seconds
        self._pixels = np.zeros((48, 320, 3), np.uint8)
        self._polygon = ((0.0, 0.0), (320.0, 0.0), (320.0, 48.0), (0.0, 48.0))

    def find(self, source, mode, trace, checkpoint=lambda: None):
        with trace.timing(Stage.DECODE):
            checkpoint()
        count = 1 if mode is Mode.LINE else PAGE_LINES
        lines = range(count)
        batches = tuple(
            Batch(tuple(lines[start : start + _BATCH_LINES]), 320) for start in range(0, count, _BATCH_LINES)
        )
        return Sheet(self._pixels, mode, [self._polygon] * count, batches)

    def recognise(self, sheet, batch, trace):
        with trace.timing(Stage.RECOGNISE):
            time.sleep(self._seconds)
        trace.batches.append(len(batch.lines))
        return [LineRead(0, line, Line(self._polygon, "Invoice 2026-00417", 0.98, ())) for line in batch.lines]
