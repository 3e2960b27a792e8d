"""All parameters and paths of a training run, in one frozen value."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from edgeocr.model.training.data import charset as charsets
from edgeocr.model.training.data import corpus, fonts, packages, wheels
from edgeocr.model.training.data.kinds import kanjivg
from edgeocr.model.training.data.kinds import strokes as stroke_data
from edgeocr.model.training.data.lines import LineMaker
from edgeocr.model.training.data.text import Writer

Pace = Literal["accurate", "fast"]
"""The two recognisers: made from PP-OCRv6 small, and from PP-OCRv6 tiny."""


_FAST_SEED = 10
_FAST_HIDDEN = 80
"""Units of each direction of its LSTM: together as many as the network has that it replaces."""


@dataclass(frozen=True)
class Recipe:
    """A run of the pipeline from wheels to exported file.

    Attributes:
        cache: folder for everything fetched and made.
        pace: which recogniser is made.
        seed: of lines and of training.
        shards: shards of features to make.
        shard_lines: lines in a shard.
        steps: optimiser steps; the learning rate reaches zero at the last.
        batch_steps: approximate time steps in a batch; a batch holds lines of similar width.
        hidden: units of each direction of the LSTM.
        rate: maximum learning rate.
        negatives: random classes in each batch's softmax.
        without: kinds of lines that training leaves out.
        head_share: the head's learning rate as a share of the maximum.
        head_from: share of the steps after which the head learns.
        number: of the run; the first is 0, and the result is the weighted mean of the first and the last.
        turned: share of short lines that are upside down, with the teacher's reading as their label.
        later_steps: steps of the second run, which continues the first with other lines.
        later_turned: its share of turned lines.
        last_share: weight of its result in the mean.
        fast_shards: shards of features to make for the fast recogniser.
        fast_steps: optimiser steps of its only run.
        fitting_lines: lines that pairs of integer weights are fitted on.
        detector_pages: calibration pages of the detector.
    """

    cache: Path
    pace: Pace = "accurate"
    seed: int = 1
    shards: int = 240
    shard_lines: int = 500
    steps: int = 5400
    batch_steps: int = 3000
    hidden: int = 120
    rate: float = 5e-4
    negatives: int = 1500
    without: tuple[str, ...] = ()
    head_share: float = 0.02
    head_from: float = 0.5
    number: int = 0
    turned: float = 0.0
    later_steps: int = 1800
    later_turned: float = 0.2
    last_share: float = 0.6
    fast_shards: int = 61
    fast_steps: int = 1700
    fitting_lines: int = 160
    detector_pages: int = 36

    def later(self) -> "Recipe":
        """The second run of the same pipeline."""
        number = self.number + 1
        return replace(self, number=number, seed=self.seed + number, steps=self.later_steps, turned=self.later_turned)

    def fast(self) -> "Recipe":
        """The fast recogniser's recipe, in the same pipeline. Its head learns from the start: most of it is new."""
        return replace(
            self,
            pace="fast",
            seed=self.seed + _FAST_SEED,
            shards=self.fast_shards,
            steps=self.fast_steps,
            hidden=min(self.hidden, _FAST_HIDDEN),
            head_share=0.2,
            head_from=0.0,
        )

    @property
    def wheels_dir(self) -> Path:
        """Models taken out of wheels."""
        return self.cache / "models"

    @property
    def fonts_dir(self) -> Path:
        """Faces, unpacked."""
        return self.cache / "fonts"

    @property
    def text_dir(self) -> Path:
        """Text packages, unpacked."""
        return self.cache / "text"

    @property
    def charset_path(self) -> Path:
        """The chosen charset."""
        return self.cache / "charset.txt"

    @property
    def teacher_path(self) -> Path:
        """The teacher's ONNX file."""
        return self.wheels_dir / wheels.SMALL.name

    @property
    def tiny_path(self) -> Path:
        """PP-OCRv6 tiny's ONNX file, whose backbone the fast recogniser has."""
        return self.wheels_dir / wheels.TINY.name

    @property
    def tiny_charset_path(self) -> Path:
        """Its characters."""
        return self.wheels_dir / wheels.TINY_CHARSET.name

    @property
    def backbone_path(self) -> Path:
        """Backbone and teacher's neck, exported."""
        return self.cache / f"backbone{self._pace}.onnx"

    @property
    def whole_path(self) -> Path:
        """The trained recogniser in floats."""
        return self.cache / f"whole{self._pace}.pt"

    @property
    def floats_path(self) -> Path:
        """The same in ONNX format."""
        return self.cache / f"recogniser-float{self._pace}.onnx"

    @property
    def features_dir(self) -> Path:
        """Shards of features."""
        return self.cache / f"features{self._pace}{self._suffix}"

    @property
    def run_dir(self) -> Path:
        """Checkpoints, log, plots and exports of the run."""
        return self.cache / f"run{self._pace}{self._suffix}"

    @property
    def integer_dir(self) -> Path:
        """Results of each step of the quantisation."""
        return self.cache / f"integer{self._pace}"

    @property
    def detector_dir(self) -> Path:
        """Crops and checkpoint of the detector's neck."""
        return self.cache / "detector"

    @property
    def neck_path(self) -> Path:
        """The detector's narrow neck, trained."""
        return self.detector_dir / "neck.pt"

    @property
    def _pace(self) -> str:
        return "" if self.pace == "accurate" else f"-{self.pace}"

    @property
    def _suffix(self) -> str:
        return f"-{self.number}" if self.number else ""


def line_maker(recipe: Recipe, held_out: bool = False, seed: int | None = None) -> tuple[LineMaker, list[str]]:
    """Make the recipe's source of lines, and its charset.

    Args:
        recipe: the run.
        held_out: use the faces held out of training instead of the others.
        seed: another seed than the recipe's.
    """
    charset = charsets.read(recipe.charset_path)
    faces = fonts.load(recipe.fonts_dir, charset, recipe.cache / "faces.json")
    chosen = [face for face in faces if face.held_out == held_out]
    writer = Writer(corpus.load(recipe.text_dir, recipe.cache / "corpus.json"), charset)
    styles = (packages.STROKES_FOLDER, stroke_data.read_folder), (packages.KANJIVG_FOLDER, kanjivg.read_folder)
    known = [
        stroke_data.load(recipe.text_dir / folder, recipe.cache / f"{folder}.npz", read)
        for folder, read in styles
        if (recipe.text_dir / folder).exists()
    ]
    # Characters that the second style lacks are written in the first.
    known = [one.filled(known[0]) for one in known]
    return LineMaker(writer, chosen, recipe.seed if seed is None else seed, known), charset
