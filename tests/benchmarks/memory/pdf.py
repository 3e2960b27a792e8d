"""Measures the memory of drawing pages of PDF files, and compares it with what the server plans for.

Fails if something takes more.

    python -m tests.benchmarks.memory.pdf
"""

import io
import sys
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

from edgeocr.model.files.document_options import ALL_PAGES
from edgeocr.model.files.pdf import PdfDocument, draw
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from edgeocr.server.host.heap import tune
from tests.benchmarks.memory.per_pixel import noise, peak_bytes
from tests.support.files.pdfs import PdfPageSpec, one_object_page, pdf

_ROUNDING = 8 << 20
"""Bytes by which fonts, tables, and what is allocated once may blur a measurement."""
_LAYER = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Group<</S/Transparency/I true>>"


def samples() -> Iterator[tuple[str, bytes]]:
    """Names and files of one page, A4."""
    yield "text", pdf([PdfPageSpec([("x" * 40, 40, 20 * row) for row in range(40)], width=595, height=842, size=12)])
    yield "layer", one_object_page(_LAYER, b"0.5 g 0 0 500 800 re f", transparent=True)
    for side in (2000, 4400, 6000):
        colours = noise(side, side)
        grey = np.ascontiguousarray(colours[:, :, 0])
        yield f"{side}² jpeg", _image(side, b"DeviceRGB", b"DCTDecode", _saved(colours, "jpeg"))
        yield f"{side}² jpeg grey", _image(side, b"DeviceGray", b"DCTDecode", _saved(grey, "jpeg"))
        bits = np.packbits(grey > 127, axis=1).tobytes()
        yield f"{side}² flate 1 bit", _image(side, b"DeviceGray", b"FlateDecode", zlib.compress(bits, 1), 1)
    for side in (2000, 3000):
        colours = noise(side, side)
        grey = np.ascontiguousarray(colours[:, :, 0])
        yield f"{side}² jpeg 2000", _image(side, b"DeviceRGB", b"JPXDecode", _saved(colours, "jpeg2000"))
        yield f"{side}² jpeg 2000 grey", _image(side, b"DeviceGray", b"JPXDecode", _saved(grey, "jpeg2000"))
        yield f"{side}² flate", _image(side, b"DeviceRGB", b"FlateDecode", zlib.compress(colours.tobytes(), 1))


def _image(side: int, colours: bytes, coding: bytes, data: bytes, bits: int = 8) -> bytes:
    entries = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent %d/ColorSpace/%s/Filter/%s"
    return one_object_page(entries % (side, side, bits, colours, coding), data)


def _saved(pixels: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def main() -> int:
    tune()
    failed = False
    print(f"{'page':22} {'scale':>5} {'measured MB':>12} {'planned MB':>12}")
    for name, data in samples():
        source, header = PdfDocument(data, ALL_PAGES, Limits()).page(0, Mode.PAGE)
        for reduction in (1, 2, 4):
            taken = peak_bytes(lambda source=source, scale=reduction: draw(source, scale, lambda: None), runs=1)
            pixels = header.width * header.height
            planned = header.pixel_bytes * pixels / reduction**2 + header.source_pixel_bytes * pixels
            failed |= taken > planned + _ROUNDING
            print(f"{name:22} {reduction:5} {taken / 1e6:12.1f} {planned / 1e6:12.1f}")
    print("\nfails: something takes more than planned" if failed else "\nnothing takes more")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
