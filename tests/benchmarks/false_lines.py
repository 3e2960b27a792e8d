"""Lines that are read where there is no text, in pictures drawn at random, by the least confidence that a line needs.

    python -m tests.benchmarks.false_lines [--count 200] [--pages FOLDER …] [--rapidocr PYTHON]

With pages, folders that hold lines.json as in tests.benchmarks.pages, the share of right lines that each least
confidence leaves out is told as well: that is what its default is chosen by. PYTHON is an interpreter with `rapidocr`.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2

from edgeocr.model.files.image import EncodedImage
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import LEAST_CONFIDENCE, Mode, ReaderSettings
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.results import Line
from edgeocr.model.timing import Trace
from edgeocr.model.training.detection.recall import holds, read_pages
from tests.benchmarks.pages.__main__ import Subject, subject
from tests.benchmarks.textless import KINDS, pictures

_LEAST = (0.0, 0.2, 0.3, 0.35, LEAST_CONFIDENCE, 0.45, 0.5, 0.6, 0.7)


def lines_of(reader: Reader, data: bytes) -> Sequence[Line]:
    """All lines, whatever their confidence."""
    *_, last = reader.read(EncodedImage(data), Mode.PAGE, Trace())
    return last.page.lines if hasattr(last, "page") else ()


def confidence(line: Line) -> float:
    """Of a line as its least is measured: the mean over its characters."""
    return sum(one.confidence for one in line.characters) / max(1, len(line.characters))


def in_pictures(reader: Reader, count: int, peer: Subject | None) -> None:
    """Prints the false lines by kind and by least confidence."""
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    others: Counter[str] = Counter()
    touched: Counter[float] = Counter()
    for kind, pixels in pictures(count):
        data = cv2.imencode(".png", pixels)[1].tobytes()
        sure = [confidence(line) for line in lines_of(reader, data)]
        found[kind] += sure
        touched.update(least for least in _LEAST if any(one >= least for one in sure))
        if peer is not None:
            with tempfile.NamedTemporaryFile(suffix=".png") as file:
                file.write(data)
                file.flush()
                others[kind] += len(peer.read(Path(file.name))["lines"])
    print(f"\n{count} pictures without text: lines read\n")
    print(f"| kind | none left out | default {LEAST_CONFIDENCE:g} | RapidOCR |")
    print("| --- | --- | --- | --- |")
    for kind, sure in found.items():
        kept = sum(one >= LEAST_CONFIDENCE for one in sure)
        print(f"| {kind} | {len(sure)} | {kept} | {others[kind] if peer else '–'} |")
    every = [one for sure in found.values() for one in sure]
    kept = sum(one >= LEAST_CONFIDENCE for one in every)
    print(f"| all | {len(every)} | {kept} | {others.total() if peer else '–'} |\n")
    print("| least confidence | false lines | pictures with any |\n| --- | --- | --- |")
    for least in _LEAST:
        print(f"| {least:g} | {sum(one >= least for one in every)} | {touched[least]} |")


def in_pages(reader: Reader, folders: Sequence[Path]) -> None:
    """Prints how many right lines of pages each least confidence leaves out."""
    right = []
    for folder in folders:
        for page in read_pages(folder):
            wanted = "\n".join(line.text for line in page.lines)
            read = lines_of(reader, page.path.read_bytes())
            right += [confidence(line) for line in read if line.text.strip() and holds(wanted, line.text)]
    print(f"\n{len(right)} right lines of pages\n\n| least confidence | left out | share |\n| --- | --- | --- |")
    for least in _LEAST:
        lost = sum(one < least for one in right)
        print(f"| {least:g} | {lost} | {100 * lost / max(1, len(right)):.2f} % |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--pages", type=Path, nargs="+", default=[])
    parser.add_argument("--rapidocr", help="interpreter of an environment with rapidocr")
    arguments = parser.parse_args()
    reader = Reader(Models.load(DEFAULT_FOLDER), ReaderSettings(least_confidence=0.0))
    if arguments.rapidocr:
        program = str(Path(__file__).parent / "pages" / "rapidocr_subject.py")
        with subject("RapidOCR", arguments.rapidocr, program) as peer:
            in_pictures(reader, arguments.count, peer)
    else:
        in_pictures(reader, arguments.count, None)
    if arguments.pages:
        in_pages(reader, arguments.pages)


if __name__ == "__main__":
    main()
