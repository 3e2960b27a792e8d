"""Timings of reading an image, for metrics and traces."""

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from edgeocr.results.elements import LineReader


class Stage(StrEnum):
    """A stage of reading."""

    DECODE = "decode"
    DETECT = "detect"
    RECOGNISE = "recognize"


class Work(NamedTuple):
    """What a recogniser did."""

    lines: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Trace:
    """Timings and batches of one image.

    Attributes:
        seconds: time spent in each stage.
        extents: first start and last end of each stage (time.monotonic()).
        batches: number of lines in each run of the recogniser.
        readers: how much each recogniser read, lines that were read more than once included.
        read_again: lines that the accurate recogniser read since the fast one was not sure of them.
    """

    seconds: dict[Stage, float] = field(default_factory=dict)
    extents: dict[Stage, tuple[float, float]] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)
    readers: dict[LineReader, Work] = field(default_factory=dict)
    read_again: int = 0

    def add(self, other: "Trace") -> None:
        """Adds another trace of the same image."""
        for stage, seconds in other.seconds.items():
            self.note(stage, seconds, *other.extents[stage])
        self.batches += other.batches
        for reader, work in other.readers.items():
            self.note_reader(reader, work.lines, work.seconds)
        self.read_again += other.read_again

    def note_reader(self, reader: LineReader, lines: int, seconds: float) -> None:
        """A recogniser has read so many lines in that time."""
        before = self.readers.get(reader, Work())
        self.readers[reader] = Work(before.lines + lines, before.seconds + seconds)

    @property
    def last_stage(self) -> Stage | None:
        """The last stage reached; None before the first."""
        return next(reversed(self.seconds), None)

    def timing(self, stage: Stage) -> "Timing":
        """Adds the time of the `with` block to a stage."""
        return Timing(self, stage)

    def note(self, stage: Stage, seconds: float, begin: float, end: float) -> None:
        """Adds time to a stage, and when it began and ended."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds
        first, last = self.extents.get(stage, (begin, end))
        self.extents[stage] = min(first, begin), max(last, end)


class Timing:
    """Adds the time of a `with` block to a stage of a trace."""

    __slots__ = ("_begin", "_stage", "_trace")

    def __init__(self, trace: Trace, stage: Stage) -> None:
        self._trace = trace
        self._stage = stage

    def __enter__(self) -> None:
        """Begins."""
        self._begin = time.monotonic()

    def __exit__(self, *_: object) -> None:
        """Adds the time."""
        end = time.monotonic()
        self._trace.note(self._stage, end - self._begin, self._begin, end)
