"""Finds a page's lines whichever way it lies.

The lines that the detector finds tell along which axis text runs. In which sense, reading tells: a line is read far
more surely the right way up. Upright pages pay nothing for that, since what was read then need not be read again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from edgeocr.model.detector import Detector
from edgeocr.model.enhancement import Tone
from edgeocr.model.image import Pixels
from edgeocr.model.layout import crop, laid_out, line_size, upside_down
from edgeocr.model.posture import LEVEL, Posture, axis_degrees, fitted
from edgeocr.model.preparation import Preparation
from edgeocr.model.recogniser import Recogniser
from edgeocr.model.results import Polygon, ReadText
from edgeocr.model.trace import Stage, Trace

_PROBES = 3
"""Lines that are read to tell which way up a page is."""
_PROBE_ASPECT = 14.0
"""Longer lines tell no more, and take longer."""
UNSURE = 0.85
"""A line that is read with less confidence may stand on its head, whatever the others do."""
_SURE = 0.93
"""The mean confidence that only upright text has."""
_DECIDED = 0.2
"""By how much one way's confidence must be ahead for no more lines to be read both ways."""
_ANEW_DEGREES = 2.0
"""Lines that are less level than this are found better in the page turned back."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page's lines in reading order and orientation.

    Attributes:
        polygons: in pixels of the page.
        posture: how the text lies.
        known: what was read already, by the line's place.
    """

    polygons: Sequence[Polygon]
    posture: Posture = LEVEL
    known: Mapping[int, ReadText] = field(default_factory=dict)


class Straightener:
    """Finds lines with a detector, and a recogniser where that cannot know; one for each worker."""

    def __init__(self, detector: Detector, recogniser: Recogniser) -> None:
        self._detector = detector
        self._recogniser = recogniser

    def find(self, page: Pixels, preparation: Preparation, trace: Trace, tone: Tone) -> Found:
        """The lines of an H×W×3 BGR page, which the networks see in that tone."""
        with trace.timing(Stage.DETECT):
            polygons = self._detector.find(page, tone)
            axis = axis_degrees(polygons)
        if axis is None or not (preparation.orientation or preparation.skew):
            return Found(laid_out(polygons, LEVEL))
        known: Mapping[Polygon, ReadText] = {}
        degrees = axis if preparation.skew else 90.0 * round(axis / 90.0)
        if preparation.orientation:
            degrees, known = self._sense(page, polygons, degrees, trace, tone)
        else:
            degrees -= 90.0 * round(degrees / 90.0)
        posture = _posture(polygons, degrees, preparation)
        if abs(posture.degrees) > _ANEW_DEGREES:
            with trace.timing(Stage.DETECT):
                polygons = self._detector.find_turned(page, posture.degrees, polygons, tone) or polygons
            posture, known = _posture(polygons, posture.degrees, preparation), {}
        ordered = laid_out(polygons, posture)
        kept = {line: read for line, read in known.items() if read.confidence >= UNSURE}
        return Found(ordered, posture, {place: kept[line] for place, line in enumerate(ordered) if line in kept})

    def _sense(
        self, page: Pixels, polygons: Sequence[Polygon], degrees: float, trace: Trace, tone: Tone
    ) -> tuple[float, Mapping[Polygon, ReadText]]:
        """In which of two senses text runs along an axis, and what was read to tell, in this sense."""
        lines = _probes(laid_out(polygons, Posture(degrees)))
        with trace.timing(Stage.RECOGNISE):
            there = {line: self._read(page, line, trace, tone) for line in lines}
            if abs(degrees) <= 45 and _confidence(there.values()) >= _SURE:
                return degrees, there
            back: dict[Polygon, ReadText] = {}
            for line in lines:
                back[upside_down(line)] = self._read(page, upside_down(line), trace, tone)
                lead = _confidence(back.values()) - _confidence([there[line] for line in lines[: len(back)]])
                if abs(lead) > _DECIDED:
                    break
        if lead <= 0:
            return degrees, there
        return degrees + (180.0 if degrees <= 0 else -180.0), back

    def _read(self, page: Pixels, line: Polygon, trace: Trace, tone: Tone) -> ReadText:
        trace.batches.append(1)
        (read,) = self._recogniser.read([tone.apply(crop(page, line))], self._recogniser.bucket(*line_size(line)))
        return read


def _posture(polygons: Sequence[Polygon], degrees: float, preparation: Preparation) -> Posture:
    return fitted(polygons, degrees) if preparation.skew else Posture(degrees)


def _probes(polygons: Sequence[Polygon]) -> list[Polygon]:
    """Lines that tell most: long ones, but not the longest, in the order in which they were found."""
    aspects = np.array([width / height for width, height in map(line_size, polygons)])
    return [polygons[place] for place in np.argsort(-np.minimum(aspects, _PROBE_ASPECT), kind="stable")[:_PROBES]]


def _confidence(reads: Iterable[ReadText]) -> float:
    """Mean over the characters; 0 if there are none."""
    characters = [character.confidence for read in reads for character in read.characters]
    return float(np.mean(characters)) if characters else 0.0
