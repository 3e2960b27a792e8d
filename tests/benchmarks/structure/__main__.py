"""How well the structure of pages is read, and whether the characters that are marked as doubtful are the wrong ones.

    python -m tests.benchmarks.structure [--pages FOLDER …] [--tables FOLDER …] [--lines FOLDER …] [--show]

Without arguments: paragraphs and tables of pages that are drawn here, with right answers of our own. A FOLDER of pages
holds lines.json, see `tests.benchmarks.pages`; one of tables holds tables.json, a list of {"image", "tables"}, where a
table is a list of rows of texts; one of lines holds labels.tsv files below it, of a path, a tab and the truth a row.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

import edgeocr.model
from edgeocr.model.options import Mode, Preparation, ReadOptions
from edgeocr.model.reading import ReadSource, TextReader
from edgeocr.model.training.detection.recall import order_distance, read_pages
from edgeocr.model.training.evaluation.accuracy import load_labels
from edgeocr.results.document import Page
from tests.benchmarks.structure.doubts import Doubts
from tests.benchmarks.structure.samples import TABLES, TEXTS, drawn_table, drawn_text
from tests.benchmarks.structure.scores import Cells, Following, Units

_OPTIONS = ReadOptions(preparation=Preparation(aligned_tables=True))
_THRESHOLDS = (0.8, 0.9)


def read_one(reader: TextReader, source: ReadSource, options: ReadOptions | None = None) -> Page:
    """The only page of a source."""
    (page,) = reader.read(source, options)
    return page


def own_texts(reader: TextReader, *, show: bool) -> None:
    """Prints how many paragraphs, headings and items of the drawn pages are read as what they are."""
    print("| drawn page | units | right | too many | missed |\n| --- | --- | --- | --- | --- |")
    total = Units()
    for name, sample in TEXTS.items():
        page = read_one(reader, drawn_text(sample))
        units = Units()
        read = [text for block in page.blocks for text in block.text.split("\n")]
        missed = units.add([unit.text for unit in sample.units], read)
        total += units
        print(f"| {name} | {units.cells()} | {'; '.join(one[:40] for one in missed) or '–'} |", flush=True)
        if show:
            for block in page.blocks:
                print(f"    {block.kind} {block.level}: {block.text!r}")
    print(f"| all | {total.cells()} | |\n")


def own_tables(reader: TextReader) -> None:
    """Prints how many cells of the drawn tables are read in their place."""
    print("| drawn table | cells | right |\n| --- | --- | --- |")
    total = Cells()
    for name, sample in TABLES.items():
        cells = Cells()
        cells.add([sample.rows], read_one(reader, drawn_table(sample), _OPTIONS).tables)
        total += cells
        print(f"| {name} | {cells.cells()} |", flush=True)
    print(f"| all | {total.cells()} |\n")


def labelled_tables(reader: TextReader, folders: Sequence[Path]) -> None:
    """Prints the same of tables with labels."""
    print("| set | cells | right |\n| --- | --- | --- |")
    for folder in folders:
        cells = Cells()
        for row in json.loads((folder / "tables.json").read_text("utf-8")):
            cells.add(row["tables"], read_one(reader, folder / row["image"], _OPTIONS).tables)
        print(f"| {folder.name} | {cells.cells()} |", flush=True)
    print()


def order(reader: TextReader, folders: Sequence[Path]) -> None:
    """Prints the edits between pages' text and their lines in reading order, for each character, and how many of the
    lines that are found follow those before them. Texts without labels count as edits, and not in the latter."""
    print("| set | pages | order, mean | lines that follow | worst |\n| --- | --- | --- | --- | --- |")
    for folder in folders:
        found, following = [], Following()
        for truth in read_pages(folder):
            page = read_one(reader, truth.path)
            texts = [line.text for line in truth.lines]
            found.append((order_distance(page.text, texts), truth.path.name))
            following.add(texts, page.text)
        worst = "; ".join(f"{name[:40]} {distance:.3f}" for distance, name in sorted(found, reverse=True)[:3])
        mean = float(np.mean([distance for distance, _ in found]))
        print(f"| {folder.name} | {len(found)} | {mean:.3f} | {following.cell()} | {worst} |", flush=True)
    print()


def doubts(reader: TextReader, folders: Sequence[Path]) -> None:
    """Prints how many wrong characters, and how many right ones, are marked as doubtful."""
    print("| set | lines | wrong | marked in these, by confidence below | right characters marked |")
    print("| --- | --- | --- | --- | --- |")
    total = Doubts(_THRESHOLDS)
    for table in (table for folder in folders for table in sorted(folder.glob("**/labels.tsv"))):
        one = Doubts(_THRESHOLDS)
        for path, truth in load_labels(table).items():
            for line in _line(reader, path):
                one.add(truth, line, table.parent.name)
        total += one
        print(f"| {table.parent.name} | {one.cells()} |", flush=True)
    print(f"| all | {total.cells()} |\n")


def _line(reader: TextReader, path: Path) -> Iterator[Sequence[tuple[str, float]]]:
    """The characters of a line's picture and their confidences; nothing where none was read."""
    pixels = cv2.imread(str(path))
    assert pixels is not None, path
    page = read_one(reader, np.asarray(pixels, np.uint8), ReadOptions(mode=Mode.LINE))
    for line in page.lines[:1]:
        yield [(one.text, one.confidence) for one in line.characters]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("pages", "tables", "lines"):
        parser.add_argument(f"--{name}", type=Path, nargs="+", metavar="FOLDER", default=[])
    parser.add_argument("--show", action="store_true", help="print the blocks of the drawn pages")
    arguments = parser.parse_args()
    reader = edgeocr.model.load()
    if not (arguments.pages or arguments.tables or arguments.lines):
        own_texts(reader, show=arguments.show)
        own_tables(reader)
    if arguments.pages:
        order(reader, arguments.pages)
    if arguments.tables:
        labelled_tables(reader, arguments.tables)
    if arguments.lines:
        doubts(reader, arguments.lines)


if __name__ == "__main__":
    main()
