"""Tells, while pages are read, which part of the reading is at work.

The functions of the parts are replaced, for as long as a watch lasts, by ones that announce their part before and the
one that was at work after. So each part is reported without those that it calls in turn.
"""

import functools
import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from unittest import mock

from edgeocr.model.pipeline import Models

Result = TypeVar("Result")


class Part(StrEnum):
    """Of the reading of a page."""

    REST = "rest"
    DECODE = "opening the file"
    COLOUR = "seals and contrast"
    DETECTOR_INPUT = "detector: its input"
    DETECTOR = "detector: network"
    POLYGONS = "detector: polygons"
    CLOSER = "small text and strokes"
    COLUMNS = "columns of characters"
    PROBES = "which way up"
    LAYOUT = "tables and order"
    CROPS = "crops"
    LINE_INPUT = "recogniser: its input"
    FEATURES = "recogniser: features"
    HEAD = "recogniser: head"
    CHARACTERS = "characters and spelling"
    PLATES = "plates"
    ANOTHER_WAY = "lines read another way"
    PAGE = "paragraphs and page"


@dataclass(frozen=True)
class Place:
    """A function that does the work of a part.

    Attributes:
        part: to which it belongs.
        module: in which it is looked up when it is called.
        name: there, with the class that has it.
        is_whole: whether what it calls belongs to the same part, whatever that is.
    """

    part: Part
    module: str
    name: str
    is_whole: bool = False


PLACES = (
    Place(Part.DECODE, "edgeocr.model.pipeline", "Reader.decode"),
    Place(Part.COLOUR, "edgeocr.model.pipeline", "seals"),
    Place(Part.COLOUR, "edgeocr.model.pipeline", "without_ink"),
    Place(Part.COLOUR, "edgeocr.model.pipeline", "needed"),
    Place(Part.CLOSER, "edgeocr.model.detection.orientation", "find_lines"),
    Place(Part.DETECTOR_INPUT, "edgeocr.model.detection.detector", "Detector.find"),
    Place(Part.DETECTOR_INPUT, "edgeocr.model.detection.detector", "Detector.find_at"),
    Place(Part.DETECTOR_INPUT, "edgeocr.model.detection.detector", "Detector.find_in_tiles"),
    Place(Part.DETECTOR_INPUT, "edgeocr.model.detection.detector", "Detector.find_turned"),
    Place(Part.DETECTOR, "edgeocr.model.detection.detector", "Detector._run"),
    Place(Part.POLYGONS, "edgeocr.model.detection.detector", "Detector._polygons"),
    Place(Part.COLUMNS, "edgeocr.model.detection.orientation", "joined"),
    Place(Part.COLUMNS, "edgeocr.model.detection.orientation", "with_grid_columns"),
    Place(Part.PROBES, "edgeocr.model.detection.orientation", "OrientationDetector._sense", is_whole=True),
    Place(Part.LAYOUT, "edgeocr.model.pipeline", "analyse_layout"),
    Place(Part.CROPS, "edgeocr.model.page", "DetectedPage.crop"),
    Place(Part.CHARACTERS, "edgeocr.model.recognition.recogniser", "Recogniser.read"),
    Place(Part.LINE_INPUT, "edgeocr.model.recognition.recogniser", "Recogniser._paths"),
    Place(Part.CHARACTERS, "edgeocr.model.recognition.recogniser", "Recogniser._best_path"),
    Place(Part.PLATES, "edgeocr.model.recognition.recogniser", "Recogniser._as_plate", is_whole=True),
    Place(Part.ANOTHER_WAY, "edgeocr.model.recognition.direction", "as_vertical_line", is_whole=True),
    Place(Part.PAGE, "edgeocr.model.page", "DetectedPage.line"),
    Place(Part.PAGE, "edgeocr.model.page", "DetectedPage.page"),
)
"""All that is told apart, but for the recogniser's networks, which only their reader tells apart."""


class Watch:
    """Announces the parts of what is called while it lasts."""

    def __init__(self, announce: Callable[[Part], None]) -> None:
        """Takes what is called whenever another part is at work from then on."""
        self._announce = announce
        self._running = [Part.REST]
        self._is_whole = False

    @contextmanager
    def watching(self, models: Models) -> Iterator[None]:
        """Watches what these loaded networks are used for, while its block runs."""
        recognisers = [one for one in (models.recogniser, models.fast_recogniser) if one]
        networks = [(Part.FEATURES, one.features) for one in recognisers]
        networks += [(Part.HEAD, one.head) for one in recognisers]
        with ExitStack() as replaced:
            for place in PLACES:
                owner: Any = importlib.import_module(place.module)
                *outer, name = place.name.split(".")
                for member in outer:
                    owner = getattr(owner, member)
                self._replace(replaced, owner, name, place.part, is_whole=place.is_whole)
            for part, network in networks:
                self._replace(replaced, network, "run", part, is_whole=False)
            yield

    def _replace(self, replaced: ExitStack, owner: Any, name: str, part: Part, *, is_whole: bool) -> None:
        watched = self._watched(getattr(owner, name), part, is_whole=is_whole)
        replaced.enter_context(mock.patch.object(owner, name, watched))

    def _watched(self, function: Callable[..., Result], part: Part, *, is_whole: bool) -> Callable[..., Result]:
        @functools.wraps(function)
        def watched(*arguments: Any, **named: Any) -> Result:
            if self._is_whole:
                return function(*arguments, **named)
            self._running.append(part)
            self._is_whole = is_whole
            self._announce(part)
            try:
                return function(*arguments, **named)
            finally:
                self._running.pop()
                self._is_whole = False
                self._announce(self._running[-1])

        return watched
