"""Whether reading a page's lines with the fast recogniser first is worth it.

Where it is unsure of nearly all of them, as of handwriting, lines cost what both recognisers take. So it reads a few
first, which lie evenly among the others; most pages' lines are alike.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from edgeocr.model.options import Reading
from edgeocr.model.page import DetectedPage
from edgeocr.model.recognition.direction import UNSURE
from edgeocr.model.recognition.reading import LineReading, Recognisers
from edgeocr.model.timing import Stage, Trace

_SAMPLED = 4
_FEWEST = 3 * _SAMPLED
"""Of fewer lines too many would be read to learn what the others cost."""
_MOST_AGAIN = 0.75
"""Of what the sampled lines measure. Reading adaptively costs more from some three fifths on, which so few lines do not
tell for sure."""


def sample(
    detected: DetectedPage, recognisers: Recognisers, trace: Trace, check: Callable[[], None]
) -> Iterator[DetectedPage]:
    """Reads some lines of a page that is read adaptively; yields it with what is known after each.

    The last page is as it is to be read: accurately if these lines show that it is hard. Before each line `check` is
    called, whose exceptions end the reading.
    """
    reading = LineReading(recognisers, detected.reading, trace, check)
    again, widths = dict[int, int](), dict[int, int]()
    left_out = [line for line in range(len(detected.polygons)) if line in detected.known or detected.runs_down(line)]
    for line in sampled(len(detected.polygons), left_out):
        check()
        with trace.timing(Stage.RECOGNISE):
            crop = detected.crop(line)
            (glance,) = reading.glance([crop])
            again[line] = reading.columns_again(crop, glance)
            widths[line] = recognisers.bucket(crop.shape[1], crop.shape[0])
        trace.batches.append(1)
        if glance.doubtful or glance.read.confidence < UNSURE:
            detected = replace(detected, glances={**detected.glances, line: glance})
        else:
            detected = replace(detected, known={**detected.known, line: glance.read})
        yield detected
    if is_hard(again, widths):
        yield replace(detected, glances={}, reading=Reading.ACCURATE)


def sampled(lines: int, left_out: Collection[int]) -> list[int]:
    """The places of lines to read first, none if there are too few.

    Args:
        lines: how many there are.
        left_out: the places of those that are not asked.
    """
    others = [line for line in range(lines) if line not in left_out]
    if len(others) < _FEWEST:
        return []
    return [others[(2 * place + 1) * len(others) // (2 * _SAMPLED)] for place in range(_SAMPLED)]


def is_hard(again: Mapping[int, int], widths: Mapping[int, int]) -> bool:
    """Whether so much of a page would be read again that reading it accurately at once takes less.

    Args:
        again: how much of each sampled line would be, in columns of the network's input.
        widths: of these lines, likewise.
    """
    return sum(again.values()) > _MOST_AGAIN * sum(widths.values())
