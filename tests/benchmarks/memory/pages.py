"""The most resident memory of a server that reads pages in turn, a scan of 50 megapixels, and a long capture.

    python -m tests.benchmarks.memory.pages --pages FOLDER … [--workers 1]

FOLDER holds image files. The server has its default budget, by which it may read a large scan at a part of its size;
the share of its lines that are read is printed too.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from edgeocr.client import Client, OcrError
from tests.checks.proof.rig.process import status_bytes
from tests.support.rendering import encoded, page
from tests.support.serving import ServerProcess

_WIDTH, _HEIGHT = 5774, 8660
_CAPTURE_WIDTH, _CAPTURE_HEIGHT = 1080, 19860
_ROWS = [(f"Line {number} of a large scan, 2026-11-24", (400, 400 + 130 * number)) for number in range(60)]


def scan() -> bytes:
    """A page of 50 megapixels, as a JPEG file."""
    return encoded(page(_ROWS, _WIDTH, _HEIGHT, 80), ".jpg")


def capture() -> tuple[bytes, list[str]]:
    """A capture of a long conversation, as a PNG file, and its lines."""
    texts = [f"Message {number} of a long conversation, 10:{number % 60:02d}" for number in range(300)]
    rows = [(text, (40, 30 + 66 * number)) for number, text in enumerate(texts)]
    return encoded(page(rows, _CAPTURE_WIDTH, _CAPTURE_HEIGHT, 32)), texts


def read_all(server: ServerProcess, client: Client, files: Sequence[Path]) -> None:
    """Reads the files, then the scan, and prints the peak after each."""
    lines = 0
    for file in tqdm(files, unit="page", file=sys.stderr):
        try:
            lines += len(client.read(file.read_bytes()).pages[0].lines)
        except OcrError as error:
            print(f"{file.name}: {error}")
    print(f"{len(files)} pages with {lines:,} lines: peak {status_bytes(server.process.pid, 'VmHWM') / 1e6:.0f} MB")
    long, texts = capture()
    for name, data, expected in (
        (f"a scan of {_WIDTH * _HEIGHT / 1e6:.0f} megapixels", scan(), [text for text, _ in _ROWS]),
        (f"a capture of {_CAPTURE_WIDTH}×{_CAPTURE_HEIGHT}", long, texts),
    ):
        read = client.read(data).pages[0]
        known = {text.replace(" ", "") for text in expected}
        found = sum(line.text.replace(" ", "") in known for line in read.lines)
        print(
            f"and {name}, read at 1/{read.reduction} of its sides, {found} of {len(expected)} lines right: "
            f"peak {status_bytes(server.process.pid, 'VmHWM') / 1e6:.0f} MB"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, nargs="+", required=True)
    parser.add_argument("--workers", default="1")
    arguments = parser.parse_args()
    files = sorted(file for folder in arguments.pages for file in folder.iterdir() if file.suffix != ".json")
    with ServerProcess("--workers", arguments.workers) as server, Client(server.target) as client:
        read_all(server, client, [file for file in files if file.is_file()])


if __name__ == "__main__":
    main()
