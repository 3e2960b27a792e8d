"""Adaptive reading: all lines with the fast recogniser, and those of which it is not sure again with the accurate one.

The accurate one's text is kept unless its confidence is far lower; both confidences are calibrated, and comparable.
Either recogniser can also read everything alone.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgeocr.model.options import Reading
from edgeocr.model.pixels import Pixels
from edgeocr.model.recognition.certainty import likelihood
from edgeocr.model.recognition.recogniser import Recogniser
from edgeocr.model.results import LineReader, ReadText
from edgeocr.model.timing import Trace

_FAR_LESS_SURE = 0.5
"""Minimum ratio of the accurate recogniser's likelihood to the fast one's: if their texts differ, the fast one is wrong
more often than its confidence says."""


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

    def glance(self, crops: Sequence[Pixels]) -> list[ReadText]:
        """The texts of crops by the cheaper recogniser in use, which suffice to compare directions."""
        return self._run(self._first, crops)

    def settle(self, crops: Sequence[Pixels], glanced: Sequence[ReadText]) -> list[ReadText]:
        """The final texts of crops, given those of `glance`."""
        texts = list(glanced)
        if self._second is None:
            return texts
        plates, likely, unsure = self._doubts(crops, texts)
        self._trace.read_again += len(unsure)
        by_bucket: dict[int, list[int]] = {}
        for place in unsure:
            height, width = crops[place].shape[:2]
            by_bucket.setdefault(self._second.bucket(width, height), []).append(place)
        for places in by_bucket.values():
            again = self._run(self._second, [crops[place] for place in places])
            for place, read in zip(places, again, strict=True):
                if place in plates or self._recognisers.likelihood(read) >= _FAR_LESS_SURE * likely[place]:
                    texts[place] = read
        return texts

    def stands(self, crop: Pixels, glanced: ReadText) -> bool:
        """Whether what `glance` makes of a crop is its text, so that no second reading is due."""
        return self._second is None or not self._doubts([crop], [glanced])[-1]

    def _doubts(self, crops: Sequence[Pixels], glanced: Sequence[ReadText]) -> tuple[set[int], list[float], list[int]]:
        """The places of what may be a plate, how likely each text is right, and the places of all to read again."""
        assert self._second is not None
        # Plates are written as no other text is, and the fast recogniser is surely wrong with many.
        plates = {
            place
            for place, (read, crop) in enumerate(zip(glanced, crops, strict=True))
            if self._second.may_be_plate(read, crop.shape[1], crop.shape[0])
        }
        likely = [self._recognisers.likelihood(read) for read in glanced]
        keep_above = self._first.spec.keep_above
        return plates, likely, [place for place, one in enumerate(likely) if place in plates or one < keep_above]

    def _run(self, recogniser: Recogniser, crops: Sequence[Pixels]) -> list[ReadText]:
        begin = time.monotonic()
        # What the first takes for a plate, the second reads.
        texts = recogniser.read(crops, self._check, plates=self._second is None or recogniser is self._second)
        self._trace.note_reader(recogniser.name, len(crops), time.monotonic() - begin)
        return texts
