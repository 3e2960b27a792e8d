"""Finds a page's lines, and the direction in which its text runs.

The detected lines show the axis along which text runs. The direction along it is decided by trial recognition: a line
has a far higher confidence the right way up. Upright pages pay nothing for this, since the results are kept.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from edgeocr.model.contrast import Tone
from edgeocr.model.detection.character_grid import with_grid_columns
from edgeocr.model.detection.detail import find_lines
from edgeocr.model.detection.detector import Detector
from edgeocr.model.geometry.margins import with_margins
from edgeocr.model.geometry.polygons import crop, laid_out, line_size, runs_down, upside_down
from edgeocr.model.geometry.pose import LEVEL, Pose, axis_degrees, fitted
from edgeocr.model.options import Preparation
from edgeocr.model.pixels import Pixels
from edgeocr.model.recognition.direction import UNSURE, as_vertical_line
from edgeocr.model.recognition.reading import Glance, LineReading
from edgeocr.model.recognition.vertical import joined
from edgeocr.model.results import Polygon, ReadText
from edgeocr.model.timing import Stage, Trace

_PROBES = 3
"""Maximum number of lines that are read to decide which way up a page is."""
_THIN = 0.6
"""Minimum share of the lines' usual thickness: thinner ones, such as rules and rows of dashes, decide nothing."""
_PROBE_ASPECT = 14.0
"""Maximum aspect ratio of such a line: longer ones take longer and decide no more."""
_SURE = 0.93
"""The mean confidence that only upright text has."""
_PLAIN = 0.97
"""The mean confidence from which a line of this many characters needs no other line to confirm it."""
_PLAIN_CHARACTERS = 8
_DECIDED = 0.2
"""The lead of one direction's confidence from which no more lines are read both ways."""
_READABLE = 0.5
"""Text read with less confidence does not make an upright page count as upside down."""
_ANEW_DEGREES = 2.0
"""If lines are tilted by more, they are detected better in the page rotated back."""


@dataclass(frozen=True, slots=True)
class DetectedLines:
    """A page's lines in reading orientation, from top to bottom.

    Attributes:
        polygons: in pixels of the page.
        pose: how the text lies.
        known: texts that have been read, by the line's index.
        is_vertical: whether lines run downwards in upright characters, and follow one another from right to left.
    """

    polygons: Sequence[Polygon]
    pose: Pose = LEVEL
    known: Mapping[int, ReadText] = field(default_factory=dict)
    is_vertical: bool = False


