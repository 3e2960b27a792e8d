"""The pipeline: an image in, its lines out as they are read, then its page.

decode → detect → reading order → crops, batched by width → recognise
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import cv2

from edgeocr.model.detector import Detector
from edgeocr.model.image import ImageSource, Mode, Pixels, decode
from edgeocr.model.layout import crop, line_size, reading_order, reading_orientation
from edgeocr.model.limits import Limits
from edgeocr.model.manifest import Manifest, load_manifest
from edgeocr.model.network import Network
from edgeocr.model.recogniser import Recogniser
from edgeocr.model.results import Line, LineRead, Page, PageRead, Polygon, ReadText


class Stage(StrEnum):
    """What time is spent on."""

    DECODE = "decode"
    DETECT = "detect"
    RECOGNISE = "recognise"


def _go_on() -> None:
    """Never stops a reading."""


@dataclass(slots=True)
class Trace:
    """What happened to one image while it was read.

    Attributes:
        checkpoint: called between steps; raises to stop the reading there.
        seconds: time spent in each stage so far.
        stage: the stage that runs now, or ran last.
        batches: number of lines of each run of the recogniser.
    """

    checkpoint: Callable[[], None] = _go_on
    seconds: dict[Stage, float] = field(default_factory=lambda: dict.fromkeys(Stage, 0.0))
    stage: Stage = Stage.DECODE
    batches: list[int] = field(default_factory=list)

    @contextmanager
    def timing(self, stage: Stage) -> Iterator[None]:
        """Adds the time of its block to the stage, then passes a checkpoint."""
        self.stage = stage
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - start
        self.checkpoint()


class Models:
    """The loaded networks of a manifest; shared by all workers."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.recogniser = Network(manifest.recogniser.file)
        self.detector = Network(manifest.detector.file)

    @classmethod
    def load(cls, folder: Path) -> "Models":
        """Checks and loads the weights of a folder.

        Raises:
            BadModel: a file is missing, altered or unusable.
        """
        # The worker pool is the parallelism: OpenCV's own threads would only fight it.
        cv2.setNumThreads(1)
        # A damaged image is its client's error, which the client gets; OpenCV would log it as ours.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        return cls(load_manifest(folder))


class Reader:
    """Reads images, one at a time; each worker has its own, on shared models."""

    def __init__(self, models: Models, limits: Limits) -> None:
        self._recogniser = Recogniser(models.recogniser, models.manifest.recogniser)
        self._detector = Detector(models.detector, models.manifest.detector)
        self._limits = limits

    def read(self, source: ImageSource, mode: Mode, trace: Trace) -> Iterator[LineRead | PageRead]:
        """Yields each line as it is read, then the page with all of them in reading order.

        Args:
            source: an image that passed `inspect`.
            mode: page, or one line.
            trace: filled while reading.

        Raises:
            EdgeOcrError: the image cannot be read.
        """
        with trace.timing(Stage.DECODE):
            pixels = decode(source, self._limits)
        height, width = pixels.shape[:2]
        lines: dict[int, Line] = {}
        for index, line in self._lines(pixels, mode, trace):
            lines[index] = line
            yield LineRead(0, index, line)
        yield PageRead(Page(0, width, height, tuple(lines[index] for index in sorted(lines))))

    def _lines(self, pixels: Pixels, mode: Mode, trace: Trace) -> Iterator[tuple[int, Line]]:
        """Lines as they are read, each with its place in reading order."""
        polygons = self._polygons(pixels, mode, trace)
        for batch, bucket in self._batches(polygons):
            with trace.timing(Stage.RECOGNISE):
                crops = [pixels] if mode is Mode.LINE else [crop(pixels, polygons[index]) for index in batch]
                texts = self._recogniser.read(crops, bucket)
            trace.batches.append(len(batch))
            for index, read in zip(batch, texts, strict=True):
                if read.text.strip():
                    yield index, _line(polygons[index], read)

    def _polygons(self, pixels: Pixels, mode: Mode, trace: Trace) -> list[Polygon]:
        if mode is Mode.LINE:
            height, width = map(float, pixels.shape[:2])
            return [((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))]
        with trace.timing(Stage.DETECT):
            found = self._detector.find(pixels)
            return [reading_orientation(polygon) for polygon in reading_order(found)]

    def _batches(self, polygons: list[Polygon]) -> Iterator[tuple[list[int], int]]:
        """Indices of lines of one bucket, and the bucket; a batch leaves once it is full, the rest by first line."""
        waiting: dict[int, list[int]] = {}
        for index, polygon in enumerate(polygons):
            bucket = self._recogniser.bucket(*line_size(polygon))
            batch = waiting.setdefault(bucket, [])
            batch.append(index)
            if len(batch) == self._recogniser.batch_lines(bucket):
                del waiting[bucket]
                yield batch, bucket
        for bucket, batch in sorted(waiting.items(), key=lambda item: item[1][0]):
            yield batch, bucket


def _line(polygon: Polygon, read: ReadText) -> Line:
    return Line(polygon, read.text, read.confidence, read.characters)
