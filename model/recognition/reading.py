"""Adaptive reading: all lines with the fast recogniser, and what it is not sure of again with the accurate one.

That is a few pieces of most lines. The accurate one's text is kept unless its confidence is far lower; both confidences
are calibrated, and comparable. Either recogniser can also read everything alone.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgeocr.model.options import Reading
from edgeocr.model.pixels import Pixels
from edgeocr.model.recognition.certainty import calibrated, likelihood
from edgeocr.model.recognition.pieces import Piece, doubtful, replaced, whole
from edgeocr.model.recognition.recogniser import Recogniser
from edgeocr.model.recognition.rules.ballot_boxes import BOXES
from edgeocr.model.recognition.rules.rule import DecodingRule
from edgeocr.model.results import LineReader, ReadText
from edgeocr.model.timing import Trace

_FAR_LESS_SURE = 0.5
"""Minimum ratio of the accurate recogniser's likelihood to the fast one's: if their texts differ, the fast one is wrong
more often than its confidence says."""
_SURE_OF_PIECE = 0.6
"""Minimum likelihood of a piece of a line that the accurate recogniser reads without the rest."""
_OF_WHOLE_LINES = frozenset({DecodingRule.PLATES, DecodingRule.BOXES})
"""Rules that do not apply to pieces of lines."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What the cheaper recogniser in use makes of a line, and what of it is to be read again."""

    read: ReadText
    doubtful: Sequence[Piece] = ()


@dataclass(frozen=True, slots=True)
class Recognisers:
    """The recognisers of the weights; one set for each worker."""

    accurate: Recogniser
    fast: Recogniser | None = None

    def bucket(self, width: int, height: int) -> int:
        """The most input columns that either takes for a crop of that size."""
        return max(recogniser.bucket(width, height) for recogniser in (self.accurate, self.fast) if recogniser)

    def likelihood(self, read: ReadText) -> float:
        """The probability that all of a text is right, 0–1, by the calibration of the recogniser that read it."""
        recogniser = self.fast if self.fast and read.reader is LineReader.FAST else self.accurate
        return likelihood(read, recogniser.spec.calibration)


