"""A contact sheet of training lines, some rows for each kind of text."""

import argparse
from pathlib import Path

import cv2
import numpy as np

from edgeocr.model.training.data.augmentation import Image
from edgeocr.model.training.data.lines import LineMaker
from edgeocr.model.training.distillation.recipe import Recipe, line_maker

_WIDTH_PIXELS, _GAP_PIXELS, _NAME_PIXELS = 1400, 6, 110


def sheet(maker: LineMaker, rows_of_kind: int = 3) -> Image:
    """Draw a few rows of lines for each kind, its name before them; H×1400×3 uint8 BGR."""
    rows: list[Image] = []
    for kind in maker.writer.kinds:
        for row_number in range(rows_of_kind):
            row = np.full((48 + _GAP_PIXELS, _WIDTH_PIXELS, 3), 255, np.uint8)
            if row_number == 0:
                cv2.putText(row, kind.name, (2, 32), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (0, 0, 0), 1, cv2.LINE_AA)
            x, index = _NAME_PIXELS, 0
            while index < 12:
                line = maker.line_of(np.random.default_rng((3, len(rows), index)), kind)
                index += 1
                width = line.image.shape[1]
                if x + width <= _WIDTH_PIXELS:
                    row[:48, x : x + width] = line.image
                    x += width + _GAP_PIXELS
            rows.append(row)
    return np.vstack(rows)


def main() -> None:
    """Write the contact sheet; the suffix of --to chooses the format."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    arguments = parser.parse_args()
    maker, _ = line_maker(Recipe(arguments.cache))
    cv2.imwrite(str(arguments.to), sheet(maker), [cv2.IMWRITE_JPEG_QUALITY, 70])


if __name__ == "__main__":
    main()
