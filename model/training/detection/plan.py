"""The numbers of the training of the detector's neck."""

from dataclasses import dataclass
from pathlib import Path

from edgeocr.model.training.distillation.recipe import Recipe


@dataclass(frozen=True)
class Plan:
    """How the neck is narrowed and taught.

    Attributes:
        recipe: says where everything is; its seed is that of pages and of training.
        inner: channels of every scale within the neck, 96 in the published one.
        outputs: channels that each scale gives the head, 24 in the published one.
        shards: files of crops; the first is never trained on.
        shard_pages: pages in each.
        page_crops: crops of a page.
        fit_shards: shards that least squares see, every second crop of them.
        steps: optimiser steps; the learning rate reaches its least at the last.
        batch: crops in a step.
        rate: what a step changes at most, as a share of the mean size of each tensor's numbers.
    """

    recipe: Recipe
    inner: int = 48
    outputs: int = 16
    shards: int = 137
    shard_pages: int = 12
    page_crops: int = 5
    fit_shards: int = 3
    steps: int = 9000
    batch: int = 4
    rate: float = 0.0045

    @property
    def crops_dir(self) -> Path:
        """Shards of crops."""
        return self.recipe.detector_dir / "crops"

    @property
    def checkpoint_path(self) -> Path:
        """What training goes on from."""
        return self.recipe.detector_dir / "checkpoint.pt"