class OrientationDetector:
    """Finds lines with a detector, and their direction by reading some of them; one for each worker."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def find(
        self, page: Pixels, preparation: Preparation, trace: Trace, tone: Tone, reading: LineReading
    ) -> DetectedLines:
        """The lines of an H×W×3 BGR page, seen by the networks in this tone."""
        with trace.timing(Stage.DETECT):
            found = find_lines(self._detector, page, tone)
            polygons = joined(with_grid_columns(page, tone, found.polygons))
            axis = axis_degrees(polygons)
        if axis is None or not (preparation.orientation or preparation.skew):
            return DetectedLines(laid_out(polygons, LEVEL))
        known: Mapping[Polygon, ReadText] = {}
        is_vertical = False
        degrees = axis if preparation.skew else 90.0 * round(axis / 90.0)
        if preparation.orientation:
            degrees, known, is_vertical = self._sense(page, polygons, degrees, trace, tone, reading)
        else:
            degrees -= 90.0 * round(degrees / 90.0)
        pose = _pose(polygons, degrees, preparation, is_vertical)
        if abs(pose.degrees) > _ANEW_DEGREES and not found.is_close:
            with trace.timing(Stage.DETECT):
                polygons = self._detector.find_turned(page, pose.degrees, polygons, tone) or polygons
            pose, known = _pose(polygons, pose.degrees, preparation, is_vertical), {}
        ordered = laid_out(polygons, pose)
        # A line that runs down among others that do not may be a column, which was not tried.
        kept = {
            line: read
            for line, read in known.items()
            if read.confidence >= UNSURE and (is_vertical or not runs_down(pose.levelled(line)))
        }
        known_places = {place: kept[line] for place, line in enumerate(ordered) if line in kept}
        return DetectedLines(ordered, pose, known_places, is_vertical)

    def _sense(
        self,
        page: Pixels,
        polygons: Sequence[Polygon],
        degrees: float,
        trace: Trace,
        tone: Tone,
        reading: LineReading,
    ) -> tuple[float, Mapping[Polygon, ReadText], bool]:
        """The direction of text along an axis, the texts read in this direction, and whether text is vertical."""
        cuts = _probes(laid_out(polygons, Pose(degrees)), Pose(degrees))
        with trace.timing(Stage.RECOGNISE):
            known: dict[Polygon, ReadText] = {}
            there, back, images = list[Glance](), list[Glance](), list[Pixels]()
            for line, cut in cuts.items():
                image = tone.apply(crop(page, cut))
                trace.batches.append(1)
                there += reading.glance([image])
                (known[line],) = reading.settle([image], there[-1:])
                if abs(degrees) <= 45 and _is_plain(known.values()):
                    return degrees, known, False
            if abs(degrees) <= 45 and _confidence(known.values()) >= _SURE:
                return degrees, known, False
            turned = {upside_down(line): upside_down(cut) for line, cut in cuts.items()}
            for cut in turned.values():
                images.append(tone.apply(crop(page, cut)))
                trace.batches.append(1)
                back += reading.glance(images[-1:])
                lead = _confidence(_texts(back)) - _confidence(_texts(there[: len(back)]))
                if abs(lead) > _DECIDED:
                    break
            else:
                # Where the cheaper recogniser cannot tell, the better one has to.
                back = [Glance(read) for read in reading.settle(images, back)]
                lead = _confidence(_texts(back)) - _confidence(known.values())
            if lead > 0 and (abs(degrees) > 45 or _confidence(_texts(back)) >= _READABLE):
                degrees += 180.0 if degrees <= 0 else -180.0
                cuts, known = turned, dict(zip(turned, reading.settle(images, back), strict=False))
            if 45 < degrees <= 135:
                crops = {line: tone.apply(crop(page, cuts[line])) for line in known}
                columns = {line: as_vertical_line(reading, crops[line], read) for line, read in known.items()}
                if all(columns.values()):
                    return degrees - 90.0, {line: read for line, read in columns.items() if read}, True
        return degrees, known, False


def _pose(polygons: Sequence[Polygon], degrees: float, preparation: Preparation, is_vertical: bool) -> Pose:
    if is_vertical:
        # No more than a column's own width says how level its page is.
        return Pose(degrees) if abs(degrees) > _ANEW_DEGREES else LEVEL
    return fitted(polygons, degrees) if preparation.skew else Pose(degrees)


def _probes(polygons: Sequence[Polygon], pose: Pose) -> dict[Polygon, Polygon]:
    """Lines that tell most, which are long but not the longest, in the order of these, with what is cut out.

    What runs across the others, as level lines among columns do, tells nothing of them; nor does what is thin.
    """
    widths, thicknesses = np.array([line_size(polygon) for polygon in polygons], float).T
    along = np.array([not runs_down(pose.levelled(polygon)) for polygon in polygons])
    thin = thicknesses < _THIN * np.median(thicknesses)
    aspects = np.where(along & ~thin, widths / thicknesses, 0.0)
    places = np.argsort(-np.minimum(aspects, _PROBE_ASPECT), kind="stable")[:_PROBES]
    cuts = with_margins(polygons, pose)
    return {polygons[place]: cuts[place] for place in places}


def _is_plain(reads: Collection[ReadText]) -> bool:
    return _confidence(reads) >= _PLAIN and sum(len(read.characters) for read in reads) >= _PLAIN_CHARACTERS


def _texts(glances: Iterable[Glance]) -> list[ReadText]:
    return [glance.read for glance in glances]


def _confidence(reads: Iterable[ReadText]) -> float:
    """Mean over the characters; 0 if there are none."""
    characters = [character.confidence for read in reads for character in read.characters]
    return float(np.mean(characters)) if characters else 0.0
