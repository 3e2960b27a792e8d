"""Scores results of reading against labels: the accuracy that this project reports.

    edgeocr read --mode line --format jsonl FOLDER/images \\
        | python -m edgeocr.model.training.evaluation.accuracy FOLDER/labels.tsv

A label is one row of a table: an image's path, relative to the table, a tab, and its text. The folder's name selects
the rule by which the set is scored (`scoring.RULES`).
"""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from edgeocr.model.training.evaluation.scoring import Score, score


def load_labels(table: Path) -> dict[Path, str]:
    """The text of each image, by the image's resolved path."""
    rows = (row.split("\t", 1) for row in table.read_text("utf-8").splitlines() if row)
    return {(table.parent / name).resolve(): text for name, text in rows}


def load_guesses(rows: Iterable[str]) -> dict[Path, str]:
    """The text that was read from each image, "" where it failed, by the image's resolved path."""
    results = [json.loads(row) for row in rows]
    return {
        Path(result["path"]).resolve(): "".join(
            line["text"] for page in result.get("pages", ()) for line in page["lines"]
        )
        for result in results
    }


def evaluate(table: Path, rows: Iterable[str]) -> Score:
    """Scores rows of `edgeocr read --format jsonl`; a label without a guess counts as one that read nothing."""
    labels, guesses = load_labels(table), load_guesses(rows)
    return score(((text, guesses.get(path, "")) for path, text in labels.items()), table.resolve().parent.name)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, help="the table of labels")
    parser.add_argument("guesses", type=argparse.FileType(encoding="utf-8"), nargs="?", default=sys.stdin,
                        help="rows of `edgeocr read --format jsonl` (default: standard input)")  # fmt: skip
    arguments = parser.parse_args()
    result = evaluate(arguments.labels, arguments.guesses)
    print(
        f"{arguments.labels.resolve().parent.name}: {result.lines} lines, "
        f"accuracy {result.accuracy:.1%}, CER {result.cer:.2%}"
    )


if __name__ == "__main__":
    main()
