"""From the trained network in floats to one that is ready for integers: fit gates, equalise, choose ranges, round.

Every step leaves its result in the cache and is not done again. Neck and head do not learn anew: what rounding takes
from features is noise to them, and taught on it for a few hundred steps they read rendered lines as well and real ones
worse.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from edgeocr.model.training.distillation.prune import pruned
from edgeocr.model.training.distillation.recipe import Recipe
from edgeocr.model.training.integer import calibration, equalise, rounding
from edgeocr.model.training.integer.ranges import Range
from edgeocr.model.training.integer.tune import tune
from edgeocr.model.training.networks import gates
from edgeocr.model.training.networks.crnn import Crnn
from edgeocr.model.training.networks.teacher import load_teacher

_TELL_EVERY = 25


@dataclass(frozen=True)
class Plan:
    """The numbers of a quantisation.

    Attributes:
        recipe: of the network in floats; its lines are what the rest is measured on.
        share: of the multiplications in the backbone's pairs that is pruned, 0–1; none is worth what it costs.
        equalisation: how far channels are brought to like size, 0–1.
        calibration_lines: lines that show what activations are like.
        price_lines: lines that tell what a cut costs.
        tune_pool: lines that tuning draws from.
        tune_steps: steps in which ranges, biases and roundings learn after that; none by default.
        tune_lines: lines in each.
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
        whole: the trained network in floats, its backbone the teacher's.
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

    def prepared(self) -> Crnn:
        """The network in floats with what integers can do: its gates fitted, pruned, its channels equalised."""
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
        """The prepared network with ranges, its weights on steps that bytes can say."""
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
        """Let the backbone's ranges, biases and roundings learn, in place; gives the ranges that were learned."""
        teacher, _ = load_teacher(self._plan.recipe.teacher_path)
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
    # Made by this pipeline in its own cache; a pruned network has shapes that only the whole object tells.
    network = torch.load(path, weights_only=False)
    assert isinstance(network, Crnn)
    return network
