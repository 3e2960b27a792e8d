"""What commands that measure something of weights and put it into their manifest take."""

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2

from edgeocr.model.training.distillation.recipe import Recipe


def run(description: str | None, what: str, count: int, measure: Callable[[Path, Recipe, int], str]) -> None:
    """Parse the command line, measure, and print what is told of it.

    Args:
        description: of the command.
        what: is rendered to measure on, in the plural, and the name of the option that says how many.
        count: of them by default.
        measure: takes the folder of the weights, the recipe and the count.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--cache", type=Path, required=True, help="the training's folder")
    parser.add_argument("--weights", type=Path, required=True, help="folder of weights and their manifest")
    parser.add_argument(
        f"--{what}", dest="count", metavar=what.upper(), type=int, default=count, help=f"{what} to render (%(default)s)"
    )
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    print(measure(arguments.weights, Recipe(arguments.cache), arguments.count))
