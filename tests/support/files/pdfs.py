"""PDF files for tests, written here byte by byte."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from tests.support.rendering import Pixels

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_IDENTIFIER = b"0123456789abcdef"


@dataclass(frozen=True)
class PdfPageSpec:
    """A page of points: texts at their baselines' left ends, from the bottom left, over an image that fills it."""

    texts: Sequence[tuple[str, int, int]] = ()
    image: Pixels | None = None
    width: int = 400
    height: int = 200
    rotation: int = 0
    size: int = 24


DAMAGED = object()
"""A page that cannot be loaded."""


def pdf(pages: Sequence[object], password: str | None = None) -> bytes:
    """A file of pages, encrypted with 40 bits of RC4 if there is a password (ISO 32000-1, section 7.6.3)."""
    objects: dict[int, bytes] = {}
    kids = []
    for number, page in enumerate(pages):
        place = 10 + 4 * number
        kids.append(f"{place} 0 R".encode())
        if page is DAMAGED:
            objects[place] = b"(no page)"
            continue
        assert isinstance(page, PdfPageSpec)
        objects |= _page(page, place)
    objects[1] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[2] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), b" ".join(kids))
    objects[3] = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    trailer = b"/Root 1 0 R/ID[<%s><%s>]" % ((_IDENTIFIER.hex().encode(),) * 2)
    if password is not None:
        objects[4], key = _encryption(password.encode())
        objects = {number: _encrypted(number, data, key) for number, data in objects.items()}
        trailer += b"/Encrypt 4 0 R"
    return file_of(objects, trailer)


def one_object_page(entries: bytes, data: bytes, *, transparent: bool = False) -> bytes:
    """A file of one page, A4, that an object fills: an image or a form, with its dictionary's entries and its data."""
    scale, state = (
        (b"/G gs", b"/ExtGState<</G<</ca 0.5/BM/Multiply>>>>") if transparent else (b"595 0 0 842 0 0 cm", b"")
    )
    return file_of(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Count 1/Kids[10 0 R]>>",
            10: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 11 0 R"
            b"/Resources<</XObject<</I 12 0 R>>%s>>>>" % state,
            11: stream_of(b"", b"q %s /I Do Q" % scale),
            12: stream_of(entries, data),
        },
        b"/Root 1 0 R",
    )


def _page(page: PdfPageSpec, place: int) -> dict[int, bytes]:
    content = b"".join(
        b"BT /F %d Tf %d %d Td (%s) Tj ET\n" % (page.size, x, y, text.encode("latin-1")) for text, x, y in page.texts
    )
    resources = b"/Font<</F 3 0 R>>"
    made = {}
    if page.image is not None:
        content = b"q %d 0 0 %d 0 0 cm /I Do Q\n" % (page.width, page.height) + content
        resources += b"/XObject<</I %d 0 R>>" % (place + 2)
        done, data = cv2.imencode(".jpg", page.image)
        assert done
        made[place + 2] = stream_of(
            b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/DCTDecode"
            % (page.image.shape[1], page.image.shape[0]),
            data.tobytes(),
        )
    made[place] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Rotate %d/Contents %d 0 R/Resources<<%s>>>>" % (
        page.width,
        page.height,
        page.rotation,
        place + 1,
        resources,
    )
    made[place + 1] = stream_of(b"/Filter/FlateDecode", zlib.compress(content))
    return made


def stream_of(entries: bytes, data: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def file_of(objects: dict[int, bytes], trailer: bytes) -> bytes:
    parts, offset = [b"%PDF-1.4\n"], 9
    table = [b"0 1\n0000000000 65535 f \n"]
    for number, data in sorted(objects.items()):
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, data))
        table.append(b"%d 1\n%010d 00000 n \n" % (number, offset))
        offset += len(parts[-1])
    parts.append(
        b"xref\n%strailer<</Size %d%s>>\nstartxref\n%d\n%%%%EOF\n"
        % (b"".join(table), max(objects) + 1, trailer, offset)
    )
    return b"".join(parts)


def _encryption(password: bytes) -> tuple[bytes, bytes]:
    """The dictionary of the standard handler's second revision, and the file's key."""
    padded = (password + _PADDING)[:32]
    owner = _rc4(_md5(padded)[:5], padded)
    key = _md5(padded + owner + (-4).to_bytes(4, "little", signed=True) + _IDENTIFIER)[:5]
    user = _rc4(key, _PADDING)
    return b"<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -4>>" % (owner.hex().encode(), user.hex().encode()), key


def _encrypted(number: int, data: bytes, key: bytes) -> bytes:
    head, mark, rest = data.partition(b">>stream\n")
    if not mark:
        return data
    own_key = _md5(key + number.to_bytes(3, "little") + bytes(2))[:10]
    return head + mark + _rc4(own_key, rest.removesuffix(b"\nendstream")) + b"\nendstream"


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
