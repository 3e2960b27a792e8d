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
import numpy as np

from edgeocr.model.detector import Detector
from edgeocr.model.errors import BadModel
from edgeocr.model.image import ImageSource, Mode, Pixels, decode
from edgeocr.model.layout import crop, line_size, reading_order, reading_orientation
from edgeocr.model.manifest import Manifest, NetworkFile, load_manifest
from edgeocr.model.network import Network
from edgeocr.model.recogniser import Recogniser
from edgeocr.model.results import Line, LineRead, Page, PageRead, Polygon


class Stage(StrEnum):
    """What time is spent on."""

    DECODE = "decode"
    DETECT = "detect"
    RECOGNISE = "recognise"


@dataclass(slots=True)
class Trace:
    """What happened to one image while it was read.

    Attributes:
        seconds: time spent in each stage that was reached.
        batches: number of lines of each run of the recogniser.
    """

    seconds: dict[Stage, float] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)

    @property
    def last_stage(self) -> Stage | None:
        """The stage reached last; None before the first."""
        return next(reversed(self.seconds), None)

    @contextmanager
    def timing(self, stage: Stage) -> Iterator[None]:
        """Adds the time of its block to the stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start


class Models:
    """The loaded networks of a manifest; shared by all workers."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.recogniser = Network(manifest.recogniser.file)
        self.detector = Network(manifest.detector.file)

    @classmethod
    def load(cls, folder: Path) -> "Models":
        """Checks and loads the weights of a folder, and runs each network once.

        Whatever is done lazily is done then, and a manifest that does not fit its networks is noticed.

        Raises:
            BadModel: a file is missing, altered or unusable.
        """
        # The worker pool is the parallelism: OpenCV's own threads would only fight it.
        cv2.setNumThreads(1)
        # A damaged image is its client's error, which the client gets; OpenCV would log it as ours.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        models = cls(load_manifest(folder))
        side = 64
        blank = np.full((side, side, 3), 255, np.uint8)
        recogniser, detector = models.manifest.recogniser, models.manifest.detector
        with _fitting(recogniser.file):
            line = Recogniser(models.recogniser, recogniser)
            line.read([blank], line.bucket(side, side))
        with _fitting(detector.file):
            Detector(models.detector, detector).find(blank)
        return models


@contextmanager
def _fitting(file: NetworkFile) -> Iterator[None]:
    """Turns whatever goes wrong at a network's first run into BadModel."""
    try:
        yield
    except Exception as error:
        raise BadModel(f"{file.path}: does not fit its manifest: {error}") from error


class Reader:
    """Reads images, one at a time; each worker has its own, on shared models."""

    def __init__(self, models: Models) -> None:
        self._recogniser = Recogniser(models.recogniser, models.manifest.recogniser)
        self._detector = Detector(models.detector, models.manifest.detector)

    def read(
        self, source: ImageSource, mode: Mode, trace: Trace, checkpoint: Callable[[], None] = lambda: None
    ) -> Iterator[LineRead | PageRead]:
        """Yields each line as it is read, then the page with all of them in reading order.

        Args:
            source: an image that passed `inspect`.
            mode: page, or one line.
            trace: filled while reading.
            checkpoint: called before each further step; what it raises ends the reading there.

        Raises:
            EdgeOcrError: the image cannot be read.
        """
        with trace.timing(Stage.DECODE):
            pixels = decode(source)
        checkpoint()
        height, width = pixels.shape[:2]
        lines: dict[int, Line] = {}
        for index, line in self._lines(pixels, mode, trace, checkpoint):
            lines[index] = line
            yield LineRead(0, index, line)
        yield PageRead(Page(0, width, height, tuple(lines[index] for index in sorted(lines))))

    def _lines(
        self, pixels: Pixels, mode: Mode, trace: Trace, checkpoint: Callable[[], None]
    ) -> Iterator[tuple[int, Line]]:
        """Lines as they are read, each with its place in reading order."""
        polygons = self._polygons(pixels, mode, trace)
        for batch, bucket in self._batches(polygons):
            checkpoint()
            with trace.timing(Stage.RECOGNISE):
                crops = [pixels] if mode is Mode.LINE else [crop(pixels, polygons[index]) for index in batch]
                texts = self._recogniser.read(crops, bucket)
            trace.batches.append(len(batch))
            for index, read in zip(batch, texts, strict=True):
                if read.text.strip():
                    yield index, Line(polygons[index], read.text, read.confidence, read.characters)

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
