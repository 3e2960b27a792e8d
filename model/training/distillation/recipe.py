"""Every number and place of a training run, in one frozen value."""

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
"""The two readers: what is made of PP-OCRv6 small, and of PP-OCRv6 tiny."""


_FAST_SEED = 10
_FAST_HIDDEN = 80
"""Units of each direction of its LSTM: together as many as the network that it stands for has."""


@dataclass(frozen=True)
class Recipe:
    """A run of the pipeline from wheels to exported file.

    Attributes:
        cache: folder that holds everything fetched and made.
        pace: which reader is made.
        seed: of lines and of training.
        shards: shards of features to make.
        shard_lines: lines in a shard.
        steps: optimiser steps; the learning rate reaches zero at the last.
        batch_steps: time steps in a batch, about; a batch holds lines of like width.
        hidden: units of each direction of the LSTM.
        rate: highest learning rate.
        negatives: classes drawn at random into each batch's softmax.
        without: kinds of lines that training leaves out.
        head_share: share of the highest rate at which the head learns.
        head_from: share of the steps after which it does.
        number: of the run; the first is 0, and what is trained is the mean of the first and the last.
        turned: share of short lines that stand on their head, with the teacher's own reading as their truth.
        later_steps: steps of the second run, which goes on from the first with other lines.
        later_turned: its share of turned lines.
        last_share: what its weights count in the mean.
        fast_shards: shards of features to make for the fast reader.
        fast_steps: optimiser steps of its only run.
        detector_pages: pages that the detector's ranges are chosen on.
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
    detector_pages: int = 36

    def later(self) -> "Recipe":
        """The second run of the same pipeline."""
        number = self.number + 1
        return replace(self, number=number, seed=self.seed + number, steps=self.later_steps, turned=self.later_turned)

    def fast(self) -> "Recipe":
        """The fast reader's recipe, in the same pipeline. Its head learns from the start: most of it is new."""
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
        """PP-OCRv6 tiny's ONNX file, whose eyes the fast reader has."""
        return self.wheels_dir / wheels.TINY.name

    @property
    def tiny_charset_path(self) -> Path:
        """Its characters."""
        return self.wheels_dir / wheels.TINY_CHARSET.name

    @property
    def eyes_path(self) -> Path:
        """Backbone and teacher's neck, exported."""
        return self.cache / f"backbone{self._pace}.onnx"

    @property
    def whole_path(self) -> Path:
        """The trained recogniser in floats."""
        return self.cache / f"whole{self._pace}.pt"

    @property
    def floats_path(self) -> Path:
        """The same as ONNX."""
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
        """What each step of the quantisation leaves."""
        return self.cache / f"integer{self._pace}"

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
        held_out: use the faces kept out of training in place of the others.
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
    # A hand that lacks a character writes it in the first style.
    known = [one.filled(known[0]) for one in known]
    return LineMaker(writer, chosen, recipe.seed if seed is None else seed, known), charset
