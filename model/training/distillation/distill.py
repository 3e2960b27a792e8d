"""The trainer: the neck, and later the head, learn from shards of features. Training resumes after it was killed.

A round loads a few random shards of those that exist and trains on their lines once. A checkpoint is written between
rounds and holds everything that the next step depends on.
"""

import argparse
import copy
import json
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from edgeocr.model.training.data import charset as charsets
from edgeocr.model.training.distillation import begin
from edgeocr.model.training.distillation.features import Sample, read_shard
from edgeocr.model.training.distillation.recipe import Recipe
from edgeocr.model.training.evaluation.scoring import score
from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.crnn import Crnn
from edgeocr.model.training.networks.losses import Batch, Heads, Vocabulary, Weights, distillation_loss

_ROUND_SHARDS = 8
_EMA = 0.998


def collate(samples: Sequence[Sample]) -> Batch:
    """Stack samples of equal width."""
    return Batch(
        torch.tensor(np.stack([s.features for s in samples])).float(),
        torch.tensor(np.stack([s.target for s in samples])).float(),
        torch.tensor(np.concatenate([s.label for s in samples])).long(),
        torch.tensor([len(s.label) for s in samples]),
    )


def batches(samples: Sequence[Sample], batch_steps: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Group samples of equal width into batches of about batch_steps time steps, in random order."""
    buckets: dict[int, list[Sample]] = defaultdict(list)
    for index in rng.permutation(len(samples)):
        sample = samples[int(index)]
        # CTC needs a step for each character, and one for the blank between equal neighbours.
        if len(sample.label) > 0 and 2 * len(sample.label) <= 2 * len(sample.target) - 2:
            buckets[len(sample.target)].append(sample)
    groups = []
    for steps, bucket in sorted(buckets.items()):
        size = max(1, batch_steps // steps)
        groups += [bucket[i : i + size] for i in range(0, len(bucket), size)]
    for index in rng.permutation(len(groups)):
        yield collate(groups[int(index)])


def schedule(progress: float) -> float:
    """Share of the maximum learning rate: warm-up, then cosine decay to zero; progress is 0–1."""
    return min(progress / 0.02, 0.5 + 0.5 * math.cos(math.pi * min(progress, 1.0)))


class Trainer:
    """A student with its optimiser, its moving average and its place in the schedule.

    Args:
        recipe: of the run.
        begun: a network to continue from; by default the student begins equivalent to the teacher.
        check: called before every round and while waiting for shards; raises if their producers failed.
    """

    def __init__(self, recipe: Recipe, begun: Crnn | None = None, check: Callable[[], None] = lambda: None) -> None:
        self.recipe = recipe
        self._check = check
        self.charset = charsets.read(recipe.charset_path)
        torch.manual_seed(recipe.seed)
        self.student = begin.begun(recipe, self.charset)
        self.teacher_head = copy.deepcopy(self.student.head)
        if begun is not None:
            self.student.load_state_dict(begun.state_dict())
        self.average = copy.deepcopy(self.student.neck)
        neck = self.student.neck
        fresh = [*neck.lstm.parameters(), *neck.out.parameters()]
        known_parts = [value for value in neck.parameters() if all(value is not other for other in fresh)]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": fresh, "share": 1.0},
                {"params": known_parts, "share": 0.2},
                {"params": list(self.student.head.parameters()), "share": 0.0},
            ],
            weight_decay=1e-4,
        )
        self.vocabulary = Vocabulary(self.student.head, recipe.negatives)
        self.step = 0
        self.round = 0
        self.seconds = 0.0
        self.path = recipe.run_dir / "checkpoint.pt"
        if self.path.exists():
            self._resume()

    def save(self) -> None:
        """Write the checkpoint; the old one stays until the new one is whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        state: dict[str, Any] = {
            "neck": self.student.neck.state_dict(),
            "head": self.student.head.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "round": self.round,
            "seconds": self.seconds,
        }
        torch.save(state, partial)
        partial.replace(self.path)

    def _resume(self) -> None:
        state = torch.load(self.path, weights_only=True)
        self.student.neck.load_state_dict(state["neck"])
        self.student.head.load_state_dict(state["head"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.round, self.seconds = state["step"], state["round"], state["seconds"]

    def learn(self, batch: Batch, weights: Weights) -> dict[str, float]:
        """Take one step."""
        progress = self.step / self.recipe.steps
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate * schedule(progress) * group["share"]
        head_share = self.recipe.head_share if progress > self.recipe.head_from else 0.0
        self.optimiser.param_groups[2]["lr"] = head_share * self.recipe.rate * schedule(progress)
        generator = torch.Generator().manual_seed(self.recipe.seed * 1_000_003 + self.step)
        classes = self.vocabulary.choose(batch.labels, generator)
        guess = self.student.neck(batch.features)
        parts = distillation_loss(guess, batch, Heads(self.student.head, self.teacher_head), classes, weights)
        self.optimiser.zero_grad()
        parts["total"].backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.student.neck.parameters(), 2.0)
        self.optimiser.step()
        self.step += 1
        decay = min(_EMA, self.step / (self.step + 20))
        for mean, value in zip(self.average.parameters(), self.student.neck.parameters(), strict=True):
            mean.data.lerp_(value.data, 1 - decay)
        return {name: float(value.detach()) for name, value in parts.items()}

    def _shards(self) -> list[Path]:
        """Wait for a shard besides the first, which is for validation; return the shards so far."""
        self._check()
        while len(there := sorted(self.recipe.features_dir.glob("*.npz"))) < 2:
            time.sleep(1)
            self._check()
        return there[1:]

    def one_round(self, weights: Weights) -> dict[str, float]:
        """Train on a few shards once; returns the mean of each part of the loss."""
        rng = np.random.default_rng((self.recipe.seed, self.round))
        there = self._shards()
        late = np.linspace(1, 3, len(there))  # newer shards have been drawn less often so far
        chosen = rng.choice(len(there), min(_ROUND_SHARDS, len(there)), replace=False, p=late / late.sum())
        samples = [sample for index in chosen for sample in read_shard(there[int(index)])]
        samples = [sample for sample in samples if sample.kind not in self.recipe.without]
        sums: dict[str, list[float]] = defaultdict(list)
        started = time.monotonic()
        for batch in batches(samples, self.recipe.batch_steps, rng):
            if self.step >= self.recipe.steps:
                break
            for name, value in self.learn(batch, weights).items():
                sums[name].append(value)
        self.round += 1
        self.seconds += time.monotonic() - started
        return {name: float(np.mean(values)) for name, values in sums.items()}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Line accuracy (0–1) of the moving average on the first shard, by kind of line."""
        samples = read_shard(sorted(self.recipe.features_dir.glob("*.npz"))[0])
        pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for sample in samples:
            features = torch.tensor(sample.features[None]).float()
            classes = self.student.head(self.average(features)).argmax(-1)
            truth = "".join(self.charset[int(index) - 1] for index in sample.label)
            pairs[sample.kind].append((truth, tensors.decode(classes.numpy(), self.charset)[0]))
        return {kind: round(score(found).accuracy, 4) for kind, found in sorted(pairs.items())}


def averaged(trainer: Trainer) -> Crnn:
    """The student for use: the moving average of its neck."""
    trainer.student.neck.load_state_dict(trainer.average.state_dict())
    return trainer.student.eval()


def run(
    recipe: Recipe,
    weights: Weights,
    validate_every: int = 8,
    begun: Crnn | None = None,
    check: Callable[[], None] = lambda: None,
) -> Trainer:
    """Train to the recipe's last step, logging one JSON object per round to run/log.jsonl; see `Trainer`."""
    trainer = Trainer(recipe, begun, check)
    while trainer.step < recipe.steps:
        entry: dict[str, Any] = trainer.one_round(weights)
        entry |= {"step": trainer.step, "round": trainer.round, "seconds": round(trainer.seconds, 1)}
        if trainer.round % validate_every == 0 or trainer.step >= recipe.steps:
            entry["validation"] = trainer.validate()
        trainer.save()
        with (recipe.run_dir / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry, ensure_ascii=False) + "\n")
    return trainer


def main() -> None:
    """Train from the features in a cache; may run while they are still being made."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--without", nargs="*", default=[], help="kinds of lines to leave out")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    run(replace(Recipe(arguments.cache), steps=arguments.steps, without=tuple(arguments.without)), Weights())


if __name__ == "__main__":
    main()
