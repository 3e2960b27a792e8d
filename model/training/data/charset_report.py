"""Compares candidate rules for the charset: number of characters, coverage of texts, cost of the head."""

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np

from edgeocr.characters import is_han
from edgeocr.model.training.data import charset as charsets
from edgeocr.model.training.data import corpus
from edgeocr.model.training.data.charset import coverage
from edgeocr.model.training.distillation.recipe import Recipe
from edgeocr.model.training.networks.teacher import WIDTH, load_teacher

_STEPS = 40  # of a line of 320 pixels


def _head_ms(classes: int) -> float:
    """Time the head's matrix product for one 320-pixel line, in ms."""
    rng = np.random.default_rng(0)
    line = rng.random((_STEPS, WIDTH), dtype=np.float32)
    weight = rng.random((WIDTH, classes), dtype=np.float32)
    times = []
    for _ in range(30):
        started = time.perf_counter()
        line @ weight
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1e3


def _counts(words: dict[str, float]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for word, count in words.items():
        for character in word:
            counts[character] += int(count)
    return counts


def _labels(folder: Path) -> Counter[str]:
    rows = (line for path in sorted(folder.glob("*/labels.tsv")) for line in path.read_text("utf-8").splitlines())
    return Counter("".join(row.split("\t", 1)[1] for row in rows))


def report(recipe: Recipe, lines: Path | None) -> str:
    """A Markdown table of the candidate rules; the labels of a folder of lines are for coverage only."""
    _, known = load_teacher(recipe.teacher_path)
    words = corpus.counted_words(recipe.text_dir)
    counts = {"word lists": _counts(words)}
    if lines:
        counts["labels"] = _labels(lines)
    signs = [c for c in known if not is_han(c) and charsets.is_kept_sign(c)]
    simplified, traditional = charsets.gb2312(), charsets.big5()
    both = simplified | traditional
    common = simplified | {c for c in traditional if c.encode("big5") < b"\xc9\x40"}
    candidates = {
        "all that the teacher knows": known,
        "GB 2312, Big5, words of the lists (chosen)": charsets.choose(known, words),
        "GB 2312, Big5": [*signs, *(c for c in known if c in both)],
        "GB 2312, Big5 level 1": [*signs, *(c for c in known if c in common)],
        "GB 2312": [*signs, *(c for c in known if c in simplified)],
    }
    heading = [*(f"Han of the {name} covered, % (kinds missing)" for name in counts), "head, million", "head, ms"]
    rows = ["| rule | characters | Han | " + " | ".join(heading) + " |", "| --- |" + " --- |" * (len(heading) + 2)]
    for name, chosen in candidates.items():
        covered = [coverage(chosen, count) for count in counts.values()]
        cells = [f"{100 * result.share:.3f} ({result.missing})" for result in covered]
        cells += [f"{(WIDTH + 1) * (len(chosen) + 1) / 1e6:.2f}", f"{_head_ms(len(chosen) + 1):.2f}"]
        rows.append(f"| {name} | {len(chosen)} | {sum(map(is_han, chosen))} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--lines", type=Path, help="folder of sets whose labels' coverage is shown")
    arguments = parser.parse_args()
    print(report(Recipe(arguments.cache), arguments.lines))


if __name__ == "__main__":
    main()
