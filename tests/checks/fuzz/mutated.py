"""Sends altered files of every format through a running server: `python -m tests.checks.fuzz.mutated [--count 2000]`.

Each file is to be read, or to be told that it is damaged, locked or too costly; nothing may end the server or come as
INTERNAL, and each decoder process that was replaced counts in a metric. The last line says whether that was kept, and
whether a server that fails at every image is told from it.
"""

import argparse
import asyncio
import random
import sys
from collections import Counter
from collections.abc import Iterator

import numpy as np
from PIL import Image

from edgeocr.client import AsyncClient
from tests.checks.proof.rig.servers import server
from tests.support.files import hostile
from tests.support.files.documents import tiff
from tests.support.files.file_formats import every_format
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.serving import ServerProcess

_KINDS = ("jpeg", "webp", "tiff", "jpeg 2000", "avif", "heic", "gif", "pnm")
_EXPECTED = {"OK", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION"}
_RESTARTS = "edgeocr_decoder_restarts_total"
_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
_IN_FLIGHT, _CONTROL_COUNT = 4, 20


def seeds() -> list[bytes]:
    """Small valid files, and one of each costly kind."""
    pixels = np.random.default_rng(3).integers(0, 255, (48, 64, 3), np.uint8)
    files = [data for name, data in every_format(Image.fromarray(pixels)) if name.startswith(_KINDS)]
    files += [pdf([PdfPageSpec([("one", 40, 100)], image=pixels)]), pdf([PdfPageSpec([("two", 9, 9)])], "secret")]
    files += [tiff([pixels, pixels[:16]]), hostile.nested_forms_pdf(depth=3), hostile.twice_deflated_pdf(1 << 24)]
    return [*files, hostile.wordy_pdf(40), hostile.scans_jpeg(300, 200, 20)]


def altered(data: bytes, source: random.Random) -> bytes:
    """A file with some bytes changed, repeated, moved or deleted, or with other numbers."""
    changed = bytearray(data)
    for _ in range(source.choice((1, 1, 2, 4, 8, 32))):
        # Most decisions depend on headers.
        most = source.choice((64, 512, len(changed)))
        place = source.randrange(max(1, min(most, len(changed))))
        length = source.choice((1, 2, 4, 16, 256))
        match source.randrange(6):
            case 0:
                changed[place : place + 1] = bytes([source.randrange(256)])
            case 1:
                size = source.choice((1, 2, 4))
                number = source.choice(_NUMBERS) & ((1 << 8 * size) - 1)
                changed[place : place + size] = number.to_bytes(size, source.choice(("big", "little")))
            case 2:
                del changed[place : place + length]
            case 3:
                changed[place:place] = changed[place : place + length]
            case 4:
                other = source.randrange(len(changed) + 1)
                changed[place : place + length] = changed[other : other + length]
            case _:
                changed[place:place] = source.randbytes(length)
        if not changed:
            return data[:1]
    return bytes(changed)


def files(count: int, seed: int) -> Iterator[bytes]:
    """A number of altered files; a seed's are always the same."""
    source, whole = random.Random(seed), seeds()
    for number in range(count):
        yield altered(whole[number % len(whole)], source)


def attempt(count: int, seed: int, faults: tuple[str, ...] = ()) -> tuple[Counter[str], dict[str, float], bool]:
    """How the files are answered, why decoder processes were replaced, and whether the server is alive."""
    with server("--workers", "2", "--decode-seconds", "5", faults=faults) as running:
        codes = asyncio.run(_sent(running, files(count, seed)))
        is_alive = running.process.poll() is None
        restarts = {name: value for name, value in running.metrics().items() if name.startswith(_RESTARTS) and value}
    return codes, restarts, is_alive


async def _sent(running: ServerProcess, images: Iterator[bytes]) -> Counter[str]:
    codes: Counter[str] = Counter()
    async with AsyncClient(running.target, timeout_seconds=60.0) as client:
        async for result in client.read_many(images, in_flight=_IN_FLIGHT):
            codes[result.error.code.name if result.error is not None else "OK"] += 1
    return codes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="of files (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of what is altered (default: %(default)s)")
    arguments = parser.parse_args()
    codes, restarts, is_alive = attempt(arguments.count, arguments.seed)
    print(f"{arguments.count} files: {dict(codes)}; the server {'is alive' if is_alive else 'WAS KILLED'}")
    print(f"decoder processes replaced: {restarts or 'none'}")
    kept = is_alive and codes.total() == arguments.count and set(codes) <= _EXPECTED
    failing, _, _ = attempt(_CONTROL_COUNT, arguments.seed, ("fail",))
    flagged = not set(failing) <= _EXPECTED
    print(f"control 'fail' {'flagged' if flagged else 'MISSED'}: {dict(failing)}")
    print("kept" if kept and flagged else "NOT KEPT")
    return int(not (kept and flagged))


if __name__ == "__main__":
    sys.exit(main())
