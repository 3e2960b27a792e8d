"""The pipeline: an image in, its lines out as they are read, then its page.

decode → detect → reading order → crops, batched by width → recognise
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np

from edgeocr.model.db import scaled
from edgeocr.model.detector import Detector
from edgeocr.model.document import PageSource
from edgeocr.model.errors import BadModel
from edgeocr.model.image import ImageSource, Mode, Picture, Pixels, decode
from edgeocr.model.layout import crop, line_size, reading_order, reading_orientation
from edgeocr.model.manifest import Manifest, NetworkFile, load_manifest
from edgeocr.model.network import Network
from edgeocr.model.pdf import PdfPage, draw
from edgeocr.model.recogniser import BATCH_PIXELS, Recogniser, RecogniserNetworks
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
        extents: when each began first and ended last, on the clock of time.monotonic().
        batches: number of lines of each run of the recogniser.
    """

    seconds: dict[Stage, float] = field(default_factory=dict)
    extents: dict[Stage, tuple[float, float]] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)

    def add(self, other: "Trace") -> None:
        """Adds what another trace of the same image has."""
        for stage, seconds in other.seconds.items():
            self._note(stage, seconds, *other.extents[stage])
        self.batches += other.batches

    @property
    def last_stage(self) -> Stage | None:
        """The stage reached last; None before the first."""
        return next(reversed(self.seconds), None)

    @contextmanager
    def timing(self, stage: Stage) -> Iterator[None]:
        """Adds the time of its block to the stage."""
        begin = time.monotonic()
        try:
            yield
        finally:
            end = time.monotonic()
            self._note(stage, end - begin, begin, end)

    def _note(self, stage: Stage, seconds: float, begin: float, end: float) -> None:
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds
        first, last = self.extents.get(stage, (begin, end))
        self.extents[stage] = min(first, begin), max(last, end)


class Models:
    """The loaded networks of a manifest; shared by all workers."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.recogniser = RecogniserNetworks(manifest.recogniser)
        self.detector = Network(manifest.detector.file, np.uint8)

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


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of a sheet, by their places in reading order, that the recogniser reads in one run."""

    lines: tuple[int, ...]
    bucket: int


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Sheet:
    """A page whose lines are found but not read: its pixels, polygons in these, in reading order, and its place."""

    picture: Picture
    mode: Mode
    polygons: Sequence[Polygon]
    index: int = 0

    def crop(self, line: int) -> Pixels:
        """One line, upright."""
        pixels = self.picture.pixels
        return pixels if self.mode is Mode.LINE else crop(pixels, self.polygons[line])

    def polygon(self, line: int) -> Polygon:
        """A line's polygon in pixels of the image as sent."""
        picture = self.picture
        height, width = picture.pixels.shape[:2]
        if (picture.width, picture.height) == (width, height):
            return self.polygons[line]
        return scaled(
            self.polygons[line], picture.width / width, picture.height / height, picture.width, picture.height
        )

    def page(self, lines: Iterable[LineRead], *, partial: bool = False) -> Page:
        """The page with the lines that were read; partial if these are not all."""
        picture = self.picture
        ordered = sorted(lines, key=lambda read: read.line_index)
        found = tuple(read.line for read in ordered)
        return Page(self.index, picture.width, picture.height, found, picture.reduction, partial)


class Reader:
    """Reads images, one at a time; each worker has its own, on shared models."""

    def __init__(self, models: Models) -> None:
        self.models = models
        self._recogniser = Recogniser(models.recogniser, models.manifest.recogniser)
        self._detector = Detector(models.detector, models.manifest.detector)

    def read(self, source: ImageSource, mode: Mode, trace: Trace) -> Iterator[LineRead | PageRead]:
        """Yields each line as it is read, then the page with all of them in reading order.

        Args:
            source: an image that passed `inspect`.
            mode: page, or one line.
            trace: filled while reading.

        Raises:
            EdgeOcrError: the image cannot be read.
        """
        sheet = self.find(self.decode(source, 1, trace), mode, trace)
        lines = []
        for batch in self.batches(sheet):
            for line in self.recognise(sheet, batch, trace):
                lines.append(line)
                yield line
        yield PageRead(sheet.page(lines))

    def decode(
        self, source: PageSource, reduction: int, trace: Trace, check: Callable[[], None] = lambda: None
    ) -> Picture:
        """The pixels of an image or page, at that reduction: the first step of `read`.

        Where it takes long, `check` is called in between, and what it raises ends it.
        """
        with trace.timing(Stage.DECODE):
            return draw(source, reduction, check) if isinstance(source, PdfPage) else decode(source, reduction)

    def find(self, picture: Picture, mode: Mode, trace: Trace, index: int = 0) -> Sheet:
        """Finds the lines of an image, or of a document's page at that place: the second step of `read`."""
        if mode is Mode.LINE:
            height, width = map(float, picture.pixels.shape[:2])
            return Sheet(picture, mode, [((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))], index)
        with trace.timing(Stage.DETECT):
            found = reading_order(self._detector.find(picture.pixels))
            return Sheet(picture, mode, [reading_orientation(polygon) for polygon in found], index)

    def recognise(self, sheet: Sheet, batch: Batch, trace: Trace) -> list[LineRead]:
        """Reads the lines of one batch: the last step, which any reader of the same models may do.

        Lines in which there is no text are left out.
        """
        with trace.timing(Stage.RECOGNISE):
            texts = self._recogniser.read([sheet.crop(line) for line in batch.lines], batch.bucket)
        trace.batches.append(len(batch.lines))
        return [
            LineRead(sheet.index, line, Line(sheet.polygon(line), read.text, read.confidence, read.characters))
            for line, read in zip(batch.lines, texts, strict=True)
            if read.text.strip()
        ]

    def batches(self, sheet: Sheet, most_pixels: int = BATCH_PIXELS) -> list[Batch]:
        """A sheet's lines in batches of at most so many input columns, but of at least one line.

        Lines of one bucket go together; a batch leaves once it is full, the rest by their first line.
        """
        return list(self._batches(sheet.polygons, most_pixels))

    def _batches(self, polygons: Sequence[Polygon], most_pixels: int) -> Iterator[Batch]:
        waiting: dict[int, list[int]] = {}
        for index, polygon in enumerate(polygons):
            bucket = self._recogniser.bucket(*line_size(polygon))
            lines = waiting.setdefault(bucket, [])
            lines.append(index)
            if len(lines) == max(1, most_pixels // bucket):
                del waiting[bucket]
                yield Batch(tuple(lines), bucket)
        for bucket, lines in sorted(waiting.items(), key=lambda item: item[1][0]):
            yield Batch(tuple(lines), bucket)