class LineReading:
    """The reading of one page's lines, or of a part of them; for one thread."""

    def __init__(
        self, recognisers: Recognisers, reading: Reading, trace: Trace, check: Callable[[], None] = lambda: None
    ) -> None:
        """Takes the recognisers, and how they are used.

        Args:
            recognisers: what there is.
            reading: which of them are used.
            trace: counts the lines and seconds of each.
            check: called between the runs of a long line; what it raises ends the reading.
        """
        self._recognisers = recognisers
        fast = None if reading is Reading.ACCURATE else recognisers.fast
        self._first = fast or recognisers.accurate
        self._second = recognisers.accurate if fast is not None and reading is Reading.ADAPTIVE else None
        self._trace = trace
        self._check = check

    def read(self, crops: Sequence[Pixels]) -> list[ReadText]:
        """The texts of H×W×3 BGR crops of about one width."""
        return self.settle(crops, self.glance(crops))

    def glance(self, crops: Sequence[Pixels]) -> list[Glance]:
        """The texts of crops by the cheaper recogniser in use, which suffice to compare directions."""
        if not crops:
            return []
        begin = time.monotonic()
        # What it takes for a plate, the second reads.
        texts = self._first.read(crops, self._check, without=() if self._second is None else (DecodingRule.PLATES,))
        self._trace.note_reader(self._first.name, len(crops), time.monotonic() - begin)
        return [Glance(read, self._doubtful(crop, read)) for crop, read in zip(crops, texts, strict=True)]

    def settle(self, crops: Sequence[Pixels], glances: Sequence[Glance]) -> list[ReadText]:
        """The final texts of crops, given what `glance` makes of them."""
        lines = [(crop, glance.read) for crop, glance in zip(crops, glances, strict=True)]
        asked = [(place, piece) for place, glance in enumerate(glances) for piece in glance.doubtful]
        again = self._read_again(lines, asked)
        # What even the accurate recogniser cannot tell by a piece of a line, it may by all of it.
        wholes = [
            (place, whole(glances[place].read, crops[place]))
            for place, found in sorted(again.items())
            if any(self._recognisers.likelihood(read) < _SURE_OF_PIECE for _, read in found)
        ]
        again |= self._read_again(lines, [one for one in wholes if one not in asked])
        self._trace.read_again += len(again)
        texts = [glance.read for glance in glances]
        for place, found in again.items():
            crop, read = lines[place]
            if stands := [one for one in found if self._is_better(crop, read, *one)]:
                texts[place] = replaced(read, stands, crop.shape[1])
        return texts

    def columns_again(self, crop: Pixels, glance: Glance) -> int:
        """The input columns of what is read again of a crop."""
        return sum(self._columns(crop, piece) for piece in glance.doubtful)

    def _is_better(self, crop: Pixels, glanced: ReadText, piece: Piece, again: ReadText) -> bool:
        """Whether the accurate recogniser's text of a piece of a crop stands."""
        if _loses_edge(piece.of(glanced).text, again.text, piece.left > 0, piece.right < crop.shape[1]):
            return False
        least = _FAR_LESS_SURE * self._recognisers.likelihood(piece.of(glanced))
        return self._recognisers.likelihood(again) >= least or self._may_be_plate(crop, glanced)

    def _read_again(
        self, lines: Sequence[tuple[Pixels, ReadText]], asked: Sequence[tuple[int, Piece]]
    ) -> dict[int, list[tuple[Piece, ReadText]]]:
        """What the accurate recogniser reads in pieces, by line, each in a run with those that take as much."""
        runs: dict[tuple[int, bool], list[tuple[int, Piece]]] = {}
        for place, piece in asked:
            crop, read = lines[place]
            runs.setdefault((self._columns(crop, piece), piece == whole(read, crop)), []).append((place, piece))
        begin = time.monotonic()
        found: dict[int, list[tuple[Piece, ReadText]]] = {}
        for (_, is_whole), pieces in runs.items():
            images = [lines[place][0][:, piece.left : piece.right] for place, piece in pieces]
            without = () if is_whole else _OF_WHOLE_LINES
            again = self._recognisers.accurate.read(images, self._check, without=without)
            for (place, piece), read in zip(pieces, again, strict=True):
                found.setdefault(place, []).append((piece, read))
        if asked:
            self._trace.note_reader(self._recognisers.accurate.name, len(found), time.monotonic() - begin)
        return found

    def _doubtful(self, crop: Pixels, glanced: ReadText) -> list[Piece]:
        """The pieces of a crop to read again, all of it if it may be a plate, as which only whole lines are read."""
        if self._second is None:
            return []
        # Plates are written as no other text is, and the fast recogniser is surely wrong with many.
        if self._may_be_plate(crop, glanced) or glanced.text[:1] in BOXES:
            return [whole(glanced, crop)]
        spec = self._first.spec
        return doubtful(
            glanced,
            crop,
            lambda probability, count: calibrated(probability, count, spec.calibration) >= spec.keep_above,
            lambda piece: self._columns(crop, piece),
        )

    def _may_be_plate(self, crop: Pixels, glanced: ReadText) -> bool:
        return self._second is not None and self._second.may_be_plate(glanced, crop.shape[1], crop.shape[0])

    def _columns(self, crop: Pixels, piece: Piece) -> int:
        """The input columns that a piece of a crop takes."""
        return self._recognisers.accurate.bucket(piece.right - piece.left, crop.shape[0])


def _loses_edge(glanced: str, again: str, is_cut_left: bool, is_cut_right: bool) -> bool:
    """Whether all that a text lacks is a character where its piece is cut, which has no background beside it there."""
    if len(again) != len(glanced) - 1:
        return False
    return (is_cut_left and glanced.endswith(again)) or (is_cut_right and glanced.startswith(again))
