"""The command line of what calibrates weights and writes the result into their manifest."""

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2

from edgeocr.model.training.distillation.recipe import Recipe


def run(description: str | None, what: str, count: int, measure: Callable[[Path, Recipe, int], str]) -> None:
    """Parse the command line, measure, and print the report.

    Args:
        description: of the command.
        what: is rendered, in the plural; also the name of the option for their number.
        count: their default number.
        measure: takes the folder of the weights, the recipe and the number; returns the report.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--cache", type=Path, required=True, help="cache folder of training")
    parser.add_argument("--weights", type=Path, required=True, help="folder of weights and their manifest")
    parser.add_argument(
        f"--{what}", dest="count", metavar=what.upper(), type=int, default=count, help=f"{what} to render (%(default)s)"
    )
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    print(measure(arguments.weights, Recipe(arguments.cache), arguments.count))
