"""Processor time of reading, without a server, on one thread: by the width of a line and by the size of a page."""

import time
from collections.abc import Sequence

import cv2

from edgeocr.model.files.image import EncodedImage
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import Mode
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.timing import Trace
from tests.support.rendering import encoded, line, page

LINE_WIDTHS = (80, 160, 320, 480, 640, 960, 1280, 1920)
PAGES = {"640 × 480": (640, 480), "A4, 100 dpi": (827, 1169), "A4, 150 dpi": (1240, 1754), "A4, 200 dpi": (1654, 2339),
         "A4, 300 dpi": (2480, 3508)}  # fmt: skip
STAGES = ("decode", "detect", "recognize")
PAGE_LINES = 24
_HEIGHT = 48
_TEXT = "Invoice 2026-00417 本周五下午三点开会 TOTAL 1,284.50 "


def line_of_width(width: int) -> bytes:
    """A PNG file of text, 48 pixels high and so wide."""
    pixels = line(_TEXT * (1 + width // 400), 30)
    height = pixels.shape[0]
    scaled = cv2.resize(pixels, (round(pixels.shape[1] * _HEIGHT / height), _HEIGHT), interpolation=cv2.INTER_AREA)
    return encoded(scaled[:, :width])


def page_of_size(width: int, height: int) -> bytes:
    """A PNG file of a page with 24 lines, whose letters grow with it."""
    size = max(10, round(height / PAGE_LINES / 2.2))
    texts = [(f"{row} Delivery 交货单 B-{417 + row}", (width // 20, round(height * (row + 0.3) / PAGE_LINES)))
             for row in range(PAGE_LINES)]  # fmt: skip
    return encoded(page(texts, width, height, size))


class Reading:
    """Reads in this thread, and measures the processor time."""

    def __init__(self) -> None:
        self._reader = Reader(Models.load(DEFAULT_FOLDER))

    def lines(self, seconds: float) -> dict[int, float]:
        """Milliseconds of a line by its width in pixels."""
        return {width: 1e3 * self._cost(line_of_width(width), Mode.LINE, seconds) for width in LINE_WIDTHS}

    def pages(self, seconds: float) -> dict[str, tuple[float, dict[str, float]]]:
        """Milliseconds of a page, and what share each stage has of its time, by its name."""
        found = {}
        for name, size in PAGES.items():
            data = page_of_size(*size)
            cost = 1e3 * self._cost(data, Mode.PAGE, seconds)
            trace = self._read(data, Mode.PAGE)
            whole = sum(trace.seconds.values())
            found[name] = cost, {stage.value: spent / whole for stage, spent in trace.seconds.items()}
        return found

    def _read(self, data: bytes, mode: Mode) -> Trace:
        trace = Trace()
        for _ in self._reader.read(EncodedImage(data), mode, trace):
            pass
        return trace

    def _cost(self, data: bytes, mode: Mode, seconds: float) -> float:
        """Processor seconds of this thread, the median of so many runs as there is time for."""
        self._read(data, mode)
        costs: list[float] = []
        while sum(costs) < seconds or len(costs) < 3:
            begun = time.thread_time()
            self._read(data, mode)
            costs.append(time.thread_time() - begun)
        return _median(costs)


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
