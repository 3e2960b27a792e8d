"""Evaluates on rendered lines in held-out faces: print, handwriting-like, hard; ours compared with the teacher."""

import argparse
from pathlib import Path

import cv2
import numpy as np

from edgeocr.model.training.data import charset as charsets
from edgeocr.model.training.data.lines import LineMaker
from edgeocr.model.training.data.text import Kind, Writer
from edgeocr.model.training.distillation.recipe import Recipe, line_maker
from edgeocr.model.training.evaluation.evaluate import Reader, Set, measure, published, table
from edgeocr.model.training.integer.split import whole

_SEED = 977


def sets(maker: LineMaker, writer: Writer, lines: int) -> list[Set]:
    """Render the three sets in the maker's faces."""
    kinds = {kind.name: kind for kind in writer.kinds}
    hand = Kind("hand", 1, writer.simplified, ("hand",), "page")
    groups = {
        "print": [kinds[name] for name in ("simplified", "traditional", "english", "format")],
        "handwriting-like": [hand],
        "hard": [kinds[name] for name in ("scene", "shop", "receipt", "plate", "rare")],
    }
    rendered = []
    for number, (name, members) in enumerate(groups.items()):
        made = []
        for index in range(lines):
            kind = members[index % len(members)]
            if name == "print" and kind.roles[-1] == "hand":
                kind = Kind(kind.name, 1, kind.write, ("han",), kind.look)
            line = maker.line_of(np.random.default_rng((_SEED, number, index)), kind)
            made.append((line.image, line.text))
        rendered.append((name, made))
    return rendered


def main() -> None:
    """Print the table for ours and PP-OCRv6 small."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--ours", type=Path, required=True, help="folder with recogniser.onnx and charset.txt")
    parser.add_argument("--lines", type=int, default=200, help="lines in each set")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    recipe = Recipe(arguments.cache)
    maker, _ = line_maker(recipe, held_out=True)
    ours = Reader("ours", whole(arguments.ours), charsets.read(arguments.ours / "charset.txt"))
    readers = [published(recipe.wheels_dir)[0], ours]
    print(table(measure(readers, sets(maker, maker.writer, arguments.lines), lambda _: None)))


if __name__ == "__main__":
    main()
