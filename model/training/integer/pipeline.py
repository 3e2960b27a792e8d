"""From the trained network in floats to one that is ready for integers: prune, choose ranges, tune.

Every step leaves its result in the cache and is not done again. Neck and head do not learn anew: what rounding takes
from features is noise to them, and taught on it for a few hundred steps they read rendered lines as well and real ones
worse.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from edgeocr.model.training.distillation.prune import pruned
from edgeocr.model.training.distillation.recipe import Recipe
from edgeocr.model.training.integer import calibration
from edgeocr.model.training.integer.ranges import Range
from edgeocr.model.training.integer.tune import tune
from edgeocr.model.training.networks.crnn import Crnn

_TELL_EVERY = 25


@dataclass(frozen=True)
class Plan:
    """The numbers of a quantisation.

    Attributes:
        recipe: of the network in floats; its lines are what the rest is measured on.
        share: of the multiplications in the backbone's pairs that is pruned, 0–1; none is worth what it costs.
        calibration_lines: lines that show what activations are like.
        price_lines: lines that tell what a cut costs.
        tune_pool: lines that tuning draws from.
        tune_steps: steps in which ranges, biases and roundings learn.
        tune_lines: lines in each.
    """

    recipe: Recipe
    share: float = 0.0
    calibration_lines: int = 400
    price_lines: int = 32
    tune_pool: int = 3000
    tune_steps: int = 1000
    tune_lines: int = 4


def quick(recipe: Recipe) -> Plan:
    """The smallest plan that takes every step."""
    return Plan(recipe, share=0.05, calibration_lines=24, price_lines=4, tune_pool=48, tune_steps=3, tune_lines=2)


@dataclass(frozen=True)
class Quantised:
    """A network and what its bytes stand for.

    Attributes:
        network: in floats, its backbone's weights lying on the steps that bytes can say.
        ranges: of every result that is rounded, by name.
    """

    network: Crnn
    ranges: dict[str, Range]


class Pipeline:
    """The steps, each from what the one before left in the cache.

    Args:
        plan: the numbers.
        whole: the trained network in floats.
        folder: where results are kept.
        report: is told what goes on.
    """

    def __init__(self, plan: Plan, whole: Crnn, folder: Path, report: Callable[[str], None] = print) -> None:
        self._plan = plan
        self._whole = whole.eval()
        self._folder = folder
        self._report = report
        self._lines = calibration.lines(plan.recipe, plan.calibration_lines)
        folder.mkdir(parents=True, exist_ok=True)

    def cut(self) -> Crnn:
        """The network, pruned, in floats."""
        path = self._folder / "cut.pt"
        if not path.exists():
            priced = calibration.batch(self._lines, self._plan.price_lines)
            network, left = pruned(self._whole, self._lines, priced, self._plan.share)
            self._report(f"pruned; inner channels left: {left}")
            _save(network, path)
        return _load(path)

    def run(self) -> Quantised:
        """The pruned network with ranges, biases and roundings that were learned."""
        path, ranges_path = self._folder / "tuned.pt", self._folder / "ranges.json"
        if not path.exists():
            network = self.cut()
            pool = calibration.lines(self._plan.recipe, self._plan.tune_pool, self._plan.calibration_lines)
            batches = calibration.batches(pool, self._plan.tune_steps, self._plan.tune_lines)
            begun = calibration.backbone_ranges(network, self._lines)
            ranges = tune(network, self._whole, begun, batches, self._progress())
            ranges |= calibration.neck_ranges(network, ranges, self._lines)
            ranges_path.write_text(json.dumps({name: asdict(range_) for name, range_ in ranges.items()}))
            _save(network, path)
        kept = json.loads(ranges_path.read_text())
        return Quantised(_load(path), {name: Range(**ends) for name, ends in kept.items()})

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
    # Made by this pipeline in its own cache; a pruned network has shapes that only the whole object tells.
    network = torch.load(path, weights_only=False)
    assert isinstance(network, Crnn)
    return network
