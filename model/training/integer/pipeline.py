"""Quantises the trained float network: fits gates, equalises, chooses ranges, rounds.

Every step keeps its result in the cache and is not repeated. Neck and head are not trained again: the rounding of
features is noise to them, and after some hundred steps on rounded features they read rendered lines as well as before,
and real ones worse.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from edgeocr.model.training.distillation.begin import teacher_of
from edgeocr.model.training.distillation.prune import pruned
from edgeocr.model.training.distillation.recipe import Recipe
from edgeocr.model.training.integer import calibration, equalise, rounding
from edgeocr.model.training.integer.ranges import Range
from edgeocr.model.training.integer.tune import tune
from edgeocr.model.training.networks import gates
from edgeocr.model.training.networks.crnn import Crnn

_TELL_EVERY = 25


@dataclass(frozen=True)
class Plan:
    """The numbers of a quantisation.

    Attributes:
        recipe: of the float network; its lines are used for measuring.
        share: of the multiplications in the backbone's pairs that is pruned, 0–1; none by default, as accuracy suffers.
        equalisation: strength of the equalisation of channels, 0–1.
        calibration_lines: lines for observing activations.
        price_lines: lines for measuring the error of cuts.
        tune_pool: lines that tuning draws from.
        tune_steps: tuning steps of ranges, biases and roundings; none by default.
        tune_lines: lines in each step.
    """

    recipe: Recipe
    share: float = 0.0
    equalisation: float = 0.5
    calibration_lines: int = 400
    price_lines: int = 32
    tune_pool: int = 3000
    tune_steps: int = 0
    tune_lines: int = 4


def quick(recipe: Recipe) -> Plan:
    """The smallest plan that includes every step."""
    return Plan(recipe, share=0.05, calibration_lines=24, price_lines=4, tune_pool=48, tune_steps=3, tune_lines=2)


@dataclass(frozen=True)
class Quantised:
    """A network and the ranges of its bytes.

    Attributes:
        network: in floats, its backbone's weights rounded to steps of bytes.
        ranges: of every quantised result, by name.
    """

    network: Crnn
    ranges: dict[str, Range]


class Pipeline:
    """The steps, each from the previous one's result in the cache.

    Args:
        plan: the numbers.
        whole: the trained float network, with the teacher's backbone.
        folder: for results.
        report: receives progress messages.
    """

    def __init__(self, plan: Plan, whole: Crnn, folder: Path, report: Callable[[str], None] = print) -> None:
        self._plan = plan
        self._whole = whole.eval()
        self._folder = folder
        self._report = report
        self._lines = calibration.lines(plan.recipe, plan.calibration_lines)
        folder.mkdir(parents=True, exist_ok=True)

    def prepared(self) -> Crnn:
        """The float network prepared for quantisation: gates fitted, pruned, channels equalised."""
        path = self._folder / "prepared.pt"
        if not path.exists():
            network = copy.deepcopy(self._whole)
            network.backbone = gates.folded(network.backbone, gates.fit(network.backbone, self._lines))
            if self._plan.share > 0:
                priced = calibration.batch(self._lines, self._plan.price_lines)
                network, left = pruned(network, self._lines, priced, self._plan.share)
                self._report(f"pruned; inner channels left: {left}")
            sizes = equalise.sizes(network.backbone, self._lines)
            network.backbone = equalise.equalised(network.backbone, *sizes, self._plan.equalisation)
            _save(network, path)
        return _load(path)

    def run(self) -> Quantised:
        """The prepared network with ranges, its weights rounded to steps of bytes."""
        path, ranges_path = self._folder / "rounded.pt", self._folder / "ranges.json"
        if not path.exists():
            network = self.prepared()
            ranges = calibration.backbone_ranges(network, self._lines)
            network.backbone = rounding.round_matrices(network.backbone, ranges, self._lines)
            if self._plan.tune_steps > 0:
                ranges = self._tuned(network, ranges)
            ranges |= calibration.neck_ranges(network, ranges, self._lines)
            ranges_path.write_text(json.dumps({name: asdict(range_) for name, range_ in ranges.items()}))
            _save(network, path)
        kept = json.loads(ranges_path.read_text())
        return Quantised(_load(path), {name: Range(**ends) for name, ends in kept.items()})

    def _tuned(self, network: Crnn, ranges: dict[str, Range]) -> dict[str, Range]:
        """Tune the backbone's ranges, biases and roundings, in place; returns the tuned ranges."""
        teacher, _ = teacher_of(self._plan.recipe)
        pool = calibration.lines(self._plan.recipe, self._plan.tune_pool, self._plan.calibration_lines)
        batches = calibration.batches(pool, self._plan.tune_steps, self._plan.tune_lines)
        return tune(network.backbone, teacher, ranges, batches, self._progress())

    def _progress(self) -> Callable[[int, float], None]:
        errors: list[float] = []

        def note(step: int, error: float) -> None:
            errors.append(error)
            if len(errors) == _TELL_EVERY:
                mean = sum(errors) / _TELL_EVERY
                self._report(f"tuning: step {step + 1} of {self._plan.tune_steps}, error {mean:.4f}")
                errors.clear()

        return note


def _save(network: Crnn, path: Path) -> None:
    partial = path.with_suffix(".partial")
    torch.save(network, partial)
    partial.replace(path)


def _load(path: Path) -> Crnn:
    # Made by this pipeline in its own cache; the shapes of a pruned network are only in the object.
    network = torch.load(path, weights_only=False)
    assert isinstance(network, Crnn)
    return network
