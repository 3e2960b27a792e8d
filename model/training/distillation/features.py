"""The producer: renders lines, runs the frozen backbone and the teacher's neck once, and stores features and targets.

A shard is one .npz of lines sorted by width. Shards are numbered by the lines of the seed that they hold, written
atomically and never changed, so that several producers and one trainer can run in parallel and be restarted.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from torch import Tensor, nn

from edgeocr.model.training.data.lines import Line, LineMaker
from edgeocr.model.training.data.text import Rng
from edgeocr.model.training.distillation.recipe import Recipe, line_maker
from edgeocr.model.training.networks import onnx_file, tensors
from edgeocr.model.training.networks.teacher import Teacher, load_teacher
from edgeocr.model.training.networks.tiny import Tiny

_BATCH_PIXELS = 4096
_MOST_TURNED_PIXELS = 200
"""Width of a line up to which it may be turned."""


@dataclass(frozen=True)
class Sample:
    """The features and targets of one line.

    Attributes:
        features: F×T float16, the frozen backbone's.
        target: T×W float16, the teacher's head input.
        label: class indices of the true text.
        kind: name of the kind of line.
    """

    features: NDArray[np.float16]
    target: NDArray[np.float16]
    label: NDArray[np.int32]
    kind: str


class _Backbone(nn.Module):
    """Backbone features and the output of the teacher's neck."""

    def __init__(self, teacher: Teacher | Tiny) -> None:
        super().__init__()
        self.teacher = teacher

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.teacher.backbone(x)
        return features, self.teacher.neck(features)


def single_threaded(path: Path) -> onnxruntime.InferenceSession:
    """Open a model on one thread, since several producers share a machine."""
    return onnx_file.on_one_thread(path.read_bytes())


def export_backbone(teacher: Teacher | Tiny, path: Path) -> None:
    """Write backbone and teacher's neck as ONNX (dynamic batch and width), several times faster than PyTorch."""
    outputs = {"features": {0: "batch", 2: "steps"}, "target": {0: "batch", 1: "steps"}}
    onnx_file.write(_Backbone(teacher).eval(), path, outputs)


class TurnedLines:
    """Lines turned upside down. The teacher reads such lines when they are short; its reading is their label.

    Args:
        share: of the short lines that are turned, 0–1.
        teacher: reads them.
        known: its characters.
        charset: the student's.
    """

    KIND = "turned"

    def __init__(self, share: float, teacher: Teacher, known: Sequence[str], charset: Sequence[str]) -> None:
        self._share = share
        rows = [0, *(known.index(character) + 1 for character in charset)]
        self._weight = teacher.head.weight.detach().numpy()[rows].T
        self._bias = teacher.head.bias.detach().numpy()[rows]

    def turned(self, line: Line, rng: Rng) -> Line:
        """The line, or the same upside down without a label."""
        if rng.random() >= self._share or line.kind == "plate" or line.image.shape[1] > _MOST_TURNED_PIXELS:
            return line
        return replace(line, image=np.ascontiguousarray(line.image[::-1, ::-1]), text="", kind=self.KIND)

    def truth(self, target: NDArray[np.float32]) -> NDArray[np.int32]:
        """Class indices of the teacher's reading, from its head's input T×120."""
        path = (target @ self._weight + self._bias).argmax(1)
        kept = np.append(True, path[1:] != path[:-1]) & (path != 0)
        return np.asarray(path[kept], np.int32)


def see(
    session: onnxruntime.InferenceSession,
    lines: Sequence[Line],
    classes: dict[str, int],
    turned: TurnedLines | None = None,
) -> list[Sample]:
    """Run lines of one width bucket through the backbone."""
    features, target = session.run(None, {"lines": tensors.to_input([line.image for line in lines])})
    samples = []
    for row, line in enumerate(lines):
        label = np.array([classes[c] for c in line.text if c in classes], np.int32)
        if turned is not None and line.kind == TurnedLines.KIND:
            label = turned.truth(target[row])
        samples.append(Sample(features[row].astype(np.float16), target[row].astype(np.float16), label, line.kind))
    return samples


def produce(
    maker: LineMaker,
    session: onnxruntime.InferenceSession,
    charset: Sequence[str],
    first: int,
    count: int,
    turned: TurnedLines | None = None,
) -> list[Sample]:
    """Render lines first … first + count - 1 and run the backbone on them, batched by width bucket."""
    classes = {character: index for index, character in enumerate(charset, start=1)}
    made = [maker.line(index) for index in range(first, first + count)]
    if turned is not None:
        made = [turned.turned(line, np.random.default_rng((first, place))) for place, line in enumerate(made)]
    lines = sorted(made, key=lambda li: li.image.shape[1])
    samples: list[Sample] = []
    batch: list[Line] = []
    for line in lines:
        width = tensors.padded_width(line.image.shape[1])
        same = batch and tensors.padded_width(batch[0].image.shape[1]) == width
        if batch and (not same or len(batch) * width >= _BATCH_PIXELS):
            samples += see(session, batch, classes, turned)
            batch = []
        batch.append(line)
    return samples + see(session, batch, classes, turned)


def write_shard(path: Path, samples: Sequence[Sample]) -> None:
    """Write samples as flat arrays with offsets, atomically."""
    steps = np.array([sample.target.shape[0] for sample in samples])
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(
            file,
            features=np.concatenate([sample.features.T for sample in samples]),
            targets=np.concatenate([sample.target for sample in samples]),
            labels=np.concatenate([sample.label for sample in samples]),
            steps=steps,
            lengths=np.array([len(sample.label) for sample in samples]),
            kinds=np.array([sample.kind for sample in samples]),
        )
    partial.replace(path)


def read_shard(path: Path) -> list[Sample]:
    """Read a shard back."""
    with np.load(path) as shard:
        features, targets, labels, kinds = (shard[k] for k in ("features", "targets", "labels", "kinds"))
        ends, label_ends = np.cumsum(shard["steps"]), np.cumsum(shard["lengths"])
        return [
            Sample(features[e - s : e].T, targets[e - s : e], labels[le - n : le], str(kind))
            for e, s, le, n, kind in zip(ends, shard["steps"], label_ends, shard["lengths"], kinds, strict=True)
        ]


def run(recipe: Recipe, worker: int, workers: int) -> None:
    """Write this worker's share of the recipe's shards, except those that exist."""
    cv2.setNumThreads(1)
    maker, charset = line_maker(recipe)
    session = single_threaded(recipe.backbone_path)
    turned = TurnedLines(recipe.turned, *load_teacher(recipe.teacher_path), charset) if recipe.turned else None
    recipe.features_dir.mkdir(parents=True, exist_ok=True)
    for number in range(worker, recipe.shards, workers):
        path = recipe.features_dir / f"{number:05d}.npz"
        if not path.exists():
            first = number * recipe.shard_lines
            write_shard(path, produce(maker, session, charset, first, recipe.shard_lines, turned))


def main() -> None:
    """Run one producer; give each its own --worker."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--worker", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--shards", type=int, default=Recipe.shards)
    parser.add_argument("--shard-lines", type=int, default=Recipe.shard_lines)
    parser.add_argument("--later", action="store_true", help="for the second run")
    parser.add_argument("--fast", action="store_true", help="for the fast recogniser")
    arguments = parser.parse_args()
    recipe = Recipe(arguments.cache, shards=arguments.shards, shard_lines=arguments.shard_lines)
    recipe = replace(recipe, fast_shards=arguments.shards)
    recipe = recipe.fast() if arguments.fast else recipe.later() if arguments.later else recipe
    run(recipe, arguments.worker, arguments.workers)


if __name__ == "__main__":
    main()
