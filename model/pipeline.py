"""The pipeline: takes an image, yields its lines as they are read, then its page.

decode → detect lines and orientation → tables and reading order → crops, batched by width → recognise
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from edgeocr.model.contrast import AS_IT_IS, needed
from edgeocr.model.detection.detector import Detector
from edgeocr.model.detection.line_image import text_rows
from edgeocr.model.detection.orientation import OrientationDetector
from edgeocr.model.detection.seals import seals, without_ink
from edgeocr.model.errors import BadModel, InvalidInput
from edgeocr.model.files.document import PageSource
from edgeocr.model.files.image import ImageSource, decode
from edgeocr.model.files.opening.decoder import LOCAL, FileDecoder
from edgeocr.model.files.pdf import PdfPage, draw
from edgeocr.model.geometry.margins import with_margins
from edgeocr.model.geometry.polygons import line_size
from edgeocr.model.layout.page_layout import analyse_layout
from edgeocr.model.layout.reading_order import Position
from edgeocr.model.networks.manifest import Manifest, NetworkFile, load_manifest
from edgeocr.model.networks.session import Network
from edgeocr.model.options import DEFAULT_SETTINGS, EVERYTHING, Mode, Preparation, ReaderSettings, Reading
from edgeocr.model.page import Batch, DetectedPage
from edgeocr.model.pixels import Picture
from edgeocr.model.recognition.direction import ReadingDirection, recognise_any_direction
from edgeocr.model.recognition.known_line import check_known_line
from edgeocr.model.recognition.reading import LineReading, Recognisers
from edgeocr.model.recognition.recogniser import BATCH_PIXELS, Recogniser, RecogniserNetworks, RunBuffers
from edgeocr.model.results import LineRead, LineReader, PageRead, ReadText
from edgeocr.model.sampling import sample
from edgeocr.model.timing import Stage, Trace


class Models:
    """The loaded networks of a manifest; shared by all workers."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.recogniser = RecogniserNetworks(manifest.recogniser)
        fast = manifest.fast_recogniser
        self.fast_recogniser = RecogniserNetworks(fast) if fast else None
        self.detector = Network(manifest.detector.file, np.uint8)

    @classmethod
    def load(cls, folder: Path) -> "Models":
        """Checks and loads the weights of a folder, and runs each network once.

        This completes lazy initialisation, and detects a manifest that does not match its networks, or a machine that
        computes different results.

        Raises:
            BadModel: a file is missing, altered or unusable, or gives wrong results here.
        """
        # The worker pool provides the parallelism, with which OpenCV's threads would compete.
        cv2.setNumThreads(1)
        # A damaged image is the client's error and reported to it; OpenCV would log it here.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        models = cls(load_manifest(folder))
        manifest = models.manifest
        detector = manifest.detector
        for networks, spec in (
            (models.recogniser, manifest.recogniser),
            (models.fast_recogniser, manifest.fast_recogniser),
        ):
            if networks and spec:
                with _fitting(spec.file):
                    check_known_line(networks, spec)
        with _fitting(detector.file):
            Detector(models.detector, detector).find(np.full((64, 64, 3), 255, np.uint8))
        return models


@contextmanager
def _fitting(file: NetworkFile) -> Iterator[None]:
    """Turns any exception of a network's first run into BadModel."""
    try:
        yield
    except Exception as error:
        raise BadModel(f"{file.path}: does not fit its manifest: {error}") from error


