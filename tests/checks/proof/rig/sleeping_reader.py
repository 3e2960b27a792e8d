"""A stand-in for the reader, for gates that are about all the rest: what it finds and composes is made once."""

import time
from functools import cache

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
BATCH_LINES = 4
SECONDS = 0.001
"""How long it sleeps over a batch, where nothing else is said."""

_WIDTH, _HEIGHT = 320, 48
_PICTURE = Picture(np.zeros((_HEIGHT, _WIDTH, 3), np.uint8), _WIDTH, _HEIGHT)
_POLYGON = ((0.0, 0.0), (float(_WIDTH), 0.0), (float(_WIDTH), float(_HEIGHT)), (0.0, float(_HEIGHT)))
_LINE = Line(_POLYGON, "Invoice 2026-00417", 0.98, ())


class _Found(DetectedPage):
    """A page whose lines are known."""

    def page(self, lines, *, partial=False):
        is_known = not (partial or self.index)
        return page_of(self.mode) if is_known else DetectedPage.page(self, lines, partial=partial)


@cache
def _found(mode, index=0):
    polygons = [_POLYGON] * (1 if mode is Mode.LINE else PAGE_LINES)
    return _Found(_PICTURE, mode, polygons, polygons, index)


@cache
def page_of(mode):
    """The page that it makes of an image."""
    found = _found(mode)
    return DetectedPage.page(found, [LineRead(0, line, _LINE) for line in range(len(found.polygons))])


@cache
def _batches(count):
    lines = range(count)
    return [Batch(tuple(lines[start : start + BATCH_LINES]), _WIDTH) for start in range(0, count, BATCH_LINES)]


@cache
def _read(lines, index):
    return [LineRead(index, line, _LINE) for line in lines]


class SleepingReader(Reader):
    """Finds a line, or a page's, without a look at the image, and sleeps over each batch."""

    def __init__(self, models: Models, settings: ReaderSettings, *, seconds: float) -> None:
        self.models = models
        self._settings = settings
        self._seconds = seconds

    def decode(self, source, reduction, trace, check=None):
        with trace.timing(Stage.DECODE):
            return _PICTURE

    def find(self, picture, mode, trace, index=0, *, preparation=EVERYTHING, reading=None, check=lambda: None):
        return _found(mode, index)

    def first_lines(self, detected, trace, check=lambda: None):
        return ()

    def batches(self, detected, most_pixels=BATCH_PIXELS):
        return _batches(len(detected.polygons))

    def recognise(self, detected, batch, trace, check=lambda: None):
        with trace.timing(Stage.RECOGNISE):
            time.sleep(self._seconds)
        trace.batches.append(len(batch.lines))
        return _read(batch.lines, detected.index)
