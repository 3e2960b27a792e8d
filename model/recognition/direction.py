"""Reads lines upright, upside down or as columns, and keeps the reading with the highest confidence."""

from collections.abc import Sequence
from enum import Enum, auto

import numpy as np

from edgeocr.characters import is_wide
from edgeocr.model.pixels import Pixels
from edgeocr.model.recognition.reading import Glance, LineReading
from edgeocr.model.recognition.vertical import in_a_row
from edgeocr.model.results import ReadText

UNSURE = 0.85
"""Lines with a lower confidence are read in other directions too."""
_LEAST_ASPECT = 3
"""Minimum aspect ratio of lines that are read both ways up: the confidence of fewer characters decides nothing."""
_SURER = 0.1
"""Minimum lead in confidence of another direction."""
_STANDING = 0.6
"""Minimum confidence of upright characters in a row; that of characters on their sides is below 0.4."""
_AS_SURE = 0.05
"""Readings whose confidences differ by less count as equal: losing a full stop does not lower it."""


class ReadingDirection(Enum):
    """The direction in which a line's crop was read."""

    UPRIGHT = auto()
    UPSIDE_DOWN = auto()
    VERTICAL = auto()
    """Upright characters that follow one another downwards, which in the crop is to the right."""


def recognise_any_direction(
    reading: LineReading,
    crops: Sequence[Pixels],
    run_down: Sequence[bool],
    *,
    upside_down: bool,
    before: Sequence[Glance | None],
) -> list[tuple[ReadText, ReadingDirection]]:
    """The texts of crops that share a bucket, and their directions.

    Args:
        reading: with which they are read.
        crops: in reading orientation.
        run_down: which of them may be columns.
        upside_down: whether they may stand on their heads.
        before: glances at them; None for those not glanced at.
    """
    fresh = iter(reading.glance([crop for crop, glance in zip(crops, before, strict=True) if glance is None]))
    glances = [glance or next(fresh) for glance in before]
    texts = [(read, ReadingDirection.UPRIGHT) for read in reading.settle(crops, glances)]
    unsure = [place for place, (read, _) in enumerate(texts) if read.confidence < UNSURE]
    long = [place for place in unsure if crops[place].shape[1] > _LEAST_ASPECT * crops[place].shape[0]]
    if upside_down and long:
        turned = {place: np.ascontiguousarray(crops[place][::-1, ::-1]) for place in long}
        back = dict(zip(long, reading.glance(list(turned.values())), strict=True))
        # What the cheaper recogniser reads less surely the other way up, the better one need not read so.
        likely = [place for place in long if back[place].read.confidence > glances[place].read.confidence]
        settled = reading.settle([turned[place] for place in likely], [back[place] for place in likely])
        for place, read in zip(likely, settled, strict=True):
            if read.confidence > texts[place][0].confidence + _SURER:
                texts[place] = read, ReadingDirection.UPSIDE_DOWN
    for place, (crop, (lying, way)) in enumerate(zip(crops, texts, strict=True)):
        if not run_down[place] or way is ReadingDirection.UPSIDE_DOWN:
            continue
        if (column := as_vertical_line(reading, crop, lying)) is not None:
            texts[place] = column, ReadingDirection.VERTICAL
    return texts


def as_vertical_line(reading: LineReading, crop: Pixels, lying: ReadText) -> ReadText | None:
    """The text of a crop that is a column; None if it is a line on its side, as which it was read as `lying`.

    The recogniser also knows wide characters on their sides, so the characters are set upright in a row and read again.
    """
    is_wide_text = _is_wide(lying.text)
    if not is_wide_text and lying.confidence >= UNSURE:
        return None
    column = in_a_row(crop)
    (row,) = reading.read([column.row])
    if row.confidence < _STANDING or not (is_wide_text or row.confidence > lying.confidence + _SURER):
        return None
    return column.read(row) if _is_better(row, lying) else lying


def _is_better(row: ReadText, lying: ReadText) -> bool:
    """Whether a row has more characters than the line on its side, or as many with a higher confidence."""
    surer = row.confidence - lying.confidence
    longer = len(row.characters) - len(lying.characters)
    return longer > 0 if longer and abs(surer) < _AS_SURE else surer > 0


def _is_wide(text: str) -> bool:
    """Whether most of a text's characters are wide, as Chinese ones are."""
    return 2 * sum(map(is_wide, text)) > len(text)