class Reader:
    """Reads images one at a time; each worker has its own, on shared models."""

    def __init__(self, models: Models, settings: ReaderSettings = DEFAULT_SETTINGS) -> None:
        """Takes loaded networks, and what holds for all images.

        Raises:
            BadModel: lines are to be read with the fast recogniser alone, and there is none.
        """
        manifest = models.manifest
        if settings.reading is Reading.FAST and manifest.fast_recogniser is None:
            raise BadModel(f"{manifest.recogniser.file.path.parent}: has no fast recogniser to read with")
        self.models = models
        self._settings = settings
        buffers = RunBuffers(*manifest.recognisers)
        accurate = Recogniser(models.recogniser, manifest.recogniser, settings.rules, buffers=buffers)
        fast = None
        if models.fast_recogniser and manifest.fast_recogniser:
            spec = manifest.fast_recogniser
            fast = Recogniser(models.fast_recogniser, spec, settings.rules, LineReader.FAST, buffers)
        self._recognisers = Recognisers(accurate, fast)
        self._detector = Detector(models.detector, manifest.detector)
        self._orientation_detector = OrientationDetector(self._detector)

    def read(
        self,
        source: ImageSource,
        mode: Mode,
        trace: Trace,
        *,
        preparation: Preparation = EVERYTHING,
        reading: Reading | None = None,
    ) -> Iterator[LineRead | PageRead]:
        """Yields each line as it is read, then the page with all of them in reading order.

        Args:
            source: an image that passed `inspect`.
            mode: page, or one line.
            trace: filled while reading.
            preparation: allowed corrections of pages.
            reading: with which recognisers; None for those of the reader.

        Raises:
            EdgeOcrError: the image cannot be read.
        """
        picture = self.decode(source, 1, trace)
        detected = self.find(picture, mode, trace, preparation=preparation, reading=reading)
        lines = []
        for line in self.lines(detected, trace):
            lines.append(line)
            yield line
        yield PageRead(detected.page(lines))

    def decode(self, source: PageSource, reduction: int, trace: Trace, decoder: FileDecoder = LOCAL) -> Picture:
        """Decodes an image or page at a reduction: the first step of `read`.

        `decoder` opens files whose headers do not bound the cost.
        """
        with trace.timing(Stage.DECODE):
            if isinstance(source, PdfPage):
                return draw(source, reduction, decoder)
            return decode(source, reduction, decoder)

    def find(
        self,
        picture: Picture,
        mode: Mode,
        trace: Trace,
        index: int = 0,
        *,
        preparation: Preparation = EVERYTHING,
        reading: Reading | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> DetectedPage:
        """Detects the lines of an image, or of a document's page with this index: the second step of `read`.

        The picture's pixels may be changed: the ink of seals over text is removed. Between the runs of a
        very long line `check` is called, whose exceptions end the reading.

        Raises:
            InvalidInput: it is to be read with a recogniser that there is not.
        """
        reading = reading or self._settings.reading
        if reading is Reading.FAST and self._recognisers.fast is None:
            raise InvalidInput("reading: there is no fast recogniser here; ask for adaptive or accurate reading")
        if mode is Mode.LINE:
            with trace.timing(Stage.DETECT):
                cuts = text_rows(self._detector, picture.pixels)
            positions = [Position(row) for row in range(len(cuts))]
            return DetectedPage(picture, mode, cuts, cuts, index, preparation, reading, positions=positions)
        with trace.timing(Stage.DETECT):
            over_text = seals(picture.pixels) if preparation.enhancement else []
            if over_text:
                picture = replace(picture, pixels=without_ink(picture.pixels, over_text))
            tone = needed(picture.pixels) if preparation.enhancement else AS_IT_IS
        found = self._orientation_detector.find(
            picture.pixels, preparation, trace, tone, LineReading(self._recognisers, reading, trace, check)
        )
        with trace.timing(Stage.DETECT):
            look = tone if preparation.tables else None
            page = analyse_layout(picture.pixels, found, look, aligned=preparation.aligned_tables)
        return DetectedPage(
            picture=picture,
            mode=mode,
            polygons=page.polygons,
            crops=with_margins(page.polygons, found.pose),
            index=index,
            preparation=preparation,
            reading=reading,
            pose=found.pose,
            known=page.known,
            boxes=page.boxes,
            tone=tone,
            seals_removed=bool(over_text),
            is_vertical=found.is_vertical,
            positions=page.positions,
            tables=page.tables,
        )

    def lines(self, detected: DetectedPage, trace: Trace) -> Iterator[LineRead]:
        """Yields each line as it is read, by this reader alone: the last step of `read`."""
        for page, lines in self.first_lines(detected, trace):
            detected = page
            yield from lines
        for batch in self.batches(detected):
            yield from self.recognise(detected, batch, trace)

    def first_lines(
        self, detected: DetectedPage, trace: Trace, check: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[DetectedPage, list[LineRead]]]:
        """Yields the lines that are known before any batch is read, each time with the page as it is to be read on.

        Those that were read to learn how the page lies come first. Of a page that is read adaptively some others are
        tried then, of which those come whose texts stand; if most of it would be read again, it is to be read
        accurately. Between these lines `check` is called, whose exceptions end the reading.
        """
        told = frozenset[int]()
        way = ReadingDirection.VERTICAL if detected.is_vertical else ReadingDirection.UPRIGHT
        for page in self._sampled(detected, trace, check):
            new = sorted(page.known.keys() - told)
            yield page, self._kept(page, [(line, page.known[line], way) for line in new])
            told = frozenset(page.known)

    def _sampled(self, detected: DetectedPage, trace: Trace, check: Callable[[], None]) -> Iterator[DetectedPage]:
        """Yields the page with what is known of it, which grows where lines are tried."""
        yield detected
        is_adaptive = detected.reading is Reading.ADAPTIVE and self._recognisers.fast is not None
        if is_adaptive and detected.mode is Mode.PAGE and not detected.is_vertical:
            yield from sample(detected, self._recognisers, trace, check)

    def recognise(
        self, detected: DetectedPage, batch: Batch, trace: Trace, check: Callable[[], None] = lambda: None
    ) -> list[LineRead]:
        """Reads the lines of one batch: the last step, which any reader with the same models can do.

        Lines without text are dropped, and on pages also those with the low confidence of textures. Between the runs of
        a very long line `check` is called, whose exceptions end the reading.
        """
        with trace.timing(Stage.RECOGNISE):
            texts = self._read(detected, batch, LineReading(self._recognisers, detected.reading, trace, check))
        # Those glanced at before were in runs of their own.
        if lines := sum(line not in detected.glances for line in batch.lines):
            trace.batches.append(lines)
        return self._kept(detected, [(line, read, way) for line, (read, way) in zip(batch.lines, texts, strict=True)])

    def _kept(self, detected: DetectedPage, texts: Iterable[tuple[int, ReadText, ReadingDirection]]) -> list[LineRead]:
        """The lines to send of those that were read, by their places: those with text, if it is sure enough."""
        return [
            LineRead(detected.index, line, detected.line(line, read, way, self._recognisers.likelihood(read)))
            for line, read, way in texts
            if read.text.strip() and (detected.mode is Mode.LINE or read.confidence >= self._settings.least_confidence)
        ]

    def _read(
        self, detected: DetectedPage, batch: Batch, reading: LineReading
    ) -> list[tuple[ReadText, ReadingDirection]]:
        """The texts of a batch, and their directions."""
        crops = [detected.crop(line) for line in batch.lines]
        run_down = [detected.runs_down(line) for line in batch.lines]
        upside_down = detected.preparation.orientation
        before = [detected.glances.get(line) for line in batch.lines]
        return recognise_any_direction(reading, crops, run_down, upside_down=upside_down, before=before)

    def batches(self, detected: DetectedPage, most_pixels: int = BATCH_PIXELS) -> list[Batch]:
        """Groups a page's unread lines into batches of at most this number of input columns, but at least one line.

        Lines of a bucket form batches, which are yielded when full, the rest in order of their first line.
        """
        return list(self._batches(detected, most_pixels))

    def _batches(self, detected: DetectedPage, most_pixels: int) -> Iterator[Batch]:
        waiting: dict[int, list[int]] = {}
        for index in range(len(detected.polygons)):
            if index in detected.known:
                continue
            bucket = self._recognisers.bucket(*line_size(detected.crops[index]))
            lines = waiting.setdefault(bucket, [])
            lines.append(index)
            if len(lines) == max(1, most_pixels // bucket):
                del waiting[bucket]
                yield Batch(tuple(lines), bucket)
        for bucket, lines in sorted(waiting.items(), key=lambda item: item[1][0]):
            yield Batch(tuple(lines), bucket)
