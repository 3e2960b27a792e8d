"""The trainer of the detector's narrow neck: it learns to give the published one's head input and map.

It begins with what least squares give (`narrow`), and resumes after it was killed: a checkpoint is written after every
shard and holds everything that the next step depends on.
"""

import argparse
import math
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from edgeocr.model.training.detection import crops, published
from edgeocr.model.training.detection import neck as necks
from edgeocr.model.training.detection.crops import Crops
from edgeocr.model.training.detection.forward import Weights
from edgeocr.model.training.detection.losses import Numbers, losses
from edgeocr.model.training.detection.narrow import narrowed
from edgeocr.model.training.detection.neck import Neck
from edgeocr.model.training.detection.plan import Plan
from edgeocr.model.training.distillation.recipe import Recipe

_WARM_UP_STEPS = 50
_LAST_RATE = 0.01
"""As a share of the first."""

_LEAST_SIZE = 1e-3
"""Of a tensor's numbers, for its rate."""

_TELL_ROUNDS = 10
"""After so many shards training reports its progress."""


def schedule(step: int, steps: int) -> float:
    """Share of the plan's rate: warm-up, then cosine decay."""
    return min(1.0, step / _WARM_UP_STEPS) * (0.5 + 0.5 * math.cos(math.pi * step / steps) + _LAST_RATE)


class Trainer:
    """Weights of a narrow neck with their optimiser and their place in the schedule.

    Args:
        plan: its shards have been made.
        neck: the published one.
    """

    def __init__(self, plan: Plan, neck: Neck) -> None:
        self._plan, self._neck = plan, neck
        self._unseen, *self._paths = crops.paths(plan)
        self.step = 0
        self.round = 0
        state: dict[str, Any] | None = None
        if plan.checkpoint_path.exists():
            state = torch.load(plan.checkpoint_path, weights_only=True)
        begun: Weights = state["weights"] if state else self._fitted()
        self.weights = {
            name: (torch.nn.Parameter(values), torch.nn.Parameter(bias)) for name, (values, bias) in begun.items()
        }
        self._optimiser = torch.optim.Adam(
            [
                {"params": [value], "base": plan.rate * max(value.abs().mean().item(), _LEAST_SIZE)}
                for pair in self.weights.values()
                for value in pair
            ],
            betas=(0.9, 0.98),
            eps=1e-10,
        )
        if state:
            self._optimiser.load_state_dict(state["optimiser"])
            self.step, self.round = state["step"], state["round"]

    def _fitted(self) -> Weights:
        plan = self._plan
        shards = [crops.read(path)[::2] for path in self._paths[: plan.fit_shards]]
        taken = {name: torch.cat([shard.taken[name] for shard in shards]) for name in self._neck.taken}
        return narrowed(self._neck, taken, plan.inner, plan.outputs, np.random.default_rng(plan.recipe.seed))

    def save(self) -> None:
        """Write the checkpoint; the old one stays until the new one is whole."""
        state = {
            "weights": {name: tuple(value.detach() for value in pair) for name, pair in self.weights.items()},
            "optimiser": self._optimiser.state_dict(),
            "step": self.step,
            "round": self.round,
        }
        partial = self._plan.checkpoint_path.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self._plan.checkpoint_path)

    def learn(self, batch: Crops) -> Numbers:
        """Take one step."""
        for group in self._optimiser.param_groups:
            group["lr"] = group["base"] * schedule(self.step, self._plan.steps)
        found = losses(self._neck, self.weights, batch)
        self._optimiser.zero_grad()
        found.total.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self.step += 1
        return found.numbers()

    def one_round(self) -> list[Numbers]:
        """Train on the crops of the next shard once."""
        seed = self._plan.recipe.seed
        epoch, place = divmod(self.round, len(self._paths))
        order = np.random.default_rng((seed, epoch)).permutation(len(self._paths))
        rng = np.random.default_rng((seed, epoch, place))
        batches = self._batches(self._paths[order[place]], rng)
        seen = [self.learn(batch) for batch in islice(batches, self._plan.steps - self.step)]
        self.round += 1
        return seen

    @torch.no_grad()
    def validate(self) -> list[Numbers]:
        """Losses on the shard that is never trained on."""
        batches = self._batches(self._unseen, np.random.default_rng(0))
        return [losses(self._neck, self.weights, batch).numbers() for batch in batches]

    def _batches(self, path: Path, rng: np.random.Generator) -> Iterator[Crops]:
        shard = crops.read(path)
        for rows in np.array_split(rng.permutation(len(shard)), max(1, len(shard) // self._plan.batch)):
            yield shard[rows]


def distilled(plan: Plan, producers: int = 1, report: Callable[[str], None] = print) -> Weights:
    """The narrow neck's weights from the cache; makes crops in other processes and trains it if they are not there.

    Raises:
        ValueError: the downloaded file is not the pinned one.
    """
    path = plan.recipe.neck_path
    if not path.exists():
        neck = necks.read(published.load(plan.recipe.wheels_dir))
        crops.make(plan, producers)
        trainer = Trainer(plan, neck)
        seen: list[Numbers] = []
        while trainer.step < plan.steps:
            seen += trainer.one_round()
            trainer.save()
            if trainer.step >= plan.steps or trainer.round % _TELL_ROUNDS == 0:
                report(f"neck: step {trainer.step} of {plan.steps}, {_told(seen)}; unseen {_told(trainer.validate())}")
                seen.clear()
        necks.save(trainer.weights, path)
    return necks.load(path)


def _told(seen: list[Numbers]) -> str:
    return "head {:.4f} map {:.5f} differing {:.4f}".format(*np.mean(seen, 0))


def main() -> None:
    """Make crops and teach the detector's neck from a cache with charset, faces and texts."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="cache folder of training")
    parser.add_argument("--producers", type=int, default=1, help="processes that make crops (%(default)s)")
    parser.add_argument("--steps", type=int, default=Plan.steps, help="optimiser steps (%(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of training; with one, weights are the same each time")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    distilled(Plan(Recipe(arguments.cache), steps=arguments.steps), arguments.producers)


if __name__ == "__main__":
    main()
