"""The line recogniser: crops of text lines in, text out.

Lines are scaled to the network's height, keeping their aspect ratio, and padded on the right to a bucket's width.
Buckets are narrow, since padding costs time and affects the network's pooled features. Lines longer than the widest
bucket are read in windows.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.networks.manifest import RecogniserSpec
from edgeocr.model.networks.session import Buffer, Network
from edgeocr.model.pixels import Pixels
from edgeocr.model.recognition import ctc
from edgeocr.model.recognition.ctc import Path
from edgeocr.model.recognition.long_lines import joined, windows
from edgeocr.model.recognition.rules.ballot_boxes import with_leading_box
from edgeocr.model.recognition.rules.plates import MOST_STEPS, PlateGrammar, is_like_plate
from edgeocr.model.recognition.rules.rule import ALL_RULES, DecodingRule
from edgeocr.model.recognition.rules.spelling import spelled
from edgeocr.model.recognition.scaling import scaled_line
from edgeocr.model.results import LineReader, ReadText

BUCKET_PIXELS = 32
BATCH_PIXELS = 1280
"""Maximum input columns of a batch in total, which bounds the memory of activations."""
SCORED_STEPS = 40
"""Time steps that are scored at a time: with thousands of classes, the scores of a long line take 20 MB."""

MAX_WIDTH = 3200
"""Longer lines are read in windows of at most this width."""
MOST_WINDOWS = 16
"""Maximum windows of a line; longer ones, a thousand times as long as high, are compressed."""


def _line_width(spec: RecogniserSpec, width: int, height: int) -> int:
    """Of a crop scaled to the network's height."""
    return min(max(1, round(width * spec.height / height)), MOST_WINDOWS * MAX_WIDTH)


class RecogniserNetworks:
    """The network from pixels to features, and the head from features to scores; many threads may share them."""

    def __init__(self, spec: RecogniserSpec) -> None:
        """Loads both.

        Raises:
            BadModel: one cannot be loaded, or takes or gives something else.
        """
        self.features = Network(spec.file, np.uint8)
        self.head = Network(spec.head, np.float32)


class RunBuffers:
    """Memory for one run at a time; recognisers that take turns, as those of one worker do, share it."""

    def __init__(self, *specs: RecogniserSpec) -> None:
        # A longer line, which is rare, gets memory of its own.
        self.pixels = Buffer(np.uint8, BATCH_PIXELS * max(spec.height for spec in specs) * 3)
        self.logits = Buffer(np.float32, SCORED_STEPS * (1 + max(len(spec.charset) for spec in specs)))


class Recogniser:
    """Reads line crops with shared networks and buffers of its own: one for each worker."""

    def __init__(
        self,
        networks: RecogniserNetworks,
        spec: RecogniserSpec,
        rules: Collection[DecodingRule] = ALL_RULES,
        name: LineReader = LineReader.ACCURATE,
        buffers: RunBuffers | None = None,
    ) -> None:
        self.spec = spec
        self.name = name
        self._networks = networks
        self._rules = rules
        self._plates = PlateGrammar(spec.charset, spec.provinces) if DecodingRule.PLATES in rules else None
        self._buffers = buffers or RunBuffers(spec)

    def bucket(self, width: int, height: int) -> int:
        """The input width in pixels that a crop of that size is padded to."""
        content_width = min(_line_width(self.spec, width, height), MAX_WIDTH)
        return max(-(-content_width // BUCKET_PIXELS) * BUCKET_PIXELS, self.spec.min_width)

    def read(
        self,
        crops: Sequence[Pixels],
        check: Callable[[], None] = lambda: None,
        *,
        without: Collection[DecodingRule] = (),
    ) -> list[ReadText]:
        """The texts of H×W×3 BGR crops, padded to the widest one's bucket, in one run, or in several for a long line.

        Args:
            crops: of lines.
            check: called before each of several runs; what it raises ends them.
            without: rules of the recogniser's that do not apply to these crops.
        """
        spec, rules = self.spec, frozenset(self._rules).difference(without)
        bucket = max(self.bucket(crop.shape[1], crop.shape[0]) for crop in crops)
        widths = [_line_width(spec, crop.shape[1], crop.shape[0]) for crop in crops]
        if max(widths) > MAX_WIDTH:
            paths = [self._long_path(crop, width, check) for crop, width in zip(crops, widths, strict=True)]
        else:
            paths = self._paths(crops, widths, bucket, plates=DecodingRule.PLATES in rules)
        texts = []
        for path, width in zip(paths, widths, strict=True):
            read = ctc.decode(path, spec.charset, width / spec.time_step_pixels)
            texts.append(replace(spelled(read, ctc.centres(path.classes), rules), reader=self.name))
        if DecodingRule.BOXES not in rules:
            return texts
        return [with_leading_box(read, crop) for read, crop in zip(texts, crops, strict=True)]

    def _paths(
        self, crops: Sequence[Pixels], widths: Sequence[int], bucket: int, *, plates: bool = False
    ) -> list[Path]:
        """The best paths of crops scaled to these widths."""
        spec = self.spec
        pixels = self._buffers.pixels.array((len(crops), spec.height, bucket, 3))
        for crop, width, row in zip(crops, widths, pixels, strict=True):
            row[:, :width] = scaled_line(crop, width, spec.height)
            row[:, width:] = spec.pad
        features = np.empty((len(crops), bucket // spec.time_step_pixels, spec.features), np.uint8)
        self._networks.features.run(pixels, features)
        path = self._best_path(features.reshape(-1, spec.features))
        steps = features.shape[1]
        paths = [path.steps(line * steps, (line + 1) * steps) for line in range(len(crops))]
        return [self._as_plate(path, line) if plates else path for path, line in zip(paths, features, strict=True)]

    def may_be_plate(self, read: ReadText, width: int, height: int) -> bool:
        """Whether a line of that size, in which another recogniser reads that text, may be one that rules help with."""
        is_short = _line_width(self.spec, width, height) <= MOST_STEPS * self.spec.time_step_pixels
        return self._plates is not None and is_short and is_like_plate(read.text)

    def _as_plate(self, path: Path, features: NDArray[np.uint8]) -> Path:
        """The path of a line, T×features, as a plate's, if it is nearly one."""
        if self._plates is None or not self._plates.is_near(path):
            return path
        return self._plates.path(self._scores(features), path)

    def _long_path(self, crop: Pixels, width: int, check: Callable[[], None]) -> Path:
        """The best path of a crop that is read in windows, scaled to that width in all."""
        step = self.spec.time_step_pixels
        scale = crop.shape[1] / width
        spans = windows(-(-width // step), MAX_WIDTH // step)
        paths = []
        for start, end in spans:
            check()
            left, right = round(start * step * scale), min(round(end * step * scale), crop.shape[1])
            window_width = min(end * step, width) - start * step
            bucket = -(-window_width // BUCKET_PIXELS) * BUCKET_PIXELS
            (path,) = self._paths([crop[:, left:right]], [window_width], bucket)
            paths.append(path.steps(0, end - start))
        return joined(paths, spans)

    def _best_path(self, features: NDArray[np.uint8]) -> Path:
        """Of all time steps of a batch, T×features, whichever line they belong to."""
        parts = []
        for start in range(0, len(features), SCORED_STEPS):
            parts.append(ctc.best_path(self._scores(features[start : start + SCORED_STEPS])))
        return Path.joined(parts)

    def _scores(self, features: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The scores of up to SCORED_STEPS time steps, until others are made."""
        logits = self._buffers.logits.array((len(features), len(self.spec.charset) + 1))
        self._networks.head.run(features, logits)
        return logits
