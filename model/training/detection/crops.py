"""Crops of rendered pages as the neck sees them: what the published backbone gives it, and what the head makes of that.

Shards of them are kept in the cache, written atomically and never changed, so that making them can be stopped and
resumed. The same seed gives the same shards.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edgeocr.model.training.data.augmentation import Image
from edgeocr.model.training.detection import neck as necks
from edgeocr.model.training.detection import published
from edgeocr.model.training.detection.forward import run
from edgeocr.model.training.detection.layers import sources
from edgeocr.model.training.detection.neck import Neck
from edgeocr.model.training.detection.pages import PageMaker
from edgeocr.model.training.detection.plan import Plan
from edgeocr.model.training.distillation.recipe import line_maker

SIDE_PIXELS = 384
_LONGEST_SIDES = (640, 800, 960, 960, 960, 1280)
_STREAM = 7
"""Tells the draws for crops of a page from those for the page itself."""


@dataclass(frozen=True)
class Crops:
    """What the published detector makes of some crops.

    Attributes:
        taken: what the backbone gives the neck, N×C×H×W, by name.
        head: what the head's first convolution makes of it.
    """

    taken: dict[str, Tensor]
    head: Tensor

    def __len__(self) -> int:
        return len(self.head)

    def __getitem__(self, rows: NDArray[np.int64] | slice) -> "Crops":
        return Crops({name: value[rows] for name, value in self.taken.items()}, self.head[rows])


def cut(maker: PageMaker, seed: int, index: int, count: int) -> NDArray[np.uint8]:
    """Crops of page number *index*, N×384×384×3 BGR, some inverted, turned by right angles, paler or darker."""
    rng = np.random.default_rng((seed, index, _STREAM))
    image = maker.page(index, int(rng.choice(_LONGEST_SIDES))).image
    if rng.random() < 0.15:
        image = 255 - image
    if rng.random() < 0.25:
        image = np.rot90(image, int(rng.integers(1, 4)))
    if rng.random() < 0.2:
        contrast, light = rng.uniform(0.4, 1.2), rng.uniform(-30, 40)
        image = np.clip(image.astype(np.float32) * contrast + light, 0, 255).astype(np.uint8)
    image = _large_enough(image)
    height, width = image.shape[:2]
    crops = []
    for _ in range(count):
        y, x = int(rng.integers(0, height - SIDE_PIXELS + 1)), int(rng.integers(0, width - SIDE_PIXELS + 1))
        crops.append(image[y : y + SIDE_PIXELS, x : x + SIDE_PIXELS])
    return np.stack(crops)


def _large_enough(image: Image) -> Image:
    below, right = (max(0, SIDE_PIXELS - side) for side in image.shape[:2])
    whole = np.ascontiguousarray(image)
    return np.asarray(cv2.copyMakeBorder(whole, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8)


def see(neck: Neck, images: NDArray[np.uint8]) -> Crops:
    """Run the published detector on N×H×W×3 BGR images, up to its head."""
    (source,) = sources([*neck.backbone, *neck.layers])
    values = run(neck.backbone, {source: published.planes(images)}, keep=neck.taken)
    taken = {name: values[name] for name in neck.taken}
    return Crops(taken, run(neck.layers, taken, keep=[neck.head])[neck.head])


def write(path: Path, shard: Sequence[Crops]) -> None:
    """Write crops as half-precision arrays, atomically."""
    partial = path.with_suffix(".partial")
    tensors = {name: [crops.taken[name] for crops in shard] for name in shard[0].taken}
    tensors["head"] = [crops.head for crops in shard]
    arrays: dict[str, Any] = {name: torch.cat(values).numpy().astype(np.float16) for name, values in tensors.items()}
    with partial.open("wb") as file:
        np.savez(file, **arrays)
    partial.replace(path)


def read(path: Path) -> Crops:
    """Read a shard back."""
    with np.load(path) as shard:
        taken = {name: torch.from_numpy(shard[name].astype(np.float32)) for name in shard.files}
    head = taken.pop("head")
    return Crops(taken, head)


def paths(plan: Plan) -> list[Path]:
    """The files of a plan's shards, made or not."""
    return [plan.crops_dir / f"{number:05d}.npz" for number in range(plan.shards)]


def make(plan: Plan, producers: int) -> None:
    """Write a plan's shards in other processes, except those that exist.

    Raises:
        ValueError: the downloaded file is not the pinned one.
    """
    plan.crops_dir.mkdir(parents=True, exist_ok=True)
    missing = [number for number, path in enumerate(paths(plan)) if not path.exists()]
    with ProcessPoolExecutor(producers, get_context("spawn")) as pool:
        try:
            for made in [pool.submit(_make, plan, number) for number in missing]:
                made.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _make(plan: Plan, number: int) -> None:
    maker, neck = _tools(plan)
    indices = range(number * plan.shard_pages, (number + 1) * plan.shard_pages)
    shard = [see(neck, cut(maker, plan.recipe.seed, index, plan.page_crops)) for index in indices]
    write(paths(plan)[number], shard)


@cache
def _tools(plan: Plan) -> tuple[PageMaker, Neck]:
    """What a process needs for every shard."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    lines, _ = line_maker(plan.recipe)
    return PageMaker(lines, plan.recipe.seed), necks.read(published.load(plan.recipe.wheels_dir))
