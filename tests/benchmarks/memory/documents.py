"""Peak memory of a server that reads a PDF file, by how many pages it has.

Each file has a fresh server with one worker, and is read twice: over a stream, whose pages leave one by one, and by a
single call, whose answer holds them all. Fails if a longer file's peak is beyond the shortest one's by more than its
own bytes and what the answer takes.

    python -m tests.benchmarks.memory.documents [--pages 10 200]
"""

import argparse
import sys
import time

import grpc

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.checks.proof.rig.process import open_files, status_bytes
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import page
from tests.support.serving import ServerProcess, stub

_LINES = 20
_SCAN_EVERY = 8
_MOST_GROWTH_BYTES = 10 << 20
"""What the heap's wear may add, and what a message with all pages takes."""


def document(pages: int) -> bytes:
    """Pages of text, A4, each unlike the others; every eighth is a scan."""
    return pdf([_scan(number) if number % _SCAN_EVERY == 3 else _text(number) for number in range(pages)])


def _rows(number: int) -> list[str]:
    return [f"Page {number + 1}, row {row + 1}: the quick brown fox jumps" for row in range(_LINES)]


def _text(number: int) -> PdfPageSpec:
    texts = [(text, 60, 780 - 36 * row) for row, text in enumerate(_rows(number))]
    return PdfPageSpec(texts, width=595, height=842, size=14)


def _scan(number: int) -> PdfPageSpec:
    texts = [(text, (120, 100 + 80 * row)) for row, text in enumerate(_rows(number))]
    return PdfPageSpec(image=page(texts, 1240, 1754), width=595, height=842)


def by_stream(channel: grpc.Channel, data: bytes) -> int:
    """Reads the document over a stream; how many of its pages have their number in their text."""
    config = ocr_pb2.StreamConfig(page_events=True, omit_line_events=True)
    image = ocr_pb2.StreamImage(id="document", image=ocr_pb2.Image(encoded=data))
    requests = [ocr_pb2.RecognizeStreamRequest(config=config), ocr_pb2.RecognizeStreamRequest(image=image)]
    answers = stub(channel).RecognizeStream(iter(requests))
    return sum(_is_right(answer.page.page) for answer in answers if answer.HasField("page"))


def by_call(channel: grpc.Channel, data: bytes) -> int:
    """Reads the document by a single call, likewise."""
    request = ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=data))
    return sum(map(_is_right, stub(channel).Recognize(request).document.pages))


def _is_right(found: ocr_pb2.Page) -> bool:
    return f"Page{found.index + 1}," in found.text.replace(" ", "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="+", default=[10, 200], help="lengths of the files")
    peaks: dict[object, list[int]] = {by_stream: [], by_call: []}
    options = [("grpc.max_receive_message_length", -1)]
    for pages in parser.parse_args().pages:
        data = document(pages)
        for read, found in peaks.items():
            with ServerProcess("--workers", "1") as server, grpc.insecure_channel(server.target, options) as channel:
                idle, files, begun = (
                    status_bytes(server.process.pid, "VmRSS"),
                    open_files(server.process.pid),
                    time.time(),
                )
                right = read(channel, data)  # type: ignore[operator]
                peak = status_bytes(server.process.pid, "VmHWM")
                found.append(peak - len(data))
                left = open_files(server.process.pid) - files
                print(
                    f"{read.__name__:10} {pages:4} pages, {len(data) / 1e6:5.2f} MB: {right} with their number read, "  # type: ignore[attr-defined]
                    f"peak {peak / 1e6:.1f} MB ({idle / 1e6:.1f} before), {time.time() - begun:.0f} s, "
                    f"{left} more files open (the connection is one)",
                    flush=True,
                )
    growth = max(max(found) - found[0] for found in peaks.values())
    print(f"largest growth beside the file: {growth / 1e6:.1f} MB; {_MOST_GROWTH_BYTES / 1e6:.1f} MB are allowed")
    return int(growth > _MOST_GROWTH_BYTES)


if __name__ == "__main__":
    sys.exit(main())
