"""Files of several pages for tests."""

import io
import struct
from collections.abc import Sequence

from PIL import Image

from tests.support.rendering import Pixels, page

_STRIP_OFFSETS = 273


def text_page(text: str) -> Pixels:
    """A small page with one line."""
    return page([(text, (40, 60))], 400, 200)


def tiff(pages: Sequence[Pixels]) -> bytes:
    """A TIFF file of several pages."""
    first, *others = [Image.fromarray(pixels[:, :, ::-1]) for pixels in pages]
    file = io.BytesIO()
    first.save(file, "tiff", save_all=True, append_images=others, compression="tiff_lzw")
    return file.getvalue()


def damage_page(data: bytes, index: int) -> bytes:
    """The TIFF file with one page whose pixels are said to be behind the file's end."""
    begin, end = _directory(data, index)
    damaged = bytearray(data)
    for place in range(begin + 2, end, 12):
        if struct.unpack_from("<H", data, place)[0] == _STRIP_OFFSETS:
            struct.pack_into("<I", damaged, place + 8, len(data) - 1)
    return bytes(damaged)


def lead_nowhere(data: bytes, index: int) -> bytes:
    """The TIFF file with a page after which the next one is said to be behind the file's end."""
    damaged = bytearray(data)
    struct.pack_into("<I", damaged, _directory(data, index)[1], len(data) + 8)
    return bytes(damaged)


def _directory(data: bytes, index: int) -> tuple[int, int]:
    """Where a page's directory begins, and where its entries end."""
    (begin,) = struct.unpack_from("<I", data, 4)
    end = _entries_end(data, begin)
    for _ in range(index):
        (begin,) = struct.unpack_from("<I", data, end)
        end = _entries_end(data, begin)
    return begin, end


def _entries_end(data: bytes, begin: int) -> int:
    return begin + 2 + 12 * int(struct.unpack_from("<H", data, begin)[0])
