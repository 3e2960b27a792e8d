"""What reads pages on the emulated CPU as the server does, with a mark wherever another part of the reading begins.

python pages.py --weights FOLDER --reading adaptive --warm-up IMAGE --images IMAGE … --to FILE
"""

import argparse
import json
from pathlib import Path

from edgeocr.model.files.image import EncodedImage
from edgeocr.model.options import Mode, ReaderSettings, Reading
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.results import PageRead
from edgeocr.model.timing import Trace
from tests.benchmarks.stages.watch import Part, Watch
from tests.checks.arm64.guests.marks import OUTSIDE, mark

NUMBERS = {part: number for number, part in enumerate(Part, OUTSIDE + 1)}
"""The marks of parts."""


def text(reader: Reader, source: EncodedImage) -> list[str]:
    """The lines of a page."""
    *_, page = reader.read(source, Mode.PAGE, Trace())
    assert isinstance(page, PageRead)
    return [line.text for line in page.page.lines]


def main() -> None:
    """The command, for the check to start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--reading", type=Reading, choices=list(Reading), required=True)
    parser.add_argument("--warm-up", type=Path, required=True, help="image that is read before marks are made")
    parser.add_argument("--images", type=Path, nargs="+", required=True)
    parser.add_argument("--to", type=Path, required=True, help="file for the lines of each, as JSON")
    arguments = parser.parse_args()
    reader = Reader(Models.load(arguments.weights), ReaderSettings(reading=arguments.reading))
    text(reader, EncodedImage(arguments.warm_up.read_bytes()))
    sources = [EncodedImage(image.read_bytes()) for image in arguments.images]
    found = []
    with Watch(lambda part: mark(NUMBERS[part])).watching(reader.models):
        for source in sources:
            mark(NUMBERS[Part.REST])
            found.append(text(reader, source))
            mark(OUTSIDE)
    arguments.to.write_text(json.dumps(found, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
